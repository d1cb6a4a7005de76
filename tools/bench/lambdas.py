"""`just bench lambdas`: what each function costs before it has asked AWS anything, beside a handler that does nothing.

Each runs as the sandbox runs it, by Lambda's own client in the functions' world, with the variables that are deployed
for it. It is sent an event that its model refuses, so that a warm invocation is its border alone. Must never reach AWS:
there is no endpoint behind its clients.
"""

import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from tools.bench.figures import Figure, Report
from tools.bench.lambda_figures import Cost, figures, variables
from tradai_blueprints.tradai.config.lambdas import LAMBDAS, LambdaFunction
from tradai_sandbox.layout import CHECKOUT
from tradai_sandbox.workloads.instance import Instance, Start

_FOLDER: Final = CHECKOUT / "lambdas"
_WORLD: Final = _FOLDER / ".venv" / "bin" / "python"
_BARE: Final = "def handle(event, context):\n    return {}\n"
_WARM: Final = 60
_FIRST_WARM: Final = 10
_INIT_SECONDS: Final = 60.0
_ARN: Final = "arn:aws:lambda:eu-central-1:123456789012:function:bench"
#: An event that is no object is refused by every model.
_REFUSED: Final = b"[]"
_BLOCK: Final = 1 << 20


def lambdas(_minutes: float) -> Report:
    """Figures of all functions that have a folder, and the samples behind them."""
    subprocess.run(["just", "world", "lambdas"], cwd=CHECKOUT, check=True)
    with tempfile.TemporaryDirectory() as room:
        (Path(room) / "bare.py").write_text(_BARE)
        bare = _measured("bare", "bare.handle", Path(room), 128, 30, {})
        costs = [_function(row, Path(room)) for row in LAMBDAS if not row.inline]
        sizes = dict(_sizes(Path(room)))
    found = [each for cost in costs for each in figures(cost, bare)]
    found += [Figure(f"lambdas {name}", "packages of the image", size, "MiB") for name, size in sizes.items()]
    return found, {"bare": bare.as_json(), **{cost.function: cost.as_json() for cost in costs}}


def _function(row: LambdaFunction, room: Path) -> Cost:
    folder = row.name.replace("-", "_")
    command = f"{folder}.handler.handle"
    return _measured(row.name, command, room, row.memory_mb, row.timeout_seconds, variables(row.name))


def _measured(function: str, handler: str, room: Path, memory: int, timeout: int, deployed: Mapping[str, str]) -> Cost:
    start = Start(
        command=[str(_WORLD), "-m", "awslambdaric", handler],
        environment={**_surroundings(function, room, memory), **deployed},
        cwd=room,
        memory_mib=memory,
        timeout_s=timeout,
        say=lambda _line: None,
    )
    began = time.monotonic()
    instance = Instance(start, _INIT_SECONDS)
    try:
        first = instance.invoke("first", _REFUSED, _ARN, "")
        cold = time.monotonic() - began
        warm = [instance.invoke(f"warm-{n}", _REFUSED, _ARN, "") for n in range(_WARM)][_FIRST_WARM:]
    finally:
        instance.end()
    last = warm[-1]
    samples = tuple(each.seconds for each in warm)
    return Cost(function, memory, timeout, cold, samples, max(first.peak_mib, last.peak_mib), last.payload[:300])


def _surroundings(function: str, room: Path, memory: int) -> dict[str, str]:
    """What Lambda says to every process, and credentials that nobody would take."""
    return {
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": f"{_FOLDER}:{room}",
        "PYTHONDONTWRITEBYTECODE": "",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_FUNCTION_NAME": function,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(memory),
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_REGION": "eu-central-1",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_ACCESS_KEY_ID": "bench",
        "AWS_SECRET_ACCESS_KEY": "bench",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "POWERTOOLS_TRACE_DISABLED": "true",
        "LAMBDA_TASK_ROOT": str(_FOLDER),
    }


def _sizes(room: Path) -> Iterator[tuple[str, float]]:
    """Function → MiB of what its lock installs; functions with the same lock are installed once."""
    known: dict[str, float] = {}
    for row in LAMBDAS:
        lock = _FOLDER / row.name.replace("-", "_") / "requirements.lock"
        if row.inline or not lock.is_file():
            continue
        if (text := lock.read_text()) not in known:
            target = room / f"packages-{len(known)}"
            words = ["uv", "pip", "install", "--quiet", "--python", str(_WORLD), "--target", str(target)]
            subprocess.run([*words, "--require-hashes", "--requirement", str(lock)], check=True)
            known[text] = sum(file.stat().st_size for file in target.rglob("*") if file.is_file()) / _BLOCK
        yield row.name, known[text]
