"""Whose a lock is, whether its holder lives, and holding the stack as an engine does."""

import getpass
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.unit.runner.objects import Objects
from tradai_runner.bucket.keys import locks_prefix
from tradai_runner.lock.registry import Holder, RunRegistry, place, process_table
from tradai_runner.lock.stack import HeldError, find_locks, hold, refusal, remove_dead

PROJECT, STACK = "tradai-compute", "dev"
PREFIX = f".pulumi/locks/organization/{PROJECT}/{STACK}/"
DEAD = 2**22 + 1


@pytest.fixture
def registry(tmp_path: Path) -> RunRegistry:
    return RunRegistry(tmp_path / "runs")


def lock(pid: int, at: float | None = None, host: str | None = None, user: str | None = None) -> bytes:
    body = {
        "pid": pid,
        "username": user or getpass.getuser(),
        "hostname": host or socket.gethostname(),
        "timestamp": datetime.fromtimestamp(at or time.time(), UTC).isoformat(),
    }
    return json.dumps(body).encode()


def removed(registry: RunRegistry, body: bytes) -> bool:
    store: Any = Objects({f"{PREFIX}x.json": body})
    gone, standing = remove_dead(store, PROJECT, STACK, registry)
    assert bool(gone) is not bool(standing)
    assert bool(gone) is not bool(store)
    return bool(gone)


def noted(registry: RunRegistry, pid: int = DEAD, **changes: Any) -> Holder:
    """An engine of ours that lives no more; `changes` are of its note."""
    values = {"run_id": "r1", "pid": pid, "started": 1, "place": place(), "since": time.time() - 5} | changes
    holder = Holder.model_validate(values)
    registry._write(holder)
    return holder


def test_the_lock_of_a_dead_engine_of_ours_is_removed(registry: RunRegistry) -> None:
    noted(registry)
    assert removed(registry, lock(DEAD))


@pytest.mark.parametrize(
    "foreign",
    [
        pytest.param({"host": "elsewhere"}, id="of another host"),
        pytest.param({"user": "ann"}, id="of another user"),
        pytest.param({"pid": DEAD + 1}, id="of another process here, seconds after our run began"),
        pytest.param({"at": time.time() - 3600}, id="older than the engine"),
        pytest.param({"at": time.time() + 3.15e8}, id="younger than any run can last"),
        pytest.param({"at": time.time() + 7200}, id="taken hours after our engine began, by a pid that came again"),
    ],
)
def test_a_lock_that_no_engine_of_ours_can_have_taken_stays(registry: RunRegistry, foreign: dict[str, Any]) -> None:
    noted(registry)
    assert not removed(registry, lock(**({"pid": DEAD} | foreign)))


def test_a_lock_stays_where_no_engine_was_ever_noted(registry: RunRegistry) -> None:
    assert not removed(registry, lock(DEAD))


def test_a_lock_taken_after_our_engine_had_ended_stays(registry: RunRegistry) -> None:
    registry.end(noted(registry), released=False)
    assert removed(registry, lock(DEAD))
    assert not removed(registry, lock(DEAD, at=time.time() + 60))


def test_an_engine_that_ended_well_has_left_no_lock(registry: RunRegistry) -> None:
    registry.end(noted(registry), released=True)
    assert not removed(registry, lock(DEAD))


def test_an_engine_of_another_process_table_or_boot_proves_nothing(registry: RunRegistry) -> None:
    """A container of the same host name: its pids are others."""
    noted(registry, place="elsewher")
    assert not removed(registry, lock(DEAD))


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    yield process
    process.kill()
    process.wait()


