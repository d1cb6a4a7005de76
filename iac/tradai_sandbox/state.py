"""What a sandbox runs, as a file that outlives whoever started it.

Must never be half-written: it appears by rename.
"""

import os
from pathlib import Path

from pydantic import Field

from tradai_iac.base import Frozen
from tradai_runner.journal.local import ProcessMark, is_alive

_BOOT = Path("/proc/sys/kernel/random/boot_id")


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
    when the AWS endpoint is found dead until the environments were told. `boot` is the machine's, the present one where
    the file says none: processes of another boot are dead, whoever has their pids and start times now.
    """

    ports: dict[str, int] = {}
    processes: dict[str, ProcessRecord] = {}
    latency: str = "0ms"
    operator: bool = True
    enforce_iam: bool = False
    complete: bool = False
    forgotten: bool = False
    boot: str = Field(default_factory=lambda: _boot())

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
        state = SandboxState.model_validate_json(path.read_text())
    except FileNotFoundError:
        return None
    boot = _boot()
    return state if state.boot == boot else state.model_copy(update={"processes": {}, "boot": boot})


def save(path: Path, state: SandboxState) -> None:
    """Replaces the state in `path`."""
    staged = path.with_suffix(f".{os.getpid()}.tmp")
    staged.write_text(state.model_dump_json(indent=1) + "\n")
    staged.replace(path)


def _boot() -> str:
    """Which start of this machine it is, empty where the kernel does not tell."""
    try:
        return _BOOT.read_text().strip()
    except OSError:
        return ""
