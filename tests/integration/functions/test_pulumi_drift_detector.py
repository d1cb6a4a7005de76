"""pulumi-drift-detector on a deployed table, a state bucket and a cluster; the runner's part is written by the test."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pulumi_drift_detector import handler
from pulumi_drift_detector.logic import NO_RUNNER
from shared import clock
from shared.deployed import DEPLOYED
from shared.infra_drift import Look, Looks, moment

STACKS = {f"{project}-dev": project for project in DEPLOYED.stacks.values()}
KEY = "arn:aws:kms:eu-central-1:123456789012:key/k"


class Estate:
    """The table, the bucket and the cluster of one test."""

    def __init__(self, deployed: Any) -> None:
        self.deployed = deployed
        self.looks = Looks(deployed.table("infra-drift-state").name)
        self.heard = deployed.topic("alerts")
        self.bucket = deployed.bucket("pulumi-state")
        ecs = deployed("ecs")
        arn = ecs.create_cluster(clusterName=f"cluster-{deployed.mark}")["cluster"]["clusterArn"]
        container = {"name": "runner", "image": "image", "memory": 128}
        made = ecs.register_task_definition(family="look", containerDefinitions=[container])["taskDefinition"]
        deployed.set(
            PULUMI_STATE_BUCKET=self.bucket,
            ECS_CLUSTER=arn,
            ECS_SUBNETS="subnet-1",
            ECS_SECURITY_GROUPS="sg-1",
            DRIFT_RUNNER_TASK_DEFINITION=made["taskDefinitionArn"],
        )

    def was(self, **layers: Any) -> None:
        """What the environment last was."""
        aws = {"accountId": "123456789012", "region": "eu-central-1"}
        state = {"backendUrl": f"s3://{self.bucket}", "secrets": {"awskms": KEY}}
        body = {"manifest": {"spec": {"aws": aws, "state": state, "layers": layers}}, "images": {}}
        self.put(".tradai/history/tradai/dev/20261129T100000-a.json", body)

    def put(self, key: str, body: Any) -> None:
        self.deployed("s3").put_object(Bucket=self.bucket, Key=key, Body=json.dumps(body).encode())

    def asked(self, project: str) -> dict[str, Any]:
        """The request of the run that the detector waits for."""
        key = self.journal(project) + "request.json"
        found = self.deployed("s3").get_object(Bucket=self.bucket, Key=key)["Body"].read()
        return dict(json.loads(found))

    def journal(self, project: str) -> str:
        run = self.looks.memory(f"{project}-dev").run_id
        return f".tradai/runs/{project}/dev/{run}/journal/"

    def ends(self, project: str, **drift: Any) -> None:
        """The runner's last word."""
        summary = {"changed": 0, "missing": 0, "unexpected": 0, "ignored": 0, "first": []} | drift
        at = datetime.now(UTC).timestamp()
        self.put(self.journal(project) + "result.json", {"outcome": "succeeded", "finished_at": at, "drift": summary})

    def tasks(self) -> list[str]:
        cluster = f"cluster-{self.deployed.mark}"
        return list(self.deployed("ecs").list_tasks(cluster=cluster)["taskArns"])

    def messages(self) -> list[str]:
        return [one["Message"] for one in self.deployed.heard(self.heard)]


@pytest.fixture
def estate(deployed: Any, monkeypatch: pytest.MonkeyPatch) -> Estate:
    """Calls wait for no run."""
    handler.ENTRY.reset()
    monkeypatch.setattr(handler, "WAITS", 0.0)
    return Estate(deployed)


def call(context: Any) -> dict[str, str]:
    return dict(handler.handle({}, context))


def test_without_a_runner_all_is_unknown_and_people_are_told_once(estate: Estate, context: Any) -> None:
    estate.deployed.set(DRIFT_RUNNER_TASK_DEFINITION="none")
    for _ in range(2):
        assert set(call(context).values()) == {"unknown"}
    look = estate.looks.get("tradai-compute-dev")
    assert look and (look.has_drift, look.reason) == ("unknown", NO_RUNNER)
    (message,) = estate.messages()
    assert message.splitlines() == [f"{stack} cannot be looked at: {NO_RUNNER}." for stack in STACKS]
    assert estate.tasks() == []


