"""Folds the engine's events into counts: how many resources a run has to do with, and how many it is done with.

Pure but for the counter that the program feeds while it registers. Must never keep an event: a run has thousands.
"""

import threading
from typing import Any, Final

from tradai_runner.contract import ResourceCounts

#: Engine operation → the count that it belongs to. What is absent (reads, discards) counts as done and nothing else.
_COUNTS: Final = {
    "create": "created",
    "import": "created",
    "update": "updated",
    "refresh": "unchanged",
    "same": "unchanged",
    "replace": "replaced",
    "delete": "deleted",
}
#: Steps that belong to a replacement already counted as such.
_PARTS: Final = frozenset({"create-replacement", "delete-replaced", "discard-replaced", "import-replacement"})
_STACK_TYPE: Final = "pulumi:pulumi:Stack"


class Tally:
    """Counts one run; safe for the threads that the engine's events and the program's registrations come from."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._registered = 0
        self._seen: set[str] = set()
        self._done: set[str] = set()
        self._counts = dict.fromkeys(("created", "updated", "replaced", "deleted", "unchanged"), 0)
        self.current = ""

    def registered(self) -> None:
        """The program registered one resource."""
        with self._lock:
            self._registered += 1

    def started(self, urn: str, operation: str) -> None:
        """The engine began a step."""
        with self._lock:
            if _countable(urn, operation):
                self._seen.add(urn)
                self.current = urn if operation not in {"same", "refresh"} else self.current

    def finished(self, urn: str, operation: str) -> None:
        """The engine ended a step well."""
        with self._lock:
            if not _countable(urn, operation) or urn in self._done:
                return
            self._done.add(urn)
            if count := _COUNTS.get(operation):
                self._counts[count] += 1

    def counts(self) -> ResourceCounts:
        """Where the run stands."""
        with self._lock:
            total = max(self._registered, len(self._seen))
            return ResourceCounts(total=total, done=len(self._done), **self._counts)


def _countable(urn: str, operation: str) -> bool:
    return operation not in _PARTS and f"::{_STACK_TYPE}::" not in urn and "::pulumi:providers:" not in urn


def short_name(urn: str) -> str:
    """`aws:s3/bucket:Bucket configs` from a whole URN, for people."""
    type_chain, _, name = urn.partition("::")[2].partition("::")[2].partition("::")
    return f"{type_chain.rpartition('$')[2]} {name}".strip()


def observe(tally: Tally, event: Any) -> None:
    """Takes one engine event (pulumi.automation.events.EngineEvent)."""
    if event.resource_pre_event:
        step = event.resource_pre_event.metadata
        tally.started(step.urn, step.op.value)
    elif event.res_outputs_event:
        step = event.res_outputs_event.metadata
        tally.finished(step.urn, step.op.value)
