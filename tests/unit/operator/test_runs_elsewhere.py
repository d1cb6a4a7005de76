"""Runs in containers before they say their first word: they begin, or it is told why they do not; never a death."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import pytest
from botocore.exceptions import EndpointConnectionError

from tests.unit.runner.objects import Objects
from tradai_operator.adapters.runs import remote as elsewhere
from tradai_operator.adapters.runs.ecs_host import EcsHost, EcsSettings, name_of
from tradai_operator.adapters.runs.remote import HostError, RemoteExecutor
from tradai_runner.contract import RunRequest, Update
from tradai_runner.journal.address import RunAddress
from tradai_runner.journal.bucket import Beat, BucketJournal, Refusal
from tradai_runner.lock.dead_runs import is_declared_dead

REQUEST: Final = Update(
    run_id="r1",
    blueprint="sample",
    layer="store",
    environment="eph-a",
    account_id="123456789012",
    region="eu-central-1",
    backend_url="s3://b",
)
RUN: Final = RunAddress.of(REQUEST, "sample-store")
HANDLE: Final = f"fake:{RUN}"
BEAT: Final = Beat(user="runner", host="pod-1", since=1.0, at=2.0, count=1)


@dataclass
class FakeHost:
    """A host that does what a test says."""

    name: str = "fake"
    alive: bool = True
    says: str = "CannotPullContainerError: pull access denied"
    refuses: str = ""
    stopped: list[Mapping[str, str]] = field(default_factory=list)

    def place(self, run: RunAddress) -> dict[str, str]:
        return {"where": str(run)}

    async def launch(self, run: RunAddress, request: RunRequest, secrets: Mapping[str, str]) -> None:
        if self.refuses:
            raise HostError(self.refuses)

    async def lives(self, place: Mapping[str, str]) -> bool:
        return self.alive

    async def trouble(self, place: Mapping[str, str]) -> str:
        return self.says

    async def stop(self, place: Mapping[str, str]) -> None:
        self.stopped.append(place)

    async def clean(self, place: Mapping[str, str]) -> None:
        return


@pytest.fixture
def host() -> FakeHost:
    return FakeHost()


@pytest.fixture
def store() -> Any:
    return Objects({})


@pytest.fixture
def executor(host: FakeHost, store: Any, monkeypatch: pytest.MonkeyPatch) -> RemoteExecutor:
    monkeypatch.setattr(elsewhere, "_FRESH_SECONDS", 0.0)
    return RemoteExecutor(host, lambda run: store)


def buried(store: Any) -> bool:
    return is_declared_dead(store, "sample-store", "eph-a", "r1")


async def test_a_run_that_waits_for_its_container_is_told_to_wait(executor: RemoteExecutor, store: Any) -> None:
    await executor.start(HANDLE, REQUEST, "x", {})
    seen = await executor.observe(HANDLE)
    assert not seen.lost
    assert seen.progress is not None
    assert "container" in seen.progress.current
    assert not buried(store)


async def test_a_start_has_a_deadline_after_which_it_is_stopped_and_may_not_begin(
    executor: RemoteExecutor, host: FakeHost, store: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await executor.start(HANDLE, REQUEST, "x", {})
    assert not (await executor.observe(HANDLE)).lost
    monkeypatch.setattr(elsewhere, "_BEGINS_SECONDS", 0.0)
    seen = await executor.observe(HANDLE)
    assert seen.lost
    assert seen.why is not None
    assert seen.why.kind == "NotStarted"
    assert "did not begin within" in seen.why.error
    assert host.says in seen.why.error
    assert host.stopped
    assert buried(store)


async def test_a_container_that_ends_before_its_first_word_is_no_death(
    executor: RemoteExecutor, host: FakeHost, store: Any
) -> None:
    await executor.start(HANDLE, REQUEST, "x", {})
    host.alive = False
    seen = await executor.observe(HANDLE)
    assert seen.lost
    assert seen.why is not None
    assert seen.why.kind == "NotStarted"
    assert "CannotPullContainerError" in seen.why.error
    assert buried(store)


async def test_a_container_that_ends_after_it_is_one(executor: RemoteExecutor, host: FakeHost, store: Any) -> None:
    await executor.start(HANDLE, REQUEST, "x", {})
    BucketJournal(RUN, store).say(BEAT)
    host.alive = False
    await executor.observe(HANDLE)
    executor._words[HANDLE].seen -= 60  # it has not said a word for so long
    seen = await executor.observe(HANDLE)
    assert seen.lost
    assert seen.why is None


async def test_a_container_that_refuses_its_run_is_quoted(executor: RemoteExecutor, host: FakeHost, store: Any) -> None:
    await executor.start(HANDLE, REQUEST, "x", {})
    BucketJournal(RUN, store).refuse(Refusal(why="this runner is of another version than the operator"))
    seen = await executor.observe(HANDLE)
    assert seen.why is not None
    assert "another version" in seen.why.error
    assert buried(store)
    await executor.finish(HANDLE)
    assert not store.keys(".tradai/runs/")


async def test_a_run_whose_operator_lost_the_lease_before_the_start_is_told_so(
    executor: RemoteExecutor, store: Any
) -> None:
    seen = await executor.observe(HANDLE)
    assert seen.lost
    assert seen.why is not None
    assert "lost its leadership" in seen.why.error
    assert buried(store)


async def test_a_refusal_of_the_host_is_raised_only_once_the_run_cannot_begin_any_more(
    executor: RemoteExecutor, host: FakeHost, store: Any
) -> None:
    host.refuses = "could not run a task: RESOURCE:MEMORY"
    with pytest.raises(HostError, match="RESOURCE:MEMORY"):
        await executor.start(HANDLE, REQUEST, "x", {})
    assert buried(store)


async def test_where_that_is_not_sure_the_run_is_looked_at(
    host: FakeHost, store: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RunTask may have got through although its answer did not."""

    class NoDeaths(Objects):
        def put(self, key: str, body: bytes) -> None:
            if "/dead/" in key:
                raise EndpointConnectionError(endpoint_url="http://b")
            super().put(key, body)

    bucket: Any = NoDeaths({})
    executor = RemoteExecutor(host, lambda run: bucket)
    host.refuses = "could not run a task: the connection was reset"
    await executor.start(HANDLE, REQUEST, "x", {})
    assert not (await executor.observe(HANDLE)).lost