@pytest.mark.parametrize("step", [-86_400.0, -10.0, 0.0, 10.0, 86_400.0])
def test_a_living_engine_keeps_its_lock_wherever_the_clock_is_set(
    registry: RunRegistry, sleeper: subprocess.Popen[bytes], step: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry.begin("r1", sleeper.pid)
    taken = lock(sleeper.pid)
    now = time.time() + step
    monkeypatch.setattr(time, "time", lambda: now)
    assert not removed(registry, taken)
    monkeypatch.undo()
    sleeper.kill()
    sleeper.wait()
    assert removed(registry, taken)


def test_a_pid_that_somebody_has_again_lets_the_lock_stay(
    registry: RunRegistry, sleeper: subprocess.Popen[bytes]
) -> None:
    """Nobody can tell whether the one of now took it: that takes the clock, which may have been set."""
    noted(registry, sleeper.pid)
    assert not removed(registry, lock(sleeper.pid))


def old_note(registry: RunRegistry, **changes: Any) -> None:
    """As versions before this one noted a run, which did not note its engines."""
    body = {"run_id": "r0", "pid": 1, "started": 1, "table": process_table(), "since": time.time() - 60, "until": None}
    registry.folder.mkdir(parents=True, exist_ok=True)
    (registry.folder / "1-1.json").write_text(json.dumps(body | changes))


@pytest.mark.parametrize(
    ("changes", "goes"),
    [
        pytest.param({}, True, id="it was under way"),
        pytest.param({"since": time.time() - 7200, "until": time.time() - 3600}, False, id="it was over"),
        pytest.param({"since": time.time() - 3.15e8}, False, id="no run lasts so long"),
        pytest.param({"table": "pid:[1]"}, False, id="of another process table"),
    ],
)
def test_a_run_that_an_earlier_version_began_is_still_known(
    registry: RunRegistry, changes: dict[str, Any], goes: bool
) -> None:
    old_note(registry, **changes)
    assert removed(registry, lock(DEAD)) is goes
    assert not removed(registry, lock(os.getpid()))


def test_buckets_of_one_name_at_two_endpoints_are_two(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tradai_runner.lock.registry._memory", lambda: tmp_path)
    here, there, aws = (
        RunRegistry.of("s3://state", PROJECT, STACK, endpoint)
        for endpoint in ("http://127.0.0.1:1", "http://127.0.0.1:2", None)
    )
    assert len({here.writer, there.writer, aws.writer}) == 3
    noted(here)
    assert not removed(there, lock(DEAD))
    assert removed(here, lock(DEAD))


@pytest.mark.parametrize("noting", [noted, old_note])
def test_what_an_earlier_version_noted_of_a_stack_at_an_endpoint_of_its_own_is_still_known(
    noting: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tradai_runner.lock.registry._memory", lambda: tmp_path)
    noting(RunRegistry.of("s3://state", PROJECT, STACK, None))
    assert removed(RunRegistry.of("s3://state", PROJECT, STACK, "http://127.0.0.1:1"), lock(DEAD))


def test_a_lock_with_a_time_that_is_none_stays(registry: RunRegistry) -> None:
    noted(registry)
    assert not removed(registry, json.dumps({**json.loads(lock(DEAD)), "timestamp": "yesterday"}).encode())


def test_other_stacks_keep_their_locks(registry: RunRegistry) -> None:
    noted(registry)
    store: Any = Objects({".pulumi/locks/organization/tradai-edge/dev/x.json": lock(DEAD)})
    assert remove_dead(store, PROJECT, STACK, registry) == ([], [])
    assert len(find_locks(store, "tradai-edge", "dev")) == 1


def test_a_refusal_names_the_holder_and_says_when_nobody_here_can_tell() -> None:
    at = time.time()
    store: Any = Objects({f"{PREFIX}x.json": lock(7, at, "elsewhere", "ann")})
    away = refusal(find_locks(store, PROJECT, STACK))
    assert away.error.startswith("locked by ann@elsewhere (process 7) since 20")
    assert "cannot be told from here" in away.hint
    assert f"{PREFIX}x.json" in away.hint
    store = Objects({f"{PREFIX}x.json": lock(os.getpid(), at)})
    assert "continues automatically" in refusal(find_locks(store, PROJECT, STACK)).hint


def test_holding_is_seen_by_others_and_given_back_even_after_an_error(registry: RunRegistry) -> None:
    store: Any = Objects()
    with pytest.raises(ZeroDivisionError), hold(store, PROJECT, STACK, registry):
        (own,) = find_locks(store, PROJECT, STACK)
        assert own.is_of_here
        assert own.pid == os.getpid()
        raise ZeroDivisionError
    assert not store


def test_who_comes_second_gives_way(registry: RunRegistry) -> None:
    class Raced(Objects):
        """Another engine takes its lock at the same moment."""

        def put(self, key: str, body: bytes) -> None:
            super().put(key, body)
            self[f"{PREFIX}theirs.json"] = lock(1, host="elsewhere")

    store: Any = Raced()
    with pytest.raises(HeldError, match="elsewhere"), hold(store, PROJECT, STACK, registry):
        pytest.fail("it was not ours to hold")
    assert store.keys() == [f"{PREFIX}theirs.json"]


def test_who_held_the_stack_without_an_engine_and_died_is_known(registry: RunRegistry) -> None:
    store: Any = Objects()
    script = (
        "import os, sys, pathlib\n"
        "from tests.unit.runner.objects import Objects\n"
        "from tradai_runner.lock.stack import hold\n"
        "from tradai_runner.lock.registry import RunRegistry\n"
        "class Disk(Objects):\n"
        "    def put(self, key, body):\n"
        f"        pathlib.Path({str(registry.folder.parent)!r}, 'lock').write_bytes(body)\n"
        f"with hold(Disk(), {PROJECT!r}, {STACK!r}, RunRegistry(pathlib.Path({str(registry.folder)!r}))):\n"
        "    os.kill(os.getpid(), 9)\n"
    )
    ran = subprocess.run([sys.executable, "-c", script], cwd=Path(__file__).parents[3], check=False)
    assert ran.returncode == -9
    left = (registry.folder.parent / "lock").read_bytes()
    assert removed(registry, left)
    assert not removed(registry, json.dumps({**json.loads(left), "pid": DEAD}).encode())
    assert not store


def test_of_the_dead_only_the_newest_notes_are_kept_and_of_the_living_all(
    registry: RunRegistry, sleeper: subprocess.Popen[bytes]
) -> None:
    registry.begin("r1", sleeper.pid)
    for number in range(60):
        noted(registry, DEAD + number)
    registry.begin("r2", os.getpid())
    assert len(list((registry.folder / "holders").iterdir())) == 42
    assert registry.saw(sleeper.pid, time.time())
    assert registry.saw(DEAD + 59, time.time())


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"pid": "x"}'])
def test_a_lock_that_cannot_be_read_is_somebodys_and_stays(body: bytes, registry: RunRegistry) -> None:
    store: Any = Objects({f"{locks_prefix(PROJECT, 'dev')}x.json": body})
    noted(registry)
    removed_, standing = remove_dead(store, PROJECT, "dev", registry)
    assert (removed_, [found.holder for found in standing]) == ([], ["somebody"])
    with pytest.raises(HeldError, match="somebody@somewhere"), hold(store, PROJECT, "dev", registry):
        pass
