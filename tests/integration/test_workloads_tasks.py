"""Tasks whose images are known: run as processes with their definition's words, ended, counted, refused."""

import json
from collections.abc import Iterator
from typing import Any, Final
from uuid import uuid4

import pytest

from tests.integration.lambda_estate import Functions, until
from tests.integration.provider_server import moto_server
from tests.integration.workload_estate import Estate

CLUSTER: Final = "jobs"
GROUP: Final = "/ecs/job"


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    with moto_server() as url:
        made = Estate(Functions(url), tmp_path_factory.mktemp("checkout") / "root")
        made("ecs").create_cluster(clusterName=CLUSTER, capacityProviders=["FARGATE"])
        made("logs").create_log_group(logGroupName=GROUP)
        vpc = made("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        made("ec2").create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")
        made("ec2").create_security_group(GroupName=CLUSTER, Description=CLUSTER, VpcId=vpc)
        define(made, "job", made.push("job", "service"))
        yield made


def define(estate: Estate, family: str, image: str, **more: Any) -> None:
    options = {"awslogs-group": GROUP, "awslogs-region": "eu-central-1", "awslogs-stream-prefix": family}
    estate("ecs").register_task_definition(
        family=family,
        taskRoleArn=estate.role(f"{family}-task"),
        executionRoleArn=estate.role(f"{family}-execution"),
        requiresCompatibilities=["FARGATE"],
        networkMode="awsvpc",
        cpu="256",
        memory="512",
        containerDefinitions=[
            {
                "name": "main",
                "image": image,
                "environment": [{"name": "JOB", "value": "of-definition"}],
                "logConfiguration": {"logDriver": "awslogs", "options": options},
                **more,
            }
        ],
    )


def place(estate: Estate) -> dict[str, list[str]]:
    ours = [{"Name": "cidr-block", "Values": ["10.0.1.0/24"]}]
    (subnet,) = estate("ec2").describe_subnets(Filters=ours)["Subnets"]
    named = [{"Name": "group-name", "Values": [CLUSTER]}]
    (group,) = estate("ec2").describe_security_groups(Filters=named)["SecurityGroups"]
    return {"subnets": [subnet["SubnetId"]], "securityGroups": [group["GroupId"]]}


def run(estate: Estate, family: str = "job", command: list[str] | None = None, **variables: str) -> Any:
    override = {"name": "main", "environment": [{"name": name, "value": value} for name, value in variables.items()]}
    more = {"command": command} if command else {}
    return estate("ecs").run_task(
        cluster=CLUSTER,
        taskDefinition=family,
        launchType="FARGATE",
        networkConfiguration={"awsvpcConfiguration": place(estate)},
        overrides={"containerOverrides": [{**override, **more}]},
    )


def arn_of(answer: Any) -> str:
    (task,) = answer["tasks"]
    return str(task["taskArn"])


def look(estate: Estate, arn: str) -> Any:
    (task,) = estate("ecs").describe_tasks(cluster=CLUSTER, tasks=[arn])["tasks"]
    return task


def ended(estate: Estate, arn: str) -> Any:
    until(lambda: look(estate, arn)["lastStatus"] == "STOPPED")
    return look(estate, arn)


def running(estate: Estate, arn: str) -> None:
    stream = f"job/main/{arn.rpartition('/')[2]}"
    until(lambda: look(estate, arn)["lastStatus"] == "RUNNING" and "waiting" in lines(estate, stream))


def lines(estate: Estate, stream: str) -> list[str]:
    known = estate("logs").describe_log_streams(logGroupName=GROUP)["logStreams"]
    if stream not in [each["logStreamName"] for each in known]:
        return []
    found = estate("logs").get_log_events(logGroupName=GROUP, logStreamName=stream)["events"]
    return [each["message"] for each in found]


def test_a_task_runs_its_command_with_its_variables_and_says_how_it_ended(estate: Estate) -> None:
    arn = arn_of(run(estate))
    task = ended(estate, arn)
    (container,) = task["containers"]
    assert (container["exitCode"], task["stopCode"]) == (0, "EssentialContainerExited")
    assert task["stoppedReason"] == "Essential container in task exited"
    assert task["startedAt"] <= task["stoppedAt"]
    assert lines(estate, f"job/main/{arn.rpartition('/')[2]}") == ["started of-definition yes usual"]


def test_a_call_overrides_command_and_variables(estate: Estate) -> None:
    arn = arn_of(run(estate, command=["other", "words"], JOB="mine", DO="7"))
    (container,) = ended(estate, arn)["containers"]
    assert container["exitCode"] == 7
    assert lines(estate, f"job/main/{arn.rpartition('/')[2]}") == ["started mine yes other words"]


def test_services_of_two_environments_answer_at_one_port_each_to_its_own(estate: Estate) -> None:
    names = [f"eph-{uuid4().hex[:8]}" for _ in range(2)]
    tasks = [arn_of(run(estate, DO="serve", ENVIRONMENT=name)) for name in names]
    for arn, name in zip(tasks, names, strict=True):
        estate.function(f"asks-{name}", Environment={"Variables": {"ENVIRONMENT": name}})
        running(estate, arn)
        url = f"http://job.tradai-{name}.local:8000/"
        assert estate.invoke(f"asks-{name}", do="get", url=url) == name
    for arn in tasks:
        estate("ecs").stop_task(cluster=CLUSTER, task=arn)
        ended(estate, arn)