class Ecs:
    """ECS as it answers: tasks that it shows, and why it does not show one."""

    class exceptions:  # noqa: N801 - as boto3 spells it
        class ResourceExistsException(Exception):  # noqa: N818
            pass

    def __init__(self) -> None:
        self.listed: list[str] = []
        self.shown: list[dict[str, Any]] = []
        self.reason = "MISSING"

    def list_tasks(self, **asked: Any) -> Any:
        return {"taskArns": self.listed}

    def describe_tasks(self, **asked: Any) -> Any:
        failures = [] if self.shown else [{"arn": asked["tasks"][0], "reason": self.reason}]
        return {"tasks": self.shown, "failures": failures}


@pytest.fixture
def ecs() -> Ecs:
    return Ecs()


PLACE: Final = {"cluster": "c", "region": "r", "started_by": name_of(RUN), "secrets_region": "r"}
STARTED: Final = "arn:aws:ecs:r:1:task/1"


def ecs_host(ecs: Ecs, *, started: bool) -> EcsHost:
    made = EcsHost(EcsSettings("c", "t", ("s",), ("g",), "r"), clients=lambda service, region: ecs)
    if started:
        made._tasks[name_of(RUN)] = STARTED
    return made


@pytest.mark.parametrize("started", [True, False])
async def test_a_task_that_ecs_does_not_show_yet_is_unknown_until_it_is_old_enough(
    ecs: Ecs, started: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = ecs_host(ecs, started=started)
    assert await host.lives(PLACE)
    host._first_looks[name_of(RUN)] -= 100
    assert await host.lives(PLACE) is started, "RunTask has named it, so that ECS has longer to agree with itself"
    host._first_looks[name_of(RUN)] -= 300
    assert not await host.lives(PLACE)


async def test_a_task_that_was_shown_is_not_gone_because_one_answer_lacks_it(ecs: Ecs) -> None:
    host = ecs_host(ecs, started=True)
    await host.lives(PLACE)
    host._first_looks[name_of(RUN)] -= 400
    ecs.shown = [{"lastStatus": "RUNNING"}]
    assert await host.lives(PLACE)
    ecs.shown = []
    assert await host.lives(PLACE)


async def test_an_answer_that_is_none_is_no_absence(ecs: Ecs) -> None:
    ecs.reason = "ACCESS_DENIED"
    with pytest.raises(HostError, match="ACCESS_DENIED"):
        await ecs_host(ecs, started=True).lives(PLACE)


async def test_ecs_is_quoted(ecs: Ecs) -> None:
    ecs.shown = [
        {
            "lastStatus": "STOPPED",
            "stoppedReason": "Task failed to start",
            "containers": [{"reason": "CannotPullContainerError: no such image"}],
        }
    ]
    told = await ecs_host(ecs, started=True).trouble(PLACE)
    assert told == "Task failed to start; CannotPullContainerError: no such image"
    assert json.dumps(told)
