"""Runs as ECS tasks on the local endpoint, with the real runner and engine, on an agent that is a stand-in."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import boto3
import pytest

from tests.integration.conftest import RunningSandbox
from tests.integration.remote_runs import (
    BUCKET,
    CANARY,
    ended,
    left_of,
    objects,
    request,
    result_of,
    tell_of_a_cancelled_run,
    tell_of_a_killed_run,
)
from tests.standins.ecs_agent import EcsAgent
from tests.standins.ecs_place import ecs_place
from tradai_operator.adapters.runs import ecs_host
from tradai_operator.adapters.runs.ecs_host import EcsHost, EcsSettings, name_of
from tradai_operator.adapters.runs.remote import RemoteExecutor
from tradai_runner.contract import RunRequest
from tradai_runner.journal.address import RunAddress

REGION = "eu-central-1"


@pytest.fixture(scope="module")
def settings(sandbox: RunningSandbox) -> EcsSettings:
    """The cluster and its network, as the operator is told of them."""
    place = ecs_place(sandbox.client)
    environment = {"AWS_ENDPOINT_URL": sandbox.endpoint, "AWS_DEFAULT_REGION": REGION}
    subnets, groups = (place.subnet,), (place.security_group,)
    return EcsSettings(place.cluster, place.task_definition, subnets, groups, REGION, environment=environment)


@pytest.fixture(scope="module")
def agent(
    sandbox: RunningSandbox, settings: EcsSettings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[EcsAgent]:
    given = ("PATH", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
    environment = {name: sandbox.env[name] for name in given}
    with EcsAgent(sandbox.client("ecs"), settings.cluster, tmp_path_factory.mktemp("ecs"), environment) as agent:
        yield agent


def operator(sandbox: RunningSandbox, settings: EcsSettings | None) -> RemoteExecutor:
    """The executor as an operator process has it."""

    def clients(service: str, region: str) -> Any:
        make: Any = boto3.client
        return make(service, region_name=region, endpoint_url=sandbox.endpoint)

    return RemoteExecutor(EcsHost(settings, clients=clients))


@pytest.fixture
def executor(
    sandbox: RunningSandbox, settings: EcsSettings, agent: EcsAgent, monkeypatch: pytest.MonkeyPatch
) -> RemoteExecutor:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, sandbox.env[name])
    agent.holding.clear()
    return operator(sandbox, settings)


def started_by(wanted: RunRequest) -> str:
    return name_of(RunAddress.of(wanted, f"{wanted.blueprint}-{wanted.layer}"))


def secrets(sandbox: RunningSandbox) -> list[str]:
    """The secrets of runs that are there."""
    found = sandbox.client("secretsmanager").list_secrets()["SecretList"]
    return [secret["Name"] for secret in found if secret["Name"].startswith("tradai-run-")]


async def test_a_run_is_one_task_that_another_operator_can_follow_and_its_secret_is_read_once(
    sandbox: RunningSandbox, executor: RemoteExecutor, agent: EcsAgent
) -> None:
    first = await result_of(executor, request(sandbox, "eph-task", "r1"))
    assert first.outcome == "succeeded", first.failure
    wanted = request(sandbox, "eph-task", "r2", layer="work")
    handle = executor.handle("uid", wanted)
    agent.holding.set()
    await executor.start(handle, wanted, f"passphrase-{CANARY}", {"token": CANARY})
    await executor.start(handle, wanted, f"passphrase-{CANARY}", {"token": CANARY})  # again is no second run
    assert secrets(sandbox) == [started_by(wanted)]
    heir = operator(sandbox, None)  # its settings name another executor by now
    assert not (await heir.observe(handle)).lost
    agent.holding.clear()

    seen = await ended(heir, handle)
    assert seen.result is not None
    assert seen.result.outcome == "succeeded", seen.result.failure
    assert secrets(sandbox) == []
    assert [task["startedBy"] for task in agent.seen].count(started_by(wanted)) == 1
    assert CANARY not in json.dumps(agent.seen, default=str)
    await heir.finish(handle)
    assert left_of(sandbox, wanted) == ["log.txt", "result.json"]
    assert not [key for key, body in objects(sandbox, ".tradai/runs/").items() if CANARY.encode() in body]


async def test_a_run_that_is_cancelled_ends_cleanly(
    sandbox: RunningSandbox, executor: RemoteExecutor, agent: EcsAgent
) -> None:
    async def gone() -> bool:
        return agent.of(started_by(request(sandbox, "eph-taskstop", "r1"))).exit_code is not None

    await tell_of_a_cancelled_run(executor, sandbox, "eph-taskstop", gone)


async def test_a_killed_run_is_lost_and_the_next_one_removes_its_lock(
    sandbox: RunningSandbox, executor: RemoteExecutor, agent: EcsAgent
) -> None:
    def kill() -> str:
        agent.of(started_by(request(sandbox, "eph-taskkill", "r1"))).kill()
        return "ip-"

    await tell_of_a_killed_run(executor, sandbox, "eph-taskkill", kill)


async def test_a_task_that_nobody_started_is_lost_once_it_should_have_appeared(
    sandbox: RunningSandbox, settings: EcsSettings, executor: RemoteExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = EcsHost(settings, clients=lambda service, _: sandbox.client(service))
    place = host.place(RunAddress(bucket=BUCKET, region=REGION, project="p", stack="s", run_id="never"))
    assert await host.lives(place)
    monkeypatch.setattr(ecs_host, "_APPEARS_SECONDS", 0.0)
    assert not await host.lives(place)


async def test_secrets_whose_operator_died_are_swept(
    sandbox: RunningSandbox, executor: RemoteExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    manager = sandbox.client("secretsmanager")
    manager.create_secret(Name="tradai-run-left", SecretString="{}")
    manager.create_secret(Name="tradai-other", SecretString="{}")
    monkeypatch.setattr(ecs_host, "_STALE", timedelta(minutes=-1))
    host = EcsHost(None, clients=lambda service, _: sandbox.client(service))
    host._sweep(manager)
    assert secrets(sandbox) == []
    manager.delete_secret(SecretId="tradai-other", ForceDeleteWithoutRecovery=True)
