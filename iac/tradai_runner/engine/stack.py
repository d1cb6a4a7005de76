"""One Pulumi stack as the runner uses it: the Automation API without the calls whose answers we already have.

After an update the Automation API asks the CLI for the outputs (twice) and for the history; the program has told us
the outputs already, and each question costs a process and several requests to the backend. Must never hold a
secret: the passphrase goes to the engine by file or environment.
"""

import os
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml
from pulumi import automation as auto

from tradai_iac.backend import engine_url
from tradai_runner.contract import RunRequest
from tradai_runner.engine.process import Engine
from tradai_runner.engine.stack_config import stack_config
from tradai_runner.lock.registry import RunRegistry
from tradai_runner.state.kms import url_of
from tradai_runner.stateport.beside import Beside


class Stack(auto.Stack):
    """A stack that is neither selected before an operation nor questioned after it: `--stack` names it."""

    def __init__(self, name: str, workspace: auto.Workspace) -> None:
        self.name = name
        self.workspace = workspace

    def outputs(self) -> auto.OutputMap:
        """Nothing: the program's own exports are collected in this process."""
        return {}

    def info(self, show_secrets: bool = True) -> auto.UpdateSummary:  # noqa: ARG002 - the base class has it
        """A summary without questions; the events told us more."""
        return auto.UpdateSummary("update", datetime.now(UTC), "", {}, {}, "succeeded")


def open_stack(
    request: RunRequest,
    project: str,
    program: Callable[[], None],
    salt: str | None = None,
    called_off: Callable[[], bool] = lambda: False,
    port: Beside | None = None,
) -> Stack:
    """The stack of this request with its inline program; the stack itself may not exist yet.

    `salt` is that of the run whose plan is to be opened (its wrapped key, where a key opens the state); without one the
    engine makes its own. No engine begins once
    `called_off` says so; each reaches its state by `port`, where there is one. A passphrase that the request does not
    name is dropped from this process's environment.
    """
    if request.passphrase_file:
        os.environ.pop("PULUMI_CONFIG_PASSPHRASE", None)  # the engine would prefer it to the file, whoever set it
    backend = port.backend if port else engine_url(request.backend_url, request.region, request.endpoint_url)
    settings = auto.ProjectSettings(name=project, runtime="python", backend=auto.ProjectBackend(backend))
    workspace = auto.LocalWorkspace(
        program=program,
        work_dir=tempfile.mkdtemp(prefix="tradai-run-"),
        project_settings=settings,
        stack_settings={request.environment: settings_of(request, salt)},
        env_vars=environment_of(request, backend),
        pulumi_command=Engine(
            request.run_id,
            RunRegistry.of(request.backend_url, project, request.environment, request.endpoint_url),
            called_off,
            port,
        ),
    )
    return Stack(request.environment, workspace)


def settings_of(request: RunRequest, salt: str | None) -> auto.StackSettings:
    """What stands in `Pulumi.<env>.yaml`, with what opens the state and, by `salt`, a plan."""
    config = stack_config(request)
    if request.kms_key is None:
        return auto.StackSettings(encryption_salt=salt, config=config)
    return auto.StackSettings(secrets_provider=url_of(request.kms_key), encrypted_key=salt, config=config)


def salt_of(stack: Stack) -> str | None:
    """The salt, or the wrapped key, that the engine chose for this run; with passphrase or key it opens what the run
    encrypted."""
    workspace: auto.Workspace = stack.workspace
    path = Path(workspace.work_dir) / f"Pulumi.{stack.name}.yaml"
    settings = yaml.safe_load(path.read_text()) if path.exists() else None
    return (settings or {}).get("encryptionsalt") or (settings or {}).get("encryptedkey")


def environment_of(request: RunRequest, backend: str) -> dict[str, str]:
    """What an engine is told beside what it inherits.

    The backend stands here too: the engine takes a PULUMI_BACKEND_URL around it for more than the project's.
    """
    env = {
        "PULUMI_BACKEND_URL": backend,
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "false",
    }
    if request.passphrase_file:
        env["PULUMI_CONFIG_PASSPHRASE_FILE"] = request.passphrase_file
    if request.kms_key and request.endpoint_url:  # the state says which key, and never where AWS is
        env["AWS_ENDPOINT_URL_KMS"] = request.endpoint_url
    return env


def passphrase(request: RunRequest) -> str:
    """The passphrase of the state, as the engine finds it: by hand the variable goes before the file.

    Raises KeyError where there is neither.
    """
    file = request.passphrase_file
    if file is None and "PULUMI_CONFIG_PASSPHRASE" not in os.environ:
        file = os.environ.get("PULUMI_CONFIG_PASSPHRASE_FILE")
    if file:
        return Path(file).read_text().rstrip("\n")
    return os.environ["PULUMI_CONFIG_PASSPHRASE"]


def operation(stack: Stack, name: str) -> Callable[..., Any]:
    """The stack's method for an operation of the contract."""
    table: dict[str, Callable[..., Any]] = {
        "up": stack.up,
        "preview": stack.preview,
        "refresh": stack.refresh,
        "destroy": stack.destroy,
    }
    return table[name]
