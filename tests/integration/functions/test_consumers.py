"""backtest-consumer and sqs-consumer between queues, tables, ECS and Step Functions of the endpoint."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError
from botocore.exceptions import ClientError

from backtest_consumer import handler as backtests
from shared import clients
from shared.jobs import Jobs, Status
from shared.queue import WAITS
from shared.retraining import Outcome, Retrainings
from sqs_consumer import handler as trainings

GOOD = {"strategy": "S", "timeframe": "1h", "timerange": "20240101-20240201", "pairs": ["BTC/USDT"]}
ROLE = "arn:aws:iam::123456789012:role/x"
MACHINE = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 600, "End": True}}}
CONTAINER = {"name": "strategy-container", "image": "x", "memory": 512}


class Estate:
    """One consumer with all that it works on."""

    def __init__(self, deployed: Any, queue: str, handler: Any, context: Any) -> None:
        self.deployed, self._handler, self._context = deployed, handler, context
        self.url = deployed.queue(queue)
        self.table = deployed.table("workflow-state" if queue == "backtest" else "retraining-state").name
        self._keys = deployed.table("idempotency")
        mark = deployed.mark
        cluster = deployed("ecs").create_cluster(clusterName=f"c-{mark}", capacityProviders=["FARGATE_SPOT"])
        definition = deployed("ecs").register_task_definition(
            family=f"strategy-{mark}", requiresCompatibilities=["FARGATE"], networkMode="awsvpc", cpu="256",
            memory="512", containerDefinitions=[CONTAINER],
        )  # fmt: skip
        machine = deployed("stepfunctions").create_state_machine(
            name=f"m-{mark}", definition=json.dumps(MACHINE), roleArn=ROLE
        )
        self.machine = machine["stateMachineArn"]
        vpc = deployed("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        subnet = deployed("ec2").create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
        group = deployed("ec2").create_security_group(GroupName="g", Description="g", VpcId=vpc)["GroupId"]
        self.cluster = cluster["cluster"]["clusterArn"]
        deployed.set(
            ECS_CLUSTER=self.cluster,
            ECS_TASK_DEFINITION=definition["taskDefinition"]["taskDefinitionArn"],
            ECS_TASK_PREFIX="strategy-",
            ECS_SUBNETS=subnet,
            ECS_SECURITY_GROUPS=group,
            STEP_FUNCTIONS_ARN=self.machine,
            RETRAINING_WORKFLOW_ARN=self.machine,
        )
        self.mode("stepfunctions")

    def mode(self, mode: str) -> None:
        self.deployed.set(LAUNCH_MODE=mode)
        self._handler.ENTRY.reset()

    def send(self, body: object, *, group: str = "g", **said: str) -> str:
        text = body if isinstance(body, str) else json.dumps(body)
        attributes = {name: {"DataType": "String", "StringValue": value} for name, value in said.items()}
        sent = self.deployed("sqs").send_message(
            QueueUrl=self.url,
            MessageBody=text,
            MessageGroupId=group,
            MessageDeduplicationId=f"{hash((text, group, len(said)))}",
            MessageAttributes=attributes,
        )
        return str(sent["MessageId"])

    def batch(self) -> dict[str, Any]:
        found: dict[str, Any] = self.deployed.batch(self.url)
        return found

    def handle(self, event: dict[str, Any]) -> list[str]:
        answer = self._handler.handle(event, self._context)
        return [failed["itemIdentifier"] for failed in answer["batchItemFailures"]]

    def deadlines_pass(self) -> None:
        """Whoever holds a key holds it no more."""
        for record in self._keys.scan()["Items"]:
            self._keys.put_item(Item={**record, "in_progress_expiration": 1})

    def executions(self) -> list[str]:
        found = self.deployed("stepfunctions").list_executions(stateMachineArn=self.machine)
        return [each["name"] for each in found["executions"]]

    def tasks(self) -> list[str]:
        """All there ever were: those of the endpoint end by themselves."""
        ask = self.deployed("ecs").list_tasks
        every = [ask(cluster=self.cluster, desiredStatus=each)["taskArns"] for each in ("RUNNING", "STOPPED")]
        return sorted({arn for arns in every for arn in arns})


@pytest.fixture
def estate(deployed: Any, context: Any) -> Estate:
    return Estate(deployed, "backtest", backtests, context)


@pytest.fixture
def retraining(deployed: Any, context: Any) -> Estate:
    return Estate(deployed, "retraining", trainings, context)


def again(event: dict[str, Any], received: int) -> dict[str, Any]:
    """The same batch, delivered once more."""
    records = [
        {**record, "attributes": {**record["attributes"], "ApproximateReceiveCount": str(received)}}
        for record in event["Records"]
    ]
    return {"Records": records}


class Troubled:
    """A client of AWS of which one call is played."""

    def __init__(self, target: Any, operation: str, play: Callable[..., Any]) -> None:
        self._target, self._operation, self._play = target, operation, play

    def __getattr__(self, name: str) -> Any:
        return self._play if name == self._operation else getattr(self._target, name)


def trouble(patch: pytest.MonkeyPatch, service: str, operation: str, play: Callable[..., Any]) -> None:
    real = clients.client
    patch.setattr(
        clients,
        "client",
        lambda asked: Troubled(real(asked), operation, play) if asked == service else real(asked),
    )


def throttled(**_: Any) -> Any:
    error = {"Error": {"Code": "ThrottlingException", "Message": "slow down"}}
    raise ClientError({**error, "ResponseMetadata": {"HTTPStatusCode": 400}}, "x")


def no_room(**_: Any) -> Any:
    return {"tasks": [], "failures": [{"reason": "Capacity is unavailable at this time"}]}


def job(estate: Estate, run_id: str) -> Any:
    found = Jobs(estate.table).get(run_id)
    assert found
    return found


def test_a_request_becomes_one_execution_and_a_job_that_says_whose_it_is(estate: Estate) -> None:
    estate.send(GOOD | {"job_id": "mine"}, subject="anna", request_id="r1")
    event = estate.batch()
    assert estate.handle(event) == []
    assert estate.handle(again(event, 2)) == []
    assert estate.executions() == ["mine"]
    found = job(estate, "mine")
    assert (found.status, found.subject, found.trace_id) == (Status.LAUNCHING, "anna", "r1")
    assert found.execution_arn.endswith(":mine") and not found.error
    execution = estate.deployed("stepfunctions").describe_execution(executionArn=found.execution_arn)
    assert json.loads(execution["input"]) == found.request
    assert found.request["pairs"] == "BTC/USDT"


def test_a_request_without_a_name_has_the_id_of_its_message(estate: Estate) -> None:
    message = estate.send(GOOD, subject="anna")
    estate.handle(estate.batch())
    assert estate.executions() == [message]
    assert job(estate, message).trace_id == message


def test_a_trace_of_x_ray_is_kept(estate: Estate) -> None:
    estate.send(GOOD | {"job_id": "mine"}, subject="anna", request_id="r1")
    event = estate.batch()
    event["Records"][0]["attributes"]["AWSTraceHeader"] = "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1"
    estate.handle(event)
    assert job(estate, "mine").trace_id == "1-5759e988-bd862e3fe1be46a994272793"


def test_a_request_becomes_one_task_with_its_variables(estate: Estate) -> None:
    estate.mode("ecs")
    estate.send(GOOD | {"job_id": "mine"}, subject="anna")
    event = estate.batch()
    assert estate.handle(event) == []
    estate.handle(again(event, 2))
    (task,) = estate.tasks()
    assert job(estate, "mine").task_arn == task
    (told,) = estate.deployed("ecs").describe_tasks(cluster=estate.cluster, tasks=[task])["tasks"]
    assert told["startedBy"] == "mine"
    (container,) = told["overrides"]["containerOverrides"]
    given = {each["name"]: each["value"] for each in container["environment"]}
    assert (given["JOB_ID"], given["TRADING_MODE"], given["TIMERANGE"]) == ("mine", "backtest", "20240101-20240201")


def test_a_name_that_is_another_persons_is_refused_and_nothing_of_it_is_told(estate: Estate) -> None:
    estate.send(GOOD | {"job_id": "mine"}, subject="anna")
    estate.handle(estate.batch())
    message = estate.send(GOOD | {"job_id": "mine"}, group="h", subject="bert", request_id="r")
    assert estate.handle(estate.batch()) == []
    refused = job(estate, message)
    assert refused.status is Status.FAILED and "taken" in refused.error["Cause"]
    assert job(estate, "mine").subject == "anna"
    (letter,) = estate.deployed.dead_letters()
    assert letter["reason"] == refused.error["Cause"] and letter["subject"] == "bert" and "anna" not in str(letter)


def test_a_corrected_request_under_a_refused_ones_name_is_told_to_take_another(estate: Estate) -> None:
    estate.send({"job_id": "mine"}, subject="anna")
    assert estate.handle(estate.batch()) == []
    message = estate.send(GOOD | {"job_id": "mine"}, group="h", subject="anna")
    event = estate.batch()
    assert estate.handle(event) == []
    assert estate.handle(again(event, 2)) == []
    refused = job(estate, message)
    assert refused.status is Status.FAILED and "name another" in refused.error["Cause"]
    assert refused.error["Cause"] in [letter["reason"] for letter in estate.deployed.dead_letters()]
    assert estate.executions() == []


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("nonsense", "Invalid JSON"),
        ({"job_id": "mine"}, "strategy: Field required"),
        (GOOD | {"job_id": "mine", "timerange": "20240101-20240101"}, "timerange: the first day must be before"),
        (GOOD | {"job_id": "mine", "pairs": [f"C{n}/USDT" for n in range(900)]}, "pairs: too many"),
    ],
)
def test_what_cannot_be_done_lies_aside_with_its_reason(estate: Estate, body: object, reason: str) -> None:
    message = estate.send(body, subject="anna")
    event = estate.batch()
    assert estate.handle(event) == []
    assert estate.handle(again(event, 2)) == []
    (letter,) = estate.deployed.dead_letters()
    assert reason in letter["reason"]
    found = job(estate, message if body == "nonsense" else "mine")
    assert (found.status, found.subject) == (Status.FAILED, "anna") and reason in found.error["Cause"]
    assert estate.executions() == []


def test_only_the_group_of_what_failed_waits(estate: Estate, monkeypatch: pytest.MonkeyPatch) -> None:
    real = clients.client("stepfunctions").start_execution
    trouble(
        monkeypatch, "stepfunctions", "start_execution",
        lambda **given: throttled() if given["name"] == "a1" else real(**given),
    )  # fmt: skip
    ids = {}
    for name, group in (("a1", "a"), ("a2", "a"), ("b1", "b")):
        ids[name] = estate.send(GOOD | {"job_id": name}, group=group, subject="anna")
    records: list[dict[str, Any]] = []
    while len(records) < len(ids):
        records += estate.batch()["Records"]
    assert sorted(estate.handle({"Records": records})) == sorted([ids["a1"], ids["a2"]])
    assert estate.executions() == ["b1"]
    assert "ThrottlingException: slow down" in job(estate, "a1").error["Cause"]
    assert Jobs(estate.table).get("a2") is None


def test_what_finds_no_room_comes_back_at_its_time_and_then_runs_once(
    estate: Estate, monkeypatch: pytest.MonkeyPatch
) -> None:
    estate.mode("ecs")
    estate.send(GOOD | {"job_id": "mine"}, subject="anna")
    event = estate.batch()
    waits: list[int] = []
    with monkeypatch.context() as patch:
        trouble(patch, "ecs", "run_task", no_room)
        trouble(patch, "sqs", "change_message_visibility", lambda **given: waits.append(given["VisibilityTimeout"]))
        for received in (1, 2):
            with pytest.raises(BatchProcessingError):
                estate.handle(again(event, received))
            assert "Capacity is unavailable" in job(estate, "mine").error["Cause"]
    assert tuple(waits) == WAITS
    assert job(estate, "mine").launches == 2
    assert estate.handle(again(event, 3)) == []
    assert len(estate.tasks()) == 1 and not job(estate, "mine").error


def test_what_never_finds_room_ends_with_its_reason(estate: Estate, monkeypatch: pytest.MonkeyPatch) -> None:
    estate.mode("ecs")
    estate.send(GOOD | {"job_id": "mine"}, subject="anna")
    event = estate.batch()
    trouble(monkeypatch, "ecs", "run_task", no_room)
    assert estate.handle(again(event, 3)) == []
    (letter,) = estate.deployed.dead_letters()
    found = job(estate, "mine")
    assert found.status is Status.FAILED
    assert found.error["Cause"] == letter["reason"]
    assert letter["reason"].startswith("delivery 3 of 3: ECS has no room")


@pytest.mark.parametrize("mode", ["ecs", "stepfunctions"])
def test_what_was_started_and_not_written_down_is_found_again(
    estate: Estate, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    estate.mode(mode)
    estate.send(GOOD | {"job_id": "mine"}, subject="anna")
    event = estate.batch()
    service, call = ("ecs", "run_task") if mode == "ecs" else ("stepfunctions", "start_execution")
    real = getattr(clients.client(service), call)

    started: list[str] = []

    def killed(**given: Any) -> Any:
        answer = real(**given)
        started.append(answer["tasks"][0]["taskArn"] if mode == "ecs" else answer["executionArn"])
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        trouble(patch, service, call, killed)
        with pytest.raises(KeyboardInterrupt):
            estate.handle(event)
    held = job(estate, "mine")
    assert held.status is Status.LAUNCHING and held.asked == 0 and not held.task_arn and not held.execution_arn
    with pytest.raises(BatchProcessingError):
        estate.handle(again(event, 2))  # the killed one's time is not over
    estate.deadlines_pass()
    assert estate.handle(again(event, 3)) == []
    found = job(estate, "mine")
    assert started == [found.task_arn or found.execution_arn]


def test_an_execution_that_fails_before_it_is_written_down_keeps_its_own_error(
    estate: Estate, monkeypatch: pytest.MonkeyPatch
) -> None:
    estate.send(GOOD | {"job_id": "mine"}, subject="anna")
    real = clients.client("stepfunctions").start_execution

    def fails_at_once(**given: Any) -> Any:
        answer = real(**given)
        Jobs(estate.table).move("mine", Status.FAILED, error={"Error": "States.TaskFailed", "Cause": "no candles"})
        return answer

    trouble(monkeypatch, "stepfunctions", "start_execution", fails_at_once)
    assert estate.handle(estate.batch()) == []
    found = job(estate, "mine")
    assert found.status is Status.FAILED and found.error["Cause"] == "no candles"
    assert found.execution_arn.endswith(":mine") and found.asked is None


def test_a_queue_that_is_not_reached_loses_nothing(estate: Estate, monkeypatch: pytest.MonkeyPatch) -> None:
    estate.send("nonsense", subject="anna")
    event = estate.batch()
    with monkeypatch.context() as patch:
        trouble(patch, "sqs", "send_message", throttled)
        with pytest.raises(BatchProcessingError):
            estate.handle(event)
    assert estate.handle(again(event, 2)) == []
    assert len(estate.deployed.dead_letters()) == 1


@pytest.mark.parametrize("mode", ["ecs", "stepfunctions"])
def test_a_model_is_trained_once_at_a_time(retraining: Estate, mode: str) -> None:
    retraining.mode(mode)
    retraining.send(GOOD | {"model_name": "m", "job_id": "one", "reason": "drift"})
    event = retraining.batch()
    assert retraining.handle(event) == []
    assert retraining.handle(again(event, 2)) == []
    retraining.send({"model_name": "m", "job_id": "two"}, group="h")
    later = retraining.batch()
    assert retraining.handle(later) == []
    runs = Retrainings(retraining.table)
    found = runs.get("m")
    assert found and found.has("one") and (found.execution_arn or found.task_arn)
    assert found.request["model_name"] == "m" and found.request["reason"] == "drift"
    assert len(retraining.tasks() if mode == "ecs" else retraining.executions()) == 1
    assert runs.release("m", "one", Outcome.KEPT)
    retraining.send({"model_name": "m", "job_id": "three", "timerange": "20240201-20240301"}, group="i")
    assert retraining.handle(retraining.batch()) == []
    found = runs.get("m")
    assert found and found.has("three") and found.request["timerange"] == "20240201-20240301"
    assert len(retraining.tasks() if mode == "ecs" else retraining.executions()) == 2


@pytest.mark.parametrize("mode", ["ecs", "stepfunctions"])
def test_two_models_may_have_a_run_of_the_same_name(retraining: Estate, mode: str) -> None:
    retraining.mode(mode)
    for model in ("m", "n"):
        retraining.send(GOOD | {"model_name": model, "job_id": "a"}, group=model)
        assert retraining.handle(retraining.batch()) == []
    runs = Retrainings(retraining.table)
    first, second = runs.get("m"), runs.get("n")
    assert first and second and first.started and second.started and first.started != second.started
    assert len(retraining.tasks() if mode == "ecs" else retraining.executions()) == 2


def test_a_run_that_has_ended_without_a_word_holds_up_no_message(retraining: Estate) -> None:
    retraining.send(GOOD | {"model_name": "m", "job_id": "one"})
    assert retraining.handle(retraining.batch()) == []
    runs = Retrainings(retraining.table)
    first = runs.get("m")
    assert first
    retraining.deployed("stepfunctions").stop_execution(executionArn=first.execution_arn)
    retraining.send({"model_name": "m", "job_id": "two"}, group="h")
    assert retraining.handle(retraining.batch()) == []
    found = runs.get("m")
    assert found and found.has("two") and found.execution_arn != first.execution_arn


def test_a_model_of_which_too_little_is_known_is_refused(retraining: Estate) -> None:
    retraining.send({"model_name": "m"})
    assert retraining.handle(retraining.batch()) == []
    (letter,) = retraining.deployed.dead_letters()
    assert "no earlier training to go by" in letter["reason"] and "strategy: Field required" in letter["reason"]


def test_a_training_that_finds_no_room_comes_back_and_keeps_its_model(
    retraining: Estate, monkeypatch: pytest.MonkeyPatch
) -> None:
    retraining.mode("ecs")
    retraining.send(GOOD | {"model_name": "m", "job_id": "one"})
    event = retraining.batch()
    with monkeypatch.context() as patch:
        trouble(patch, "ecs", "run_task", no_room)
        with pytest.raises(BatchProcessingError):
            retraining.handle(event)
    found = Retrainings(retraining.table).get("m")
    assert found and found.has("one")
    assert retraining.handle(again(event, 2)) == []
    assert len(retraining.tasks()) == 1


def test_a_model_is_free_again_where_its_run_never_finds_room(
    retraining: Estate, monkeypatch: pytest.MonkeyPatch
) -> None:
    retraining.mode("ecs")
    retraining.send(GOOD | {"model_name": "m", "job_id": "one"})
    trouble(monkeypatch, "ecs", "run_task", no_room)
    assert retraining.handle(again(retraining.batch(), 3)) == []
    found = Retrainings(retraining.table).get("m")
    assert found and not found.has("one") and found.outcome is Outcome.FAILED
    (letter,) = retraining.deployed.dead_letters()
    assert letter["reason"] == found.reason
