"""Which runs elsewhere were proven dead: by whoever started them and saw their container end (DESIGN §5).

A note has two uses: it removes just the locks that this run can have left, and the run that it names stops, or never
begins, should its container start late. Must never be written for a run whose container may still be there, nor be
removed while either use may come.
"""

from collections.abc import Iterable

from pydantic import ValidationError

from tradai_iac.base import Frozen
from tradai_runner.bucket.keys import dead_runs_prefix, journal_prefix, locks_prefix
from tradai_runner.bucket.store import Store


class DeadRun(Frozen):
    """One dead run: the user and host that it was, and its span in seconds since the epoch by its own clock.

    `executor` is who saw that it is gone. A run that never spoke has no host, and so can have left no lock.
    """

    run_id: str
    executor: str
    user: str = ""
    host: str = ""
    since: float = 0.0
    until: float = 0.0

    def took(self, user: str, host: str, moment: float | None) -> bool:
        """Whether a lock of that holder and time can only have been taken by this run: its host is its container."""
        if not self.host or moment is None:
            return False
        return (self.user, self.host) == (user, host) and self.since <= moment <= self.until


def declare_dead(store: Store, project: str, stack: str, death: DeadRun) -> None:
    """Notes that the run is dead; raises botocore's errors."""
    store.put(_key(project, stack, death.run_id), death.model_dump_json().encode())


def is_declared_dead(store: Store, project: str, stack: str, run_id: str) -> bool:
    """Whether the run was declared dead; raises botocore's errors."""
    return store.get(_key(project, stack, run_id)) is not None


def find_dead_runs(store: Store, project: str, stack: str) -> list[DeadRun]:
    """All notes of one stack; what is no note is no proof."""
    found = []
    for key in store.keys(dead_runs_prefix(project, stack)):
        try:
            found.append(DeadRun.model_validate_json(store.get(key) or b""))
        except ValidationError:
            continue
    return found


def spent(store: Store, project: str, stack: str, keys: Iterable[str], before: float) -> list[str]:
    """Those of the notes of one stack that can be of no use any more; raises botocore's errors.

    No lock stands on the stack, so none of the run's does; and whatever lock comes is younger than `before`, until when
    the run was over: it is not the run's. Its journal is gone, and a container that starts late finds no request.
    What is no note has no end that could be told, so it stays.
    """
    old = [key for key in keys if _ended_before(store.get(key), before)]
    if not old or store.keys(locks_prefix(project, stack)):
        return []
    return [key for key in old if not store.keys(journal_prefix(project, stack, _run_of(key)))]


def _ended_before(body: bytes | None, moment: float) -> bool:
    try:
        return DeadRun.model_validate_json(body or b"").until < moment
    except ValidationError:
        return False


def _run_of(key: str) -> str:
    return key.rpartition("/")[2].removesuffix(".json")


def _key(project: str, stack: str, run_id: str) -> str:
    return f"{dead_runs_prefix(project, stack)}{run_id}.json"
