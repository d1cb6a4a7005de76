"""How a function of moto's is started: its code, its runtime, its variables, its identity.

Must never give it a variable of the endpoint's own, but for PATH and the like.
"""

import os
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from tradai_sandbox.workloads.identity import SESSIONS
from tradai_sandbox.workloads.instance import Start
from tradai_sandbox.workloads.places import INJECTED, PLACES
from tradai_sandbox.workloads.recipes import Image
from tradai_sandbox.workloads.running import RECIPES
from tradai_sandbox.workloads.telemetry import Log

#: What a process needs of ours to find its interpreter's libraries, and by what a sandbox finds all its processes.
INHERITED: Final = ("PATH", "LANG", "SSL_CERT_FILE", "TRADAI_SANDBOX")
_TASK_ROOT: Final = "/var/task"
_NO_FILES: Final = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}


class CannotStartError(Exception):
    """Why a function cannot be started, as Lambda says it: `kind` is the type of the error."""

    def __init__(self, kind: str, said: str) -> None:
        super().__init__(said)
        self.kind = kind


@dataclass(frozen=True)
class _Code:
    """Where the code is, what runs it, where Python finds it, and what the image sets."""

    root: Path
    command: Sequence[str]
    path: Sequence[Path]
    variables: Mapping[str, str]


def version(function: Any) -> str:
    """Changes with everything that a process of the function is started with."""
    command = (function.image_config.entry_point, function.image_config.cmd)
    limits = (function.memory_size, function.timeout, function.role, function.handler)
    own = vars(function).setdefault("workloads_id", uuid4().hex)  # another one may have had its name
    return repr((own, function.code_sha_256, limits, command, sorted(function.environment_vars.items())))


def group_of(function: Any) -> str:
    """The log group of a function."""
    said: str | None = function.remembered.get("LoggingConfig", {}).get("LogGroup")
    return said or f"/aws/lambda/{function.function_name}"


def start(function: Any) -> Start:
    """What a process of the function is started with; raises CannotStartError, NoWorldError and NoRoleError."""
    scratch = Path(tempfile.mkdtemp(prefix="tradai-function-"))
    try:
        code = _archive(function, scratch) if hasattr(function, "code_bytes") else _image(function)
        ours = {"lambda:SourceFunctionArn": [function.function_arn]}
        session = SESSIONS.begin(function.role, function.function_name, function.region, ours)
    except BaseException:
        shutil.rmtree(scratch, ignore_errors=True)
        raise
    stream = f"{datetime.now(UTC):%Y/%m/%d}/[{function.version}]{uuid4().hex}"
    log = Log(function.account_id, function.region, group_of(function), stream)

    def over() -> None:
        SESSIONS.end(session)
        shutil.rmtree(scratch, ignore_errors=True)

    return Start(
        command=code.command,
        environment={**_variables(function, code, scratch, log), **session.variables},
        cwd=scratch,
        memory_mib=int(function.memory_size),
        timeout_s=float(function.timeout),
        say=log.write,
        over=over,
    )


def surroundings(environment: str, region: str, scratch: Path, path: Sequence[Path]) -> dict[str, str]:
    """What every workload is given: where AWS is, where its environment's services are, and where it may write."""
    return {
        **{name: os.environ[name] for name in INHERITED if name in os.environ},
        **PLACES.variables(environment),
        **_NO_FILES,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{os.environ['MOTO_PORT']}",
        "AWS_EC2_METADATA_DISABLED": "true",
        "HOME": str(scratch),
        "TMPDIR": str(scratch),
        "TZ": ":UTC",
        "PYTHONUNBUFFERED": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": os.pathsep.join(map(str, (INJECTED, *path))),
    }


def _archive(function: Any, scratch: Path) -> _Code:
    root = scratch / "task"
    try:
        with zipfile.ZipFile(BytesIO(function.code_bytes)) as code:
            code.extractall(root)
    except zipfile.BadZipFile as error:
        raise CannotStartError("Runtime.ImportModuleError", f"the code cannot be opened: {error}") from error
    return _Code(root, [sys.executable, str(INJECTED / "zip_runtime.py")], (), {})


def _image(function: Any) -> _Code:
    uri = function.code.get("ImageUri", "")
    image = RECIPES.image(f"sha256:{function.code_sha_256}")
    if image is None:
        raise CannotStartError("Runtime.InvalidEntrypoint", f"the local endpoint cannot run the image {uri}")
    words = list(function.image_config.cmd or image.recipe.command)
    if len(words) != 1:
        raise CannotStartError("Runtime.InvalidEntrypoint", f"the command of {uri} must be one handler, it is {words}")
    root = image.place(_TASK_ROOT)
    return _Code(root, [str(image.python), "-m", "awslambdaric", *words], (root,), variables_of(image))


def variables_of(image: Image) -> dict[str, str]:
    """What the image sets, its interpreter found first."""
    path = os.pathsep.join((str(image.python.parent), os.environ.get("PATH", os.defpath)))
    return {**image.recipe.variables, "PATH": path}


def _variables(function: Any, code: _Code, scratch: Path, log: Log) -> dict[str, str]:
    given: dict[str, str] = function.environment_vars
    return {
        **surroundings(given.get("ENVIRONMENT", ""), function.region, scratch, code.path),
        **code.variables,
        **given,
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.11",
        "AWS_LAMBDA_FUNCTION_NAME": function.function_name,
        "AWS_LAMBDA_FUNCTION_VERSION": str(function.version),
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_size),
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": log.group,
        "AWS_LAMBDA_LOG_STREAM_NAME": log.stream,
        "LAMBDA_TASK_ROOT": str(code.root),
        "LAMBDA_RUNTIME_DIR": str(INJECTED),
        "_HANDLER": function.handler or code.command[-1],
    }