def test_a_task_that_is_stopped_gets_a_signal(estate: Estate) -> None:
    arn = arn_of(run(estate, DO="wait"))
    running(estate, arn)
    assert "exitCode" not in look(estate, arn)["containers"][0]
    estate("ecs").stop_task(cluster=CLUSTER, task=arn, reason="no longer wanted")
    task = ended(estate, arn)
    assert task["containers"][0]["exitCode"] == 143
    assert (task["stopCode"], task["stoppedReason"]) == ("UserInitiated", "no longer wanted")


def test_a_task_that_does_not_listen_is_killed_after_its_time(estate: Estate) -> None:
    define(estate, "stubborn", estate.push("job", "service"), stopTimeout=2)
    arn = arn_of(run(estate, "stubborn", DO="stubborn"))
    until(lambda: "waiting" in lines(estate, f"stubborn/main/{arn.rpartition('/')[2]}"))
    estate("ecs").stop_task(cluster=CLUSTER, task=arn)
    assert ended(estate, arn)["containers"][0]["exitCode"] == 137


def test_a_task_with_too_much_memory_is_ended(estate: Estate) -> None:
    define(estate, "greedy", estate.push("job", "service"), memory=128)
    (container,) = ended(estate, arn_of(run(estate, "greedy", DO="grow")))["containers"]
    assert container["exitCode"] == 137
    assert container["reason"].startswith("OutOfMemoryError")


def test_a_secret_that_is_not_there_keeps_a_task_from_starting(estate: Estate) -> None:
    gone = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:gone"
    define(estate, "secretive", estate.push("job", "service"), secrets=[{"name": "S", "valueFrom": gone}])
    task = ended(estate, arn_of(run(estate, "secretive")))
    assert task["stopCode"] == "TaskFailedToStart"
    assert task["stoppedReason"].startswith("ResourceInitializationError")


def test_a_task_finds_no_capacity_where_that_was_asked_for(estate: Estate) -> None:
    estate.manners(refusals=[{"family": "job", "how": "capacity"}])
    answer = run(estate)
    assert answer["tasks"] == []
    assert answer["failures"][0]["reason"].startswith("Capacity is unavailable at this time")
    assert ended(estate, arn_of(run(estate)))["containers"][0]["exitCode"] == 0, "the next one finds some"


def test_a_task_is_accepted_and_never_runs_where_that_was_asked_for(estate: Estate) -> None:
    estate.manners(refusals=[{"family": "job", "how": "never"}, {"family": "job", "how": "pull"}])
    arn = arn_of(run(estate))
    for _ in range(3):
        assert look(estate, arn)["lastStatus"] == "PROVISIONING"
    assert ended(estate, arn_of(run(estate)))["stopCode"] == "TaskFailedToStart"
    assert look(estate, arn)["lastStatus"] == "PROVISIONING"
    estate("ecs").stop_task(cluster=CLUSTER, task=arn, reason="enough")
    task = look(estate, arn)
    assert (task["lastStatus"], task["stoppedReason"]) == ("STOPPED", "enough")


def test_an_unknown_image_behaves_as_it_ever_did(estate: Estate) -> None:
    define(estate, "unknown", "nginx")
    arn = arn_of(run(estate, "unknown"))
    assert ended(estate, arn)["containers"][0]["exitCode"] == 0


@pytest.mark.parametrize(
    ("do", "refusals", "status", "error"),
    [
        ("0", [], "SUCCEEDED", None),
        ("7", [], "FAILED", "States.TaskFailed"),
        ("0", [{"family": "job", "how": "capacity"}], "FAILED", "AmazonECS.Unknown"),
        ("0", [{"family": "job", "how": "pull"}], "FAILED", "States.TaskFailed"),
        ("0", [{"family": "job", "how": "never"}], "FAILED", "States.Timeout"),
    ],
    ids=["ends", "fails", "no capacity", "no image", "never runs"],
)
def test_a_workflow_follows_its_task_to_the_end(
    estate: Estate, do: str, refusals: list[Any], status: str, error: str | None
) -> None:
    estate.manners(refusals=refusals)
    override = {"Name": "main", "Environment": [{"Name": "DO", "Value": do}]}
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::ecs:runTask.sync",
        "Parameters": {
            "Cluster": CLUSTER,
            "TaskDefinition": "job",
            "LaunchType": "FARGATE",
            "NetworkConfiguration": {
                "AwsvpcConfiguration": {
                    "Subnets": place(estate)["subnets"],
                    "SecurityGroups": place(estate)["securityGroups"],
                }
            },
            "Overrides": {"ContainerOverrides": [override]},
        },
        "TimeoutSeconds": 5 if error == "States.Timeout" else 120,
        "End": True,
    }
    definition = json.dumps({"StartAt": "Run", "States": {"Run": task}})
    steps, name = estate("stepfunctions"), uuid4().hex
    machine = steps.create_state_machine(name=name, definition=definition, roleArn=estate.role(name))["stateMachineArn"]
    execution = steps.start_execution(stateMachineArn=machine)["executionArn"]
    until(lambda: steps.describe_execution(executionArn=execution)["status"] != "RUNNING")
    found = steps.describe_execution(executionArn=execution)
    assert (found["status"], found.get("error")) == (status, error)
