"""Local runs of an operator that was another pod: proven over, going on, or nobody can tell."""

import asyncio
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest

from tests.unit.runner.objects import Objects
from tradai_operator.adapters.runs import away as rooms
from tradai_operator.adapters.runs.away import Away, Trail
from tradai_operator.adapters.runs.local import LocalExecutor
from tradai_operator.ports import ClusterError, RefusedError
from tradai_runner.contract import Update
from tradai_runner.lock.dead_runs import find_dead_runs
from tradai_runner.lock.registry import RunRegistry
from tradai_runner.lock.stack import remove_dead

PROJECT, STACK = "sample-store", "eph-a"
REQUEST: Final = Update(
    run_id="r1",
    blueprint="sample",
    layer="store",
    environment=STACK,
    account_id="123456789012",
    region="eu-central-1",
    backend_url="s3://b",
)
LOCK: Final = f".pulumi/locks/organization/{PROJECT}/{STACK}/x.json"


def pod(name: str, uid: str) -> dict[str, str]:
    return {"TRADAI_OPERATOR_NAMESPACE": "tradai-system", "TRADAI_POD_NAME": name, "TRADAI_POD_UID": uid}


OLD, NEW = pod("operator-a", "uid-a"), pod("operator-b", "uid-b")


@dataclass
class FakePods:
    """Answers, or raises, what a test says."""

    answer: bool | Exception = True
    asked: int = 0

    async def ended(self, namespace: str, name: str, uid: str) -> bool:
        self.asked += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture(autouse=True)
def host(monkeypatch: pytest.MonkeyPatch) -> None:
    """A host name that no other test has."""
    monkeypatch.setattr(rooms, "_POLL_SECONDS", 0.0)
    monkeypatch.setattr("socket.gethostname", lambda: "operator-a")


def lock(trail: Trail, **changes: Any) -> bytes:
    mark = {"pid": 2**22 + 1, "username": trail.user, "hostname": trail.host}
    return json.dumps(mark | {"timestamp": datetime.now(UTC).isoformat()} | changes).encode()


def begun(store: Any) -> Trail:
    """A run of the old pod, which holds its stack."""
    trail = Trail.parse(Away(OLD, FakePods(), lambda run: store).trail(REQUEST))
    assert trail is not None
    store.put(LOCK, lock(trail))
    return trail


def removed(store: Any, folder: Path) -> bool:
    gone, _ = remove_dead(store, PROJECT, STACK, RunRegistry(folder))
    return bool(gone)


async def test_the_lock_of_a_run_whose_pod_has_ended_is_removed(tmp_path: Path) -> None:
    store: Any = Objects({})
    trail = begun(store)
    assert not removed(store, tmp_path)
    seen = await Away(NEW, FakePods(True), lambda run: store).observe(str(trail))
    assert seen.lost
    (death,) = find_dead_runs(store, PROJECT, STACK)
    assert (death.run_id, death.host) == ("r1", "operator-a")
    assert removed(store, tmp_path)


@pytest.mark.parametrize(
    "foreign", [{"hostname": "laptop"}, {"username": "ann"}, {"timestamp": "2020-01-01T00:00:00+00:00"}]
)
async def test_a_strangers_lock_is_not(foreign: dict[str, str], tmp_path: Path) -> None:
    store: Any = Objects({})
    trail = begun(store)
    store.put(LOCK, lock(trail, **foreign))
    assert (await Away(NEW, FakePods(True), lambda run: store).observe(str(trail))).lost
    assert not removed(store, tmp_path)


async def test_a_run_whose_pod_still_stands_goes_on_while_it_holds_its_stack(tmp_path: Path) -> None:
    store: Any = Objects({})
    trail, pods = begun(store), FakePods(False)
    away = Away(NEW, pods, lambda run: store)
    seen = await away.observe(str(trail))
    assert not seen.lost
    assert seen.progress is not None
    assert "operator-a" in seen.progress.current
    store.delete(LOCK)
    assert (await away.observe(str(trail))).lost, "its result is out of reach, and it holds nothing"
    assert find_dead_runs(store, PROJECT, STACK) == []


async def test_a_pod_that_stands_is_not_asked_for_at_every_look(monkeypatch: pytest.MonkeyPatch) -> None:
    store: Any = Objects({})
    trail, pods = begun(store), FakePods(False)
    away = Away(NEW, pods, lambda run: store)
    for _ in range(2):
        await away.observe(str(trail))
    monkeypatch.setattr(rooms, "_POLL_SECONDS", 3600.0)
    asked = pods.asked
    for _ in range(5):
        assert not (await away.observe(str(trail))).lost
    assert pods.asked == asked == 2


async def test_an_api_server_that_does_not_answer_is_no_death() -> None:
    store: Any = Objects({})
    away = Away(NEW, pods := FakePods(ClusterError("no answer")), lambda run: store)
    trail = begun(store)
    assert not (await away.observe(str(trail))).lost
    pods.answer = True
    assert (await away.observe(str(trail))).lost


async def test_without_the_right_to_ask_nothing_is_proven_and_the_lock_stays(tmp_path: Path) -> None:
    store: Any = Objects({})
    trail = begun(store)
    seen = await Away(NEW, FakePods(RefusedError("may not get pods")), lambda run: store).observe(str(trail))
    assert seen.lost, "the next run meets the lock, and reports who holds it"
    assert find_dead_runs(store, PROJECT, STACK) == []
    assert not removed(store, tmp_path)


async def test_an_earlier_container_of_this_very_pod_is_over_without_a_question(tmp_path: Path) -> None:
    store: Any = Objects({})
    trail, pods = begun(store), FakePods(False)
    assert (await Away(OLD, pods, lambda run: store).observe(str(trail))).lost
    assert pods.asked == 0
    assert removed(store, tmp_path)


@pytest.mark.parametrize("environment", [{}, {"TRADAI_POD_NAME": "operator-a"}])
async def test_outside_of_a_pod_a_handle_says_nothing_that_could_prove_a_death(environment: dict[str, str]) -> None:
    assert Away(environment, FakePods()).trail(REQUEST) == ""
    assert Away(OLD, FakePods()).trail(REQUEST.model_copy(update={"backend_url": "file:///x"})) == ""


@pytest.mark.parametrize("text", ["", "x", "namespace=a", "pod=%zz"])
async def test_a_handle_of_an_earlier_version_is_lost_as_it_was(text: str) -> None:
    assert (await Away(NEW, FakePods(False)).observe(text)).lost


async def test_an_executor_asks_for_runs_of_other_places_alone(tmp_path: Path) -> None:
    store: Any = Objects({})
    first = LocalExecutor(tmp_path / "a", {}, away=Away(OLD, FakePods(), lambda run: store))
    handle = first.handle("uid", REQUEST)
    trail = begun(store)
    here, _, _ = handle.partition("@")
    elsewhere = f"{here}@another@{trail}"
    pods = FakePods(False)
    heir = LocalExecutor(tmp_path / "b", {}, away=Away(NEW, pods, lambda run: store))
    assert not (await heir.observe(elsewhere)).lost
    waiting = asyncio.ensure_future(heir.changed([elsewhere]))
    pods.answer = True
    await asyncio.wait_for(waiting, 60)
    assert (await heir.observe(f"{here}@another")).lost
    assert pods.asked > 1


async def test_a_run_that_was_named_and_never_started_is_told_as_that(tmp_path: Path) -> None:
    executor = LocalExecutor(tmp_path, {})
    seen = await executor.observe(executor.handle("uid", REQUEST))
    assert seen.lost
    assert seen.why is not None
    assert seen.why.kind == "NotStarted"
