"""The engine's operations of one run, and what it counts and complains of meanwhile.

Must never make a stack anew that the state bucket does not know for one that never was.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from pulumi import automation as auto

from tradai_iac.failure import Diagnosis, Failure
from tradai_runner.contract import DriftCheck, Operation, RunRequest
from tradai_runner.drift.look import Looking
from tradai_runner.engine.stack import Stack, operation
from tradai_runner.journal.local import Journal
from tradai_runner.journal.progress import Tally, observe
from tradai_runner.planning import Planning
from tradai_runner.record import Record
from tradai_runner.repair.collision import Collisions

#: What an operation works on at once: an engine would take four times its processors, which mostly wait for AWS.
_ABREAST: Final = 32
#: What makes a stack that never was.
_MAKES: Final = frozenset({"up", "preview"})


class Operations:
    """One run's; `tally` is what the last attempt counted, `tell` is called as it goes on."""

    def __init__(self, request: RunRequest, journal: Journal, tell: Callable[[], None]) -> None:
        self._request = request
        self._log = journal.log
        self._tell = tell
        self._diagnosis = Diagnosis()
        self._collisions = Collisions()
        self.tally = Tally()
        self.looking = Looking(request, journal)
        self.planning: Planning | None = None
        self._made = False

    def refused_creations(self) -> Sequence[Mapping[str, Any]]:
        """What AWS did not make since something of that name is there."""
        return self._collisions.of(self._diagnosis.taken())

    def begin_anew(self) -> None:
        """What an attempt that came to nothing has counted and complained of does not count."""
        self.tally, self._diagnosis, self._collisions = Tally(), Diagnosis(), Collisions()
        if self.planning:
            self.planning.begin_anew()
        self.looking.begin_anew()

    def reread(self, stack: Stack, urns: list[str]) -> Failure | None:
        """Reads the real state of some resources; nothing else is touched."""
        try:
            stack.refresh(
                target=urns,
                color="never",
                on_output=self._log,
                on_error=self._log,
                on_event=self._on_diagnostic,
            )
        except auto.CommandError as error:
            return self._diagnosis.failure(str(error))
        return None

    def operate(
        self,
        stack: Stack,
        record: Record,
        targets: list[str] | None,
        name: Operation | None = None,
        *,
        may_create: bool = True,
    ) -> Failure | None:
        """One operation, the run's own by default; an `up` of a stack that never was makes it, where it may."""
        name = name or self._request.operation
        if targets == []:
            return None
        if name in _MAKES and may_create and self._is_to_be_made(record):
            return self._create(stack, record) or self.operate(stack, record, targets, name, may_create=False)
        try:
            self._call(stack, targets, name)
        except auto.StackNotFoundError as error:
            if not record.is_new() or (name != "destroy" and (not may_create or isinstance(self._request, DriftCheck))):
                return self._diagnosis.failure(str(error))
            if name == "destroy":
                return None
            return self._create(stack, record) or self.operate(stack, record, targets, name, may_create=False)
        except auto.CommandError as error:
            return self._diagnosis.failure(str(error))
        return None

    def _is_to_be_made(self, record: Record) -> bool:
        """Whether an engine need not be started to find that the stack is not there."""
        return not self._made and not isinstance(self._request, DriftCheck) and record.seems_new()

    def _create(self, stack: Stack, record: Record) -> Failure | None:
        """Makes the stack, where nobody has meanwhile; by an engine in a backend that only engines know."""
        self._made = True
        if record.seems_new():
            record.make()
            return None
        try:
            stack.workspace.create_stack(stack.name)
        except auto.StackAlreadyExistsError:
            return None
        except auto.CommandError as error:
            return self._diagnosis.failure(str(error))
        return None

    def _call(self, stack: Stack, targets: list[str] | None, name: Operation) -> None:
        limit = {"target": targets} if targets else {}
        operation(stack, name)(
            **limit,
            parallel=_ABREAST,
            **(self.planning.options if self.planning else {}),
            **self.looking.options,
            color="never",
            on_output=self._log,
            on_error=self._log,
            on_event=self._on_event,
        )

    def _on_event(self, event: Any) -> None:
        if self.looking.observe(event):
            observe(self.tally, event)
        if self.planning:
            self.planning.observe(event)
        self._on_diagnostic(event)
        self._collisions.observe(event)
        self._tell()

    def _on_diagnostic(self, event: Any) -> None:
        if event.diagnostic_event and event.diagnostic_event.severity == "error":
            self._diagnosis.add(event.diagnostic_event.urn or "", event.diagnostic_event.message)
