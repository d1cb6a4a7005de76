"""Tells how a sandbox is.

Must never change anything, and must never call a sandbox well because its processes were started once.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tradai_sandbox import credentials
from tradai_sandbox.errors import SandboxError
from tradai_sandbox.layout import Layout
from tradai_sandbox.services import SERVICES, Context, Service, operator
from tradai_sandbox.state import SandboxState, load
from tradai_sandbox.variables import variables

Health = Literal["running", "not answering", "dead"]


@dataclass(frozen=True)
class ProcessStatus:
    """One process as a person wants to see it."""

    name: str
    health: Health
    pid: int | None
    port: int | None


def status(root: Path) -> list[ProcessStatus]:
    """Every process that should run. Raises SandboxError where there is no sandbox."""
    state, context = _opened(root)
    wanted = [service for service in SERVICES if state.operator or service.name != operator.NAME]
    return [_of(service, state, context) for service in wanted]


def environment(root: Path) -> dict[str, str]:
    """The variables of `.sandbox/env`, PATH whole. Raises SandboxError where there is no sandbox."""
    _, context = _opened(root)
    return variables(context)


def _opened(root: Path) -> tuple[SandboxState, Context]:
    layout = Layout(root.resolve())
    state = load(layout.state)
    if state is None:
        raise SandboxError(f"no sandbox in {layout.root}: start one with `tradai sandbox up`")
    return state, Context(layout, state.ports, credentials.ensure(layout.credentials))


def _of(service: Service, state: SandboxState, context: Context) -> ProcessStatus:
    record = state.processes.get(service.name)
    if not record or not record.alive:
        health: Health = "dead"
    else:
        health = "running" if service.ready(context) else "not answering"
    return ProcessStatus(
        name=service.name,
        health=health,
        pid=record.mark.pid if record else None,
        port=context.ports[service.ports[0]] if service.ports else None,
    )
