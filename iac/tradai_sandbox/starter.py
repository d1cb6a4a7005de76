"""Starts services that do not run as they should, and remembers which.

Must never forget a process: it is recorded before anything waits for it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from tradai_sandbox import processes
from tradai_sandbox.errors import SandboxError
from tradai_sandbox.layout import Layout
from tradai_sandbox.ports import find, is_free
from tradai_sandbox.services import SERVICES, Context, Service
from tradai_sandbox.state import ProcessRecord, SandboxState, save
from tradai_sandbox.variables import inherited

_READY_SECONDS = 120.0
#: A process with threads keeps its port for a moment after it looks dead.
_FREE_SECONDS = 5.0
_LOG_LINES = 12
_AFRESH = "`tradai sandbox down` forgets this sandbox, and the next start begins afresh"
#: The audit log's writer and etcd want to end by themselves when AWS and the operator stay.
_STOP_SECONDS = 10.0


@dataclass
class Starter:
    """The sandbox being started: its state so far and what this call started."""

    layout: Layout
    state: SandboxState
    started: list[str] = field(default_factory=list)

    def choose_ports(self) -> Mapping[str, int]:
        """Every service's ports: kept while they serve or are free, so that clients need not notice a restart."""
        ports = dict(self.state.ports)
        for service in SERVICES:
            for name in service.ports:
                if name not in ports or not (self.runs(service.name) or _comes_free(ports[name])):
                    ports[name] = find(set(ports.values()))
        self._keep(self.state.model_copy(update={"ports": ports}))
        return ports

    def runs(self, name: str) -> bool:
        """Whether the recorded process of `name` lives."""
        return self.state.runs(name)

    def behind(self, services: Iterable[Service], context: Context) -> list[Service]:
        """Those that do not run with their present command."""
        return [service for service in services if not self._current(service, context)]

    def start(self, services: Iterable[Service], context: Context) -> None:
        """Start these; what still runs under their names ends first."""
        for service in services:
            self.stop(service.name)
            self._spawn(service, context)

    def await_ready(self, services: Iterable[Service], context: Context) -> None:
        """Wait until all answer. Raises SandboxError with a log's end when one dies or takes too long."""
        for service in services:
            if not processes.wait(self._settled(service, context), _READY_SECONDS):
                raise SandboxError(f"{service.name} does not answer\n{self._log_end(service.name)}\n{_AFRESH}")
            if not self.runs(service.name):
                raise SandboxError(f"{service.name} ended at once\n{self._log_end(service.name)}\n{_AFRESH}")

    def stop(self, name: str) -> None:
        """End `name` if it runs, and forget it."""
        if record := self.state.processes.get(name):
            processes.stop([record.mark], _STOP_SECONDS)
            self._keep(self.state.without(name))

    def stop_started(self) -> None:
        """End what this call started, the last one first."""
        for name in reversed(self.started):
            self.stop(name)

    def keep(self, **changes: bool) -> None:
        """Record a change of the state's flags."""
        self._keep(self.state.model_copy(update=changes))

    def _current(self, service: Service, context: Context) -> bool:
        return self.runs(service.name) and self.state.processes[service.name].command == service.command(context)

    def _spawn(self, service: Service, context: Context) -> None:
        command = service.command(context)
        environment = inherited() | dict(service.environment(context))
        environment[processes.MARKER] = str(self.layout.root)
        try:
            mark = processes.spawn(command, environment, self.layout.log(service.name), self.layout.root)
        except OSError as error:
            raise SandboxError(f"{service.name} cannot be started: {command[0]}: {error.strerror}") from None
        self._keep(self.state.with_process(service.name, ProcessRecord(command=command, mark=mark)))
        self.started.append(service.name)

    def _settled(self, service: Service, context: Context) -> Callable[[], bool]:
        return lambda: service.ready(context) or not self.runs(service.name)

    def _log_end(self, name: str) -> str:
        lines = self.layout.log(name).read_text(errors="replace").splitlines()[-_LOG_LINES:]
        return "\n".join([f"the end of {self.layout.log(name)}:", *(f"  {line}" for line in lines)])

    def _keep(self, state: SandboxState) -> None:
        self.state = state
        save(self.layout.state, state)


def _comes_free(port: int) -> bool:
    return processes.wait(lambda: is_free(port), _FREE_SECONDS)
