"""Whose a lock is, whether its holder lives, and holding the stack as an engine does."""

import getpass
import json
import os
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.unit.runner.objects import Objects
from tradai_iac.runner.locks import HeldError, find_locks, hold, refusal, remove_dead
from tradai_iac.runner.presence import Presence, Presences, lived_at, process_table

PROJECT, STACK = "tradai-compute", "dev"
PREFIX = f".pulumi/locks/organization/{PROJECT}/{STACK}/"
DEAD = 2**22 + 1


@pytest.fixture
def presences(tmp_path: Path) -> Presences:
    return Presences(tmp_path / "runs")


def lock(pid: int, at: float | None = None, host: str | None = None, user: str | None = None) -> bytes:
    body = {
        "pid": pid,
        "username": user or getpass.getuser(),
        "hostname": host or socket.gethostname(),
        "timestamp": datetime.fromtimestamp(at or time.time(), UTC).isoformat(),
    }
    return json.dumps(body).encode()


def removed(presences: Presences, body: bytes) -> bool:
    store: Any = Objects({f"{PREFIX}x.json": body})
    gone, standing = remove_dead(store, PROJECT, STACK, presences)
    assert bool(gone) is not bool(standing)
    assert bool(gone) is not bool(store)
    return bool(gone)


def test_the_lock_of_a_dead_run_of_this_machine_is_removed(presences: Presences) -> None:
    presences.begin("r1")
    assert removed(presences, lock(DEAD))


@pytest.mark.parametrize(
    "foreign",
    [
        pytest.param({"host": "elsewhere"}, id="of another host"),
        pytest.param({"user": "ann"}, id="of another user"),
        pytest.param({"at": time.time() - 3600}, id="older than any run of ours"),
    ],
)
def test_a_lock_that_no_run_of_ours_can_have_taken_stays(presences: Presences, foreign: dict[str, Any]) -> None:
    presences.begin("r1")
    assert not removed(presences, lock(DEAD, **foreign))


def test_a_lock_stays_where_no_run_was_ever_seen(presences: Presences) -> None:
    assert not removed(presences, lock(DEAD))


def test_a_lock_taken_after_our_run_had_ended_stays(presences: Presences) -> None:
    presences.end(presences.begin("r1"))
    assert removed(presences, lock(DEAD))
    assert not removed(presences, lock(DEAD, at=time.time() + 60))


def test_a_run_of_another_process_table_proves_nothing(presences: Presences) -> None:
    """A container of the same host name: its pids are others."""
    own = presences.begin("r1")
    presences._write(own.model_copy(update={"table": "pid:[1]"}))
    assert not removed(presences, lock(DEAD))


def test_the_lock_of_a_living_process_stays_and_one_of_its_pids_earlier_holder_goes(presences: Presences) -> None:
    presences._write(
        Presence(run_id="r0", pid=1, started=1, table=process_table(), since=time.time() - 7200, until=None)
    )
    sleeper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        assert not removed(presences, lock(sleeper.pid, at=time.time() + 1))
        assert removed(presences, lock(sleeper.pid, at=time.time() - 3600))
    finally:
        sleeper.kill()
        sleeper.wait()
    assert not lived_at(sleeper.pid, time.time())


def test_a_lock_with_a_time_that_is_none_stays(presences: Presences) -> None:
    presences.begin("r1")
    assert not removed(presences, json.dumps({**json.loads(lock(DEAD)), "timestamp": "yesterday"}).encode())


def test_other_stacks_keep_their_locks(presences: Presences) -> None:
    presences.begin("r1")
    store: Any = Objects({".pulumi/locks/organization/tradai-edge/dev/x.json": lock(DEAD)})
    assert remove_dead(store, PROJECT, STACK, presences) == ([], [])
    assert len(find_locks(store, "tradai-edge", "dev")) == 1


def test_a_refusal_names_the_holder_and_says_when_nobody_here_can_tell() -> None:
    at = time.time()
    store: Any = Objects({f"{PREFIX}x.json": lock(7, at, "elsewhere", "ann")})
    away = refusal(find_locks(store, PROJECT, STACK))
    assert away.error.startswith("locked by ann@elsewhere (process 7) since 20")
    assert "cannot be told from here" in away.hint
    assert f"{PREFIX}x.json" in away.hint
    store = Objects({f"{PREFIX}x.json": lock(os.getpid(), at)})
    assert "goes on by itself" in refusal(find_locks(store, PROJECT, STACK)).hint


def test_holding_is_seen_by_others_and_given_back_even_after_an_error(presences: Presences) -> None:
    store: Any = Objects()
    with pytest.raises(ZeroDivisionError), hold(store, PROJECT, STACK, presences):
        (own,) = find_locks(store, PROJECT, STACK)
        assert own.is_of_here
        assert own.pid == os.getpid()
        raise ZeroDivisionError
    assert not store


def test_who_comes_second_gives_way(presences: Presences) -> None:
    class Raced(Objects):
        """Another engine takes its lock at the same moment."""

        def put(self, key: str, body: bytes) -> None:
            super().put(key, body)
            self[f"{PREFIX}theirs.json"] = lock(1, host="elsewhere")

    store: Any = Raced()
    with pytest.raises(HeldError, match="elsewhere"), hold(store, PROJECT, STACK, presences):
        pytest.fail("it was not ours to hold")
    assert store.keys() == [f"{PREFIX}theirs.json"]


def test_only_the_newest_notes_are_kept(presences: Presences) -> None:
    presences.folder.mkdir(parents=True)
    for number in range(30):
        (presences.folder / f"{number}-1.json").write_text("{}")
    presences.begin("r1")
    assert len(list(presences.folder.iterdir())) == 20
    assert presences.saw(time.time())