def test_a_stack_that_the_operator_has_looked_at_is_skipped(estate: Estate, context: Any) -> None:
    now = moment(datetime.now(UTC))
    for stack in STACKS:
        estate.looks.put(Look(stack_name=stack, has_drift="true", last_check=now, checked_by="tradai-operator"))
    assert set(call(context).values()) == {"skipped"}
    assert estate.messages() == []


def test_one_call_starts_the_runs_and_the_next_takes_their_reports(estate: Estate, context: Any) -> None:
    estate.was(compute={"config": {"imageTag": "v1"}})
    assert set(call(context).values()) == {"running"}
    assert len(estate.tasks()) == len(STACKS)
    asked = estate.asked("tradai-compute")
    assert (asked["operation"], asked["config"], asked["kms_key"]) == ("preview", {"imageTag": "v1"}, KEY)
    estate.ends("tradai-compute", missing=1, first=["a queue is gone"])
    estate.ends("tradai-edge")
    said = call(context)
    assert said == {
        "tradai-persistent-dev": "running",
        "tradai-foundation-dev": "running",
        "tradai-compute-dev": "true",
        "tradai-edge-dev": "false",
    }
    assert len(estate.tasks()) == len(STACKS)
    assert estate.messages() == ["tradai-compute-dev has drifted: a queue is gone."]
    assert call(context)["tradai-compute-dev"] == "skipped"


def test_a_run_that_ends_without_a_result_is_unknown(estate: Estate, context: Any) -> None:
    estate.was()
    call(context)
    for arn in estate.tasks():
        estate.deployed("ecs").stop_task(cluster=f"cluster-{estate.deployed.mark}", task=arn, reason="no memory")
    assert set(call(context).values()) == {"unknown"}
    look = estate.looks.get("tradai-edge-dev")
    assert look and look.reason == "the run left no result: no memory"


def test_a_run_that_came_to_nothing_yields_to_who_has_looked_meanwhile(
    estate: Estate, context: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    estate.was()
    call(context)
    now = moment(datetime.now(UTC))
    estate.looks.put(Look(stack_name="tradai-edge-dev", has_drift="true", last_check=now, checked_by="tradai-operator"))
    for arn in estate.tasks():
        estate.deployed("ecs").stop_task(cluster=f"cluster-{estate.deployed.mark}", task=arn, reason="no memory")
    later = datetime.now(UTC) + timedelta(minutes=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    call(context)
    kept, other = estate.looks.get("tradai-edge-dev"), estate.looks.get("tradai-compute-dev")
    assert kept and other and (kept.has_drift, other.has_drift) == ("true", "unknown")


def test_a_call_that_ends_before_it_noted_its_task_starts_no_second_one(
    estate: Estate, context: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    estate.was()
    whole = Looks.remember

    def ends(self: Looks, stack: str, before: Any, after: Any) -> Any:
        if after.task_arn:
            raise KeyboardInterrupt
        return whole(self, stack, before, after)

    with monkeypatch.context() as patch:
        patch.setattr(Looks, "remember", ends)
        with pytest.raises(KeyboardInterrupt):
            call(context)
    assert set(call(context).values()) == {"running"}
    assert len(estate.tasks()) == len(STACKS)


def test_an_older_look_overwrites_no_newer_one(estate: Estate) -> None:
    new = Look(stack_name="s", has_drift="true", last_check="2026-11-29T10:00:00+00:00")
    assert estate.looks.put(new)
    assert not estate.looks.put(new.model_copy(update={"last_check": "2026-11-29T09:00:00+00:00"}))
    found = list(estate.looks.table.query("has_drift-last_check-index", "true"))
    assert [one["stack_name"] for one in found] == ["s"]
