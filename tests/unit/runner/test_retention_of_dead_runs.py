"""Which proofs of death go from the state bucket: none that a lock, or a container that starts late, may call for."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.unit.runner.objects import Objects
from tradai_runner.bucket.keys import journal_key, locks_prefix
from tradai_runner.lock.dead_runs import DeadRun, declare_dead, find_dead_runs, is_declared_dead
from tradai_runner.lock.registry import RunRegistry
from tradai_runner.lock.stack import remove_dead
from tradai_runner.retention import AT_ONCE, YOUNG_SECONDS, prune

PROJECT, STACK = "tradai-compute", "dev"
NOW, DAY = 1_800_000_000.0, 86400.0


def run_of(days: float) -> str:
    return f"{datetime.fromtimestamp(NOW - days * DAY, UTC):%Y%m%dT%H%M%S}-3f9a"


def died(store: Any, days: float, *, ended: float | None = None, host: str = "pod-1") -> str:
    """A run that began so many days ago and died an hour later, or when it is said."""
    began = NOW - days * DAY
    until = NOW - ended * DAY if ended is not None else began + 3600
    span = {"user": "runner", "host": host, "since": began, "until": until} if host else {}
    declare_dead(store, PROJECT, STACK, DeadRun(run_id=run_of(days), executor="kubernetes", **span))
    return run_of(days)


def pruned(store: Any, runs: int = 1) -> list[str]:
    """What is left, by run."""
    prune(store, PROJECT, STACK, runs, NOW)
    return sorted(death.run_id for death in find_dead_runs(store, PROJECT, STACK))


def locked(store: Any, days: float, host: str = "pod-1") -> str:
    key = f"{locks_prefix(PROJECT, STACK)}x.json"
    at = datetime.fromtimestamp(NOW - days * DAY, UTC).isoformat()
    store[key] = json.dumps({"pid": 7, "username": "runner", "hostname": host, "timestamp": at}).encode()
    return key


def test_the_newest_notes_stay_and_older_ones_go() -> None:
    store: Any = Objects()
    died(store, 9), died(store, 8)
    kept = [died(store, days) for days in (7, 6)]
    assert pruned(store, runs=2) == kept


def test_what_is_young_stays_however_many_there_are() -> None:
    store: Any = Objects()
    runs = [died(store, hours / 24) for hours in range(47, 1, -1)]
    assert pruned(store) == runs


def test_while_any_lock_stands_on_the_stack_no_note_goes(tmp_path: Path) -> None:
    store: Any = Objects()
    old, _ = died(store, 9), died(store, 8)
    lock = locked(store, 9 - 0.5 / 24)
    assert old in pruned(store)
    gone, standing = remove_dead(store, PROJECT, STACK, RunRegistry(tmp_path))
    assert ([found.key for found in gone], standing) == ([lock], []), "the note still removes the lock of its run"
    assert old not in pruned(store)


def test_a_run_of_long_ago_that_died_just_now_keeps_its_note() -> None:
    store: Any = Objects()
    long, newer = died(store, 9, ended=0.01), died(store, 8)
    assert pruned(store) == [long, newer]


@pytest.mark.parametrize("file", ["place.json", "request.json", "beat.json"])
def test_a_run_whose_journal_stands_keeps_its_note_since_its_container_may_start_late(file: str) -> None:
    store: Any = Objects()
    old, newer = died(store, 9, host=""), died(store, 8)
    key = journal_key(PROJECT, STACK, old, file)
    store[key] = b"{}"
    assert pruned(store, runs=1) == [old, newer]
    assert is_declared_dead(store, PROJECT, STACK, old)
    store.delete(key)
    assert pruned(store, runs=1) == [newer]


def test_what_is_no_note_and_what_tells_no_age_stays() -> None:
    store: Any = Objects()
    kept = [f".tradai/dead/{PROJECT}/{STACK}/{name}.json" for name in (run_of(9), "by-hand")]
    store |= dict.fromkeys(kept, b"{}")
    died(store, 8), died(store, 7)
    pruned(store)
    assert set(kept) < set(store)


def test_other_stacks_keep_theirs() -> None:
    store: Any = Objects()
    declare_dead(store, PROJECT, "prod", DeadRun(run_id=run_of(9), executor="ecs"))
    died(store, 9), died(store, 8)
    assert pruned(store) == [run_of(8)]
    assert is_declared_dead(store, PROJECT, "prod", run_of(9))


def test_one_run_clears_no_more_than_the_bound() -> None:
    store: Any = Objects()
    for number in range(AT_ONCE + 10):
        died(store, 3 + number / 100)
    assert prune(store, PROJECT, STACK, 1, NOW) == AT_ONCE
    assert prune(store, PROJECT, STACK, 1, NOW) == 9
    assert YOUNG_SECONDS < 3 * DAY
