"""What is left of old runs in the state bucket: the newest stay, the rest goes.

Names tell the age: an engine's file has nanoseconds in it, a run's id its second. Must never delete what has no such
name, anything of the last days (a plan that waits is younger than those), a state, or a proof of death that a lock or
a late container may still call for.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from tradai_runner.bucket.keys import dead_runs_prefix, unsaved_key
from tradai_runner.bucket.store import Store
from tradai_runner.lock.dead_runs import spent
from tradai_runner.repair.opened import opened_runs

#: How many runs of a layer leave something behind where nobody says otherwise.
RUNS: Final = 50
#: What is younger stays, however many there are: everything that a status may refer to as good to act upon is.
YOUNG_SECONDS: Final = 2 * 86400.0
#: One run clears no more than that: the first one finds years of them.
AT_ONCE: Final = 200

_NANOSECONDS: Final = re.compile(r"[-.](\d{19})\.")
_RUN: Final = re.compile(r"(\d{8}T\d{6})-[0-9a-z]+")


def places(project: str, stack: str) -> tuple[str, ...]:
    """Where the engine and our runs leave things of one stack."""
    return tuple(
        f"{root}/{project}/{stack}/"
        for root in (".pulumi/history", ".pulumi/backups", ".tradai/runs", ".tradai/backups", ".tradai/unsaved")
    )


def prune(store: Store, project: str, stack: str, runs: int, now: float) -> int:
    """Removes what is older than the newest `runs` of each place; returns how many objects went.

    Raises botocore's ClientError and connection errors.
    """
    doomed = [key for place in places(project, stack) for key in outdated(store.keys(place), runs, now)]
    doomed = _without_awaited(store, project, stack, doomed)
    old = outdated(store.keys(dead_runs_prefix(project, stack)), runs, now)[:AT_ONCE]
    doomed += spent(store, project, stack, old, now - YOUNG_SECONDS) if old else []
    doomed = doomed[:AT_ONCE]
    for key in doomed:
        store.delete(key)
    return len(doomed)


def _without_awaited(store: Store, project: str, stack: str, doomed: list[str]) -> list[str]:
    """What an open run could not save is looked up by a repair first."""
    unsaved = {unsaved_key(project, stack, run) for run in opened_runs(store, project, stack)} if doomed else set()
    return [key for key in doomed if key not in unsaved]


def outdated(keys: Iterable[str], runs: int, now: float) -> list[str]:
    """The keys of one place that may go, the oldest first; files of one run go together."""
    dated = sorted((moment, key) for key in keys if (moment := _moment(key)) is not None)
    kept = set(sorted({moment for moment, _ in dated})[-runs:])
    return [key for moment, key in dated if moment not in kept and now - moment > YOUNG_SECONDS]


def _moment(key: str) -> float | None:
    """When it was made, seconds since the epoch."""
    if found := _NANOSECONDS.search(key):
        return int(found[1]) / 1e9
    if found := _RUN.search(key):
        return datetime.strptime(found[1], "%Y%m%dT%H%M%S").replace(tzinfo=UTC).timestamp()
    return None
