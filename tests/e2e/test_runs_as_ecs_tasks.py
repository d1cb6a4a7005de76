"""A whole life whose runs are ECS tasks: built, edited, deleted, while operators die. Each run is one task, done once.

One story in one sandbox: the first operator dies while a task works, the second while a task has no container yet.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.environment import Deployed, example
from tests.e2e.operators import Operator, running, without_operator
from tests.standins.ecs_agent import EcsAgent
from tests.standins.ecs_place import EcsPlace, ecs_place
from tradai_runner.journal.address import RunAddress

BUCKET = "tradai-pulumi-state-dev"
PASSPHRASE = {"name": "tradai-state", "key": "passphrase"}


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    with without_operator(tmp_path_factory.mktemp("e2e-tasks")) as sandbox:
        yield sandbox


@pytest.fixture
def place(sandbox: Deployed) -> EcsPlace:
    return ecs_place(sandbox.clients)


@pytest.fixture
def agent(sandbox: Deployed, place: EcsPlace, tmp_path: Path) -> Iterator[EcsAgent]:
    given = ("PATH", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
    variables = {name: sandbox.env[name] for name in given}
    with EcsAgent(sandbox.clients("ecs"), place.cluster, tmp_path / "ecs", variables) as agent:
        yield agent


def declared(note: str) -> dict[str, Any]:
    """An environment of two small layers that goes whole; its topic says `note`, and it keeps a secret."""
    manifest = example("sample", ttl="72h", deletionPolicy="Everything", approval="Never")
    manifest["spec"]["environment"] = "eph-tasks"
    config = {"note": note, "queues": 1, "secrets": {"token": {"secretRef": PASSPHRASE}}}
    manifest["spec"]["layers"] = {"work": {"config": config}}
    return manifest


def tasks(sandbox: Deployed, place: EcsPlace) -> list[RunAddress]:
    """The run of every task that AWS knows, the oldest first; one that stops between two questions is one."""
    ecs = sandbox.clients("ecs")
    found: dict[str, Any] = {}
    for status in ("RUNNING", "STOPPED"):
        arns = ecs.list_tasks(cluster=place.cluster, desiredStatus=status)["taskArns"]
        told = ecs.describe_tasks(cluster=place.cluster, tasks=arns)["tasks"] if arns else []
        found |= {task["taskArn"]: task for task in told}
    commands = [task["overrides"]["containerOverrides"][0]["command"] for task in found.values()]
    return sorted((RunAddress.parse(command[-1]) for command in commands), key=lambda run: run.run_id)


def layers(sandbox: Deployed, place: EcsPlace) -> list[str]:
    return [run.project.removeprefix("sample-") for run in tasks(sandbox, place)]


def secrets_of_runs(sandbox: Deployed) -> list[str]:
    found = sandbox.clients("secretsmanager").list_secrets(IncludePlannedDeletion=True)["SecretList"]
    return [secret["Name"] for secret in found if secret["Name"].startswith("tradai-run-")]


def notes(sandbox: Deployed) -> list[str]:
    """What the topic of the environment says, if it is there."""
    sns = sandbox.clients("sns")
    arns = [found["TopicArn"] for found in sns.list_topics()["Topics"] if "news" in found["TopicArn"]]
    return [sns.get_topic_attributes(TopicArn=arn)["Attributes"]["DisplayName"] for arn in arns]


def at_work(agent: EcsAgent, number: int) -> bool:
    """Whether the container of the task of that number works."""
    return len(agent.containers) == number and list(agent.containers.values())[-1].exit_code is None


@pytest.mark.timeout(1200)
def test_a_life_of_ecs_tasks_outlives_its_operators_and_each_run_is_done_once(
    sandbox: Deployed, place: EcsPlace, agent: EcsAgent
) -> None:
    first = Operator(sandbox, "first", **place.variables)
    with running(first):
        sandbox.apply(declared("one"))
        sandbox.ready("sample", patience=600)
        assert (layers(sandbox, place), notes(sandbox)) == (["store", "work"], ["one"])
        sandbox.apply(declared("two"))
        sandbox.until("the task of the edit to work", lambda: at_work(agent, 3))
    assert at_work(agent, 3), "its operator is dead, and it goes on"
    sandbox.apply(declared("three"))

    second = Operator(sandbox, "second", **place.variables)
    with running(second):
        sandbox.ready("sample", patience=600)
        assert layers(sandbox, place) == ["store", "work", "work", "work"], "one edit each, the first one adopted"
        assert notes(sandbox) == ["three"]
        assert sandbox.status("sample").get("repairs", []) == []
        sandbox.until("secrets of runs to go", lambda: not secrets_of_runs(sandbox))
        agent.holding.set()
        sandbox.kubectl("delete", "tradaienv", "sample", "-n", "tradai", "--wait=false")
        sandbox.until("the task of the destroy", lambda: len(tasks(sandbox, place)) == 5)
        assert len(secrets_of_runs(sandbox)) == 1, "nobody has read it yet"

    third = Operator(sandbox, "third", **place.variables)
    with running(third):
        sandbox.until("the third operator to lead", lambda: third.leads)
        agent.holding.clear()
        sandbox.gone("sample")
        assert layers(sandbox, place) == ["store", "work", "work", "work", "work", "store"]
        sandbox.until("secrets of runs to go", lambda: not secrets_of_runs(sandbox))
    everything_was_done_once_and_nothing_is_left(sandbox, agent)


def codes_of(agent: EcsAgent) -> set[int | None] | None:
    """The exit codes of all containers, None while one works: a result is there a moment before its run has ended."""
    codes = {container.exit_code for container in agent.containers.values()}
    return None if None in codes else codes


def everything_was_done_once_and_nothing_is_left(sandbox: Deployed, agent: EcsAgent) -> None:
    assert len({task["startedBy"] for task in agent.seen}) == len(agent.seen) == 6
    codes = sandbox.until("the last container to end", lambda: codes_of(agent))
    assert codes == {0}
    assert sandbox.runs() == [], "no run was a process of an operator's host"
    assert sandbox.env["PULUMI_CONFIG_PASSPHRASE"] not in json.dumps(agent.seen, default=str)
    assert (notes(sandbox), sandbox.clients("dynamodb").list_tables()["TableNames"]) == ([], [])
    assert sandbox.clients("secretsmanager").list_secrets()["SecretList"] == []
    s3 = sandbox.clients("s3")
    left = s3.list_objects_v2(Bucket=BUCKET, Prefix=".tradai/runs/")["Contents"]
    assert not [found["Key"] for found in left if "/journal/" in found["Key"]]
    assert "Contents" not in s3.list_objects_v2(Bucket=BUCKET, Prefix=".pulumi/locks/")
