"""What a sandbox runs, as a file that outlives whoever started it.

Must never be half-written: it appears by rename.
"""

import os
from pathlib import Path

from tradai_iac.base import Frozen
from tradai_iac.runner.journal import ProcessMark, is_alive


class ProcessRecord(Frozen):
    """One process: its command tells whether it still is what it should be."""

    command: tuple[str, ...]
    mark: ProcessMark

    @property
    def alive(self) -> bool:
        """Whether exactly this process still lives."""
        return is_alive(self.mark)


class SandboxState(Frozen):
    """Ports, processes by name, and the choices of the last `up`.

    `complete` once everything ran: from then on a dead process is a dead one, not a start cut off. `forgotten` from
    when the AWS endpoint is found dead until the environments were told.
    """

    ports: dict[str, int] = {}
    processes: dict[str, ProcessRecord] = {}
    latency: str = "0ms"
    operator: bool = True
    complete: bool = False
    forgotten: bool = False

    def runs(self, name: str) -> bool:
        """Whether the recorded process of `name` lives."""
        return name in self.processes and self.processes[name].alive

    def with_process(self, name: str, record: ProcessRecord) -> "SandboxState":
        """This state, and `name` running as `record`."""
        return self.model_copy(update={"processes": self.processes | {name: record}})

    def without(self, name: str) -> "SandboxState":
        """This state without process `name`."""
        return self.model_copy(update={"processes": {n: r for n, r in self.processes.items() if n != name}})


def load(path: Path) -> SandboxState | None:
    """The state in `path`, None where there is no sandbox. Raises pydantic's ValidationError."""
    try:
        return SandboxState.model_validate_json(path.read_text())
    except FileNotFoundError:
        return None


def save(path: Path, state: SandboxState) -> None:
    """Replaces the state in `path`."""
    staged = path.with_suffix(f".{os.getpid()}.tmp")
    staged.write_text(state.model_dump_json(indent=1) + "\n")
    staged.replace(path)
