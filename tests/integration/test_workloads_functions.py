"""Functions from pushed images, run by the endpoint: warm and fresh, their limits, their identity, their logs."""

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.integration.lambda_estate import Functions, refusal, until
from tests.integration.provider_server import moto_server
from tests.integration.workload_estate import HANDLER, Estate

METRIC = {
    "_aws": {
        "Timestamp": 0,
        "CloudWatchMetrics": [
            {"Namespace": "Tradai", "Dimensions": [["environment"]], "Metrics": [{"Name": "Lost", "Unit": "Count"}]}
        ],
    },
    "environment": "dev",
    "Lost": 3,
}


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    with moto_server() as url:
        made = Estate(Functions(url), tmp_path_factory.mktemp("checkout") / "root")
        made.function("probe")
        yield made


def identity(estate: Estate, name: str) -> str:
    return str(estate.invoke(name, do="call", service="sts", method="get_caller_identity", **{"with": {}})["Arn"])


def pid(estate: Estate, name: str = "probe") -> int:
    return int(estate.invoke(name)["pid"])


def test_a_function_stays_warm_and_sees_what_lambda_gives_it(estate: Estate) -> None:
    told = estate.invoke("probe")
    assert pid(estate) == told["pid"]
    variables = told["variables"]
    assert variables["AWS_LAMBDA_FUNCTION_NAME"] == "probe"
    assert variables["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "256"
    assert variables["AWS_LAMBDA_LOG_GROUP_NAME"] == "/aws/lambda/probe"
    assert variables["FROM_IMAGE"] == "yes"
    assert Path(variables["LAMBDA_TASK_ROOT"], "probe", "handler.py").is_file()
    assert variables["_X_AMZN_TRACE_ID"].startswith("Root=1-")
    assert 0 < told["remaining"] <= 60_000


def test_another_configuration_is_another_process(estate: Estate) -> None:
    before = pid(estate)
    estate("lambda").update_function_configuration(
        FunctionName="probe", Environment={"Variables": {"JOB": "1"}}, Timeout=61
    )
    after = estate.invoke("probe")
    assert after["pid"] != before
    assert after["variables"]["JOB"] == "1"


def test_a_changed_handler_is_another_image_and_runs_once_it_is_deployed(estate: Estate) -> None:
    first = estate.function("changes", "def handle(event, context):\n    return 1")
    assert estate.push("changes") == first, "nothing has changed"
    estate.write("lambdas/changes/handler.py", "def handle(event, context):\n    return 2")
    assert estate.invoke("changes") == 1, "what is deployed is what was pushed"
    second = estate.push("changes")
    assert second != first
    estate("lambda").update_function_code(FunctionName="changes", ImageUri=second)
    assert estate.invoke("changes") == 2


def test_what_goes_wrong_has_the_name_that_lambda_gives_it(estate: Estate) -> None:
    assert estate.error("probe", do="raise", what="x") == ("KeyError", "'x'")
    before = pid(estate)
    kind, said = estate.error("probe", do="exit")
    assert (kind, said.partition("Error: ")[2]) == ("Runtime.ExitError", "Runtime exited with error: exit status 3")
    assert estate.error("probe", do="grow", mib=400, seconds=30)[0] == "Runtime.OutOfMemory"
    assert pid(estate) != before


def test_a_function_that_takes_too_long_is_ended_and_the_next_one_is_fresh(estate: Estate) -> None:
    estate.function("slow", Timeout=2)
    before = pid(estate, "slow")
    kind, said = estate.error("slow", do="sleep", seconds=60)
    assert (kind, said.partition("Error: ")[2]) == ("Sandbox.Timedout", "Task timed out after 2.00 seconds")
    assert pid(estate, "slow") != before


def test_a_module_that_cannot_be_imported_is_told_as_lambda_tells_it(estate: Estate) -> None:
    estate.function("broken", "import nothing_of_that_name")
    kind, said = estate.error("broken")
    assert kind == "Runtime.ImportModuleError"
    assert "No module named 'nothing_of_that_name'" in said


def test_a_world_that_is_not_installed_is_named_with_the_command_that_makes_it(estate: Estate) -> None:
    estate.write("services/alone/Dockerfile", 'FROM a\nCMD ["a.handle"]\n')
    estate.write("services/alone/world.lock", "")
    uri = estate.push("alone", "service")
    estate.functions.from_image("worldless", uri)
    kind, said = estate.error("worldless")
    assert kind == "Sandbox.WorldMissing"
    assert "`just world alone` does it" in said


def test_lines_are_in_the_log_group_and_embedded_metrics_are_metric_data(estate: Estate) -> None:
    metric = {**METRIC, "_aws": {**METRIC["_aws"], "Timestamp": int(time.time() * 1000)}}  # type: ignore[dict-item]
    answer = estate("lambda").invoke(
        FunctionName="probe", Payload=json.dumps({"do": "print", "line": json.dumps(metric)}), LogType="Tail"
    )
    assert "FunctionError" not in answer
    assert {"to stderr", json.dumps(metric)} <= set(estate.lines("/aws/lambda/probe"))
    assert statistics(estate, "Tradai", "Lost", "environment", "dev")["Sum"] == 3
    ours = statistics(estate, "AWS/Lambda", "Invocations", "FunctionName", "probe")
    assert ours["Sum"] >= 1
    assert statistics(estate, "AWS/Lambda", "Duration", "FunctionName", "probe")["Maximum"] > 0


def statistics(estate: Estate, namespace: str, metric: str, name: str, value: str) -> Any:
    now = datetime.now(UTC)
    (found,) = estate("cloudwatch").get_metric_statistics(
        Namespace=namespace,
        MetricName=metric,
        Dimensions=[{"Name": name, "Value": value}],
        StartTime=now - timedelta(hours=1),
        EndTime=now + timedelta(minutes=1),
        Period=86400,
        Statistics=["Sum", "Maximum"],
    )["Datapoints"]
    return found


def test_a_function_may_do_what_its_role_allows_and_nothing_else(estate: Estate) -> None:
    may = {"Effect": "Allow", "Action": "sqs:CreateQueue", "Resource": "arn:aws:sqs:*:*:ours-*"}
    estate.function("judged", Role=estate.role("judged", may))
    assert identity(estate, "judged").endswith(":assumed-role/judged/judged")
    create = {"do": "call", "service": "sqs", "method": "create_queue"}
    assert estate.invoke("judged", **create, **{"with": {"QueueName": "ours-1"}})["QueueUrl"]
    _, said = estate.error("judged", **create, **{"with": {"QueueName": "theirs"}})
    assert "is not authorized to perform: sqs:CreateQueue" in said
    assert estate("sqs").create_queue(QueueName="theirs")["QueueUrl"], "the sandbox's own credentials stay free"


def test_what_is_denied_to_a_functions_code_alone_is_denied(estate: Estate) -> None:
    arn = "arn:aws:lambda:eu-central-1:123456789012:function:networked"
    ours = {"Action": "sqs:CreateQueue", "Resource": "*"}
    denied = {"Effect": "Deny", **ours, "Condition": {"ArnEquals": {"lambda:SourceFunctionArn": arn}}}
    estate.function("networked", Role=estate.role("networked", {"Effect": "Allow", **ours}, denied))
    create = {"do": "call", "service": "sqs", "method": "create_queue", "with": {"QueueName": "any"}}
    assert "with an explicit deny" in estate.error("networked", **create)[1]


def is_over(call: Callable[[], Any]) -> bool:
    """Whether a call is refused by now: a deleted function's process ends a moment later, and its session with it."""
    try:
        call()
    except ClientError:
        return True
    return False


def test_a_key_whose_session_is_over_opens_nothing(estate: Estate) -> None:
    estate.function("leaks", Role=estate.role("leaks", {"Effect": "Allow", "Action": "*", "Resource": "*"}))
    variables = estate.invoke("leaks")["variables"]
    found: Any = boto3.client(
        "sqs",
        endpoint_url=estate.functions.url,
        region_name="eu-central-1",
        aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
        aws_session_token=variables["AWS_SESSION_TOKEN"],
    )
    found.list_queues()
    estate("lambda").delete_function(FunctionName="leaks")
    until(lambda: is_over(found.list_queues))
    assert "expired" in refusal(found.list_queues)


def test_a_role_that_is_gone_is_an_error_of_the_invocation(estate: Estate) -> None:
    role = estate.role("goes")
    estate.function("roleless", Role=role)
    estate("iam").delete_role(RoleName="goes")
    assert estate.error("roleless")[0] == "AccessDeniedException"


def test_each_environment_has_an_address_to_which_its_names_lead(estate: Estate) -> None:
    found = {}
    for name in ("dev", "prod"):
        component = f"probe-{name}"
        estate.function(component, HANDLER, Environment={"Variables": {"ENVIRONMENT": name}})
        found[name] = estate.invoke(component, do="resolve", name=f"mlflow.tradai-{name}.local")
        others = {"dev": "prod", "prod": "dev"}[name]
        assert estate.error(component, do="resolve", name=f"mlflow.tradai-{others}.local")[0] == "gaierror"
    assert found["dev"] != found["prod"]
    assert all(address.startswith("127.") and not address.startswith("127.0.0.") for address in found.values())


def test_an_asynchronous_invocation_is_tried_three_times_and_then_in_the_dead_letters(estate: Estate) -> None:
    url = estate("sqs").create_queue(QueueName="dead")["QueueUrl"]
    arn = estate("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    estate.function("fails", DeadLetterConfig={"TargetArn": arn})
    with estate.retrying_after(0.1):
        assert estate.functions.invoke("fails", {"do": "raise", "what": "x"}, InvocationType="Event")[0] == 202
        until(lambda: estate.functions.waiting(url)["visible"] == 1)
    (message,) = estate("sqs").receive_message(QueueUrl=url, MessageAttributeNames=["All"])["Messages"]
    assert json.loads(message["Body"]) == {"do": "raise", "what": "x"}
    assert message["MessageAttributes"]["ErrorMessage"]["StringValue"] == "'x'"
    assert statistics(estate, "AWS/Lambda", "Errors", "FunctionName", "fails")["Sum"] == 3
