"""Tasks that run in a cluster keep it: a destroy stops those that nobody else would."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import WaiterError
from moto import mock_aws

from tradai_runner.state.checkpoint import Checkpoint, Recorded
from tradai_runner.teardown import contents
from tradai_runner.teardown.contents import NotEmptiedError, empty, found_contents

NAME = "tradai-cluster-dev"


class Cluster:
    """One cluster of Fargate, and what the state has of it."""

    def __init__(self) -> None:
        session: Any = boto3.Session(region_name="eu-central-1")
        self.clients: dict[str, Any] = {name: session.client(name) for name in ("ecs", "ec2")}
        ecs, ec2 = self.clients["ecs"], self.clients["ec2"]
        self.arn = ecs.create_cluster(clusterName=NAME)["cluster"]["clusterArn"]
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        self.subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
        ecs.register_task_definition(
            family="backtest", containerDefinitions=[{"name": "it", "image": "it", "memory": 128}]
        )

    @property
    def recorded(self) -> Checkpoint:
        inputs = {"name": NAME}
        return Checkpoint(
            (Recorded("urn::cluster", "aws:ecs/cluster:Cluster", "cluster", self.arn, inputs, {}, False, False),)
        )

    def run(self, **more: str) -> str:
        network = {"awsvpcConfiguration": {"subnets": [self.subnet]}}
        started = self.clients["ecs"].run_task(
            cluster=NAME, taskDefinition="backtest", launchType="FARGATE", networkConfiguration=network, **more
        )
        return str(started["tasks"][0]["taskArn"])

    def running(self) -> set[str]:
        return set(self.clients["ecs"].list_tasks(cluster=NAME, desiredStatus="RUNNING")["taskArns"])

    def found(self) -> tuple[contents.Content, ...]:
        return found_contents(self.clients.__getitem__, self.recorded)


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    for key in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(key, "testing")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        yield Cluster()


def test_a_cluster_in_which_nothing_runs_is_empty(cluster: Cluster) -> None:
    assert cluster.found() == ()


def test_running_tasks_are_told_and_stopped(cluster: Cluster) -> None:
    cluster.run()
    cluster.run()
    (content,) = cluster.found()
    assert str(content) == "cluster tradai-cluster-dev: 2 running tasks"
    empty(cluster.clients.__getitem__, content)
    assert (cluster.running(), cluster.found()) == (set(), ())


def test_tasks_of_a_service_are_left_to_it(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    lone, of_service = cluster.run(), cluster.run()
    describe = cluster.clients["ecs"].describe_tasks

    def described(**asked: Any) -> Any:
        answer = describe(**asked)
        for task in answer["tasks"]:
            task["group"] = "service:mlflow" if task["taskArn"] == of_service else "family:backtest"
        return answer

    monkeypatch.setattr(cluster.clients["ecs"], "describe_tasks", described)
    (content,) = cluster.found()
    empty(cluster.clients.__getitem__, content)
    assert cluster.running() == {of_service}
    assert lone != of_service


def test_a_cluster_that_is_gone_is_empty(cluster: Cluster) -> None:
    cluster.clients["ecs"].delete_cluster(cluster=NAME)
    recorded = cluster.recorded
    cluster.clients["ecs"] = boto3.Session(region_name="eu-west-1").client("ecs")
    assert found_contents(cluster.clients.__getitem__, recorded) == ()


def test_a_task_that_does_not_stop_is_a_failure(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    cluster.run()
    (content,) = cluster.found()

    class Never:
        def wait(self, **_: Any) -> None:
            raise WaiterError("TasksStopped", "Max attempts exceeded", {})

    monkeypatch.setattr(cluster.clients["ecs"], "get_waiter", lambda _: Never())
    with pytest.raises(NotEmptiedError, match="keeps running tasks"):
        empty(cluster.clients.__getitem__, content)
