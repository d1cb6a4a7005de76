"""Runs elsewhere that were seen to be dead: just their locks go, and they may not come back."""

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.unit.runner.objects import Objects
from tradai_runner.lock.dead_runs import DeadRun, declare_dead, find_dead_runs, is_declared_dead
from tradai_runner.lock.registry import RunRegistry
from tradai_runner.lock.stack import remove_dead

PROJECT, STACK = "tradai-compute", "dev"
NOW = time.time()
DEATH = DeadRun(run_id="r1", executor="kubernetes", user="runner", host="pod-1", since=NOW - 60, until=NOW)


def lock(**changes: Any) -> bytes:
    at = changes.pop("at", NOW - 30)
    body = {"pid": 7, "username": "runner", "hostname": "pod-1"} | changes
    return json.dumps(body | {"timestamp": datetime.fromtimestamp(at, UTC).isoformat()}).encode()


def removed(body: bytes, death: DeadRun, folder: Path) -> bool:
    store: Any = Objects({f".pulumi/locks/organization/{PROJECT}/{STACK}/x.json": body})
    declare_dead(store, PROJECT, STACK, death)
    gone, standing = remove_dead(store, PROJECT, STACK, RunRegistry(folder))
    assert bool(gone) is not bool(standing)
    return bool(gone)


def test_the_lock_of_a_run_that_was_seen_to_be_dead_is_removed(tmp_path: Path) -> None:
    assert removed(lock(), DEATH, tmp_path)


@pytest.mark.parametrize(
    "foreign",
    [
        pytest.param({"hostname": "pod-2"}, id="of another container"),
        pytest.param({"username": "ann"}, id="of another user"),
        pytest.param({"at": NOW - 90}, id="from before the run"),
        pytest.param({"at": NOW + 30}, id="from after the run"),
    ],
)
def test_any_other_lock_stays(tmp_path: Path, foreign: dict[str, Any]) -> None:
    assert not removed(lock(**foreign), DEATH, tmp_path)


def test_a_run_that_never_spoke_can_have_left_no_lock(tmp_path: Path) -> None:
    silent = DeadRun(run_id="r1", executor="ecs")
    assert not removed(lock(username="", hostname="", at=0.0), silent, tmp_path)


def test_a_death_is_of_one_run_of_one_stack() -> None:
    store: Any = Objects({})
    declare_dead(store, PROJECT, STACK, DEATH)
    assert is_declared_dead(store, PROJECT, STACK, "r1")
    assert not is_declared_dead(store, PROJECT, STACK, "r2")
    assert not is_declared_dead(store, PROJECT, "prod", "r1")
    assert find_dead_runs(store, PROJECT, STACK) == [DEATH]


def test_what_is_no_note_proves_nothing() -> None:
    store: Any = Objects({f".tradai/dead/{PROJECT}/{STACK}/x.json": b"{}"})
    assert find_dead_runs(store, PROJECT, STACK) == []
