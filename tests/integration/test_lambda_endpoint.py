"""Functions on the local endpoint: from images, in networks, invoked, called by rules."""

import json
from collections.abc import Iterator
from typing import Final

import pytest

from tests.integration.lambda_estate import (
    ACCOUNT,
    REGION,
    REGISTRY,
    Functions,
    digest,
    refusal,
    seen,
    until,
    writes,
)
from tests.integration.provider_server import moto_server

IMAGE: Final = "tradai/health-check-dev"


@pytest.fixture(scope="module")
def functions() -> Iterator[Functions]:
    with moto_server() as url:
        yield Functions(url)


def test_an_image_is_known_by_the_digest_of_its_manifest(functions: Functions) -> None:
    uri = functions.push(IMAGE, "one", "1")
    assert uri == f"{REGISTRY}/{IMAGE}@{digest('one')}"


def test_a_function_says_to_which_digest_its_tag_came(functions: Functions) -> None:
    functions.push("tradai/tagged-dev", "one", "1")
    functions.push("tradai/tagged-dev", "two", "2")
    functions.from_image("tagged", f"{REGISTRY}/tradai/tagged-dev:1")
    told = functions("lambda").get_function(FunctionName="tagged")
    assert told["Code"]["ImageUri"] == f"{REGISTRY}/tradai/tagged-dev:1"
    assert told["Code"]["ResolvedImageUri"] == f"{REGISTRY}/tradai/tagged-dev@{digest('one')}"
    functions("lambda").update_function_code(FunctionName="tagged", ImageUri=f"{REGISTRY}/tradai/tagged-dev:2")
    told = functions("lambda").get_function(FunctionName="tagged")
    assert told["Code"]["ResolvedImageUri"] == f"{REGISTRY}/tradai/tagged-dev@{digest('two')}"
    assert told["Configuration"]["CodeSha256"] == digest("two").removeprefix("sha256:")


@pytest.mark.parametrize(
    ("uri", "said"),
    [
        (f"{REGISTRY}/tradai/none-dev:1", "does not exist. Provide a valid source image."),
        (f"{REGISTRY}/{IMAGE}:none", "does not exist. Provide a valid source image."),
        (f"{REGISTRY}/{IMAGE}@{digest('none')}", "does not exist. Provide a valid source image."),
        (f"{REGISTRY}/{IMAGE}", "is not valid. Provide a valid source image."),
        (f"{REGISTRY.replace(REGION, 'us-east-1')}/{IMAGE}:1", "is not valid. Provide a valid source image."),
    ],
    ids=["repository", "tag", "digest", "neither", "other region"],
)
def test_an_image_that_is_not_in_the_registry_is_refused(functions: Functions, uri: str, said: str) -> None:
    text = refusal(lambda: functions.from_image("refused", uri))
    assert "InvalidParameterValueException" in text
    assert said in text
    assert "ResourceNotFoundException" in refusal(lambda: functions("lambda").get_function(FunctionName="refused"))


def test_an_index_of_images_is_refused(functions: Functions) -> None:
    kind = "application/vnd.oci.image.index.v1+json"
    functions("ecr").create_repository(repositoryName="tradai/index-dev")
    functions("ecr").put_image(
        repositoryName="tradai/index-dev",
        imageManifest=json.dumps({"schemaVersion": 2, "mediaType": kind, "manifests": []}),
        imageTag="1",
    )
    text = refusal(lambda: functions.from_image("refused", f"{REGISTRY}/tradai/index-dev:1"))
    assert "layer media type for the source image" in text


def test_a_push_to_no_repository_is_refused(functions: Functions) -> None:
    text = refusal(lambda: functions("ecr").put_image(repositoryName="none", imageManifest="{}", imageTag="1"))
    assert "RepositoryNotFoundException" in text


def test_a_handler_is_nothing_for_an_image(functions: Functions) -> None:
    uri = functions.push("tradai/handler-dev", "one", "1")
    assert "PackageType is Image" in refusal(lambda: functions.from_image("refused", uri, Handler="a.b"))


def test_a_function_is_in_the_network_of_its_subnets(functions: Functions) -> None:
    vpc = functions("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = functions("ec2").create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    group = functions("ec2").create_security_group(GroupName="f", Description="f", VpcId=vpc)["GroupId"]
    place = {"SubnetIds": [subnet], "SecurityGroupIds": [group]}
    made = functions.from_code("placed", "", VpcConfig=place)
    assert made["VpcConfig"]["VpcId"] == vpc
    for wrong, said in (("SubnetIds", "InvalidSubnetID.NotFound"), ("SecurityGroupIds", "InvalidGroup.NotFound")):
        nowhere = {**place, wrong: ["none"]}
        text = refusal(lambda nowhere=nowhere: functions.from_code("refused", "", VpcConfig=nowhere))  # type: ignore[misc]
        assert said in text


def test_an_invocation_runs_the_code(functions: Functions) -> None:
    functions.from_code("adds", "def handle(event, context):\n    print('here')\n    return event['a'] + 1")
    assert functions.invoke("adds", {"a": 1}) == (200, "", 2)


def test_a_function_may_call_aws_while_it_is_invoked(functions: Functions) -> None:
    functions.from_code("calls", writes("/invoked", {"ok": True}), Timeout=30)
    assert functions.invoke("calls", {"b": 2}) == (200, "", {"ok": True})
    assert seen(functions, "/invoked") == {"b": 2}


def test_an_asynchronous_invocation_answers_before_it_has_run(functions: Functions) -> None:
    functions.from_code("later", writes("/later"), Timeout=30)
    assert functions.invoke("later", {"c": 3}, InvocationType="Event") == (202, "", None)
    until(lambda: seen(functions, "/later") == {"c": 3})


def test_a_dry_run_runs_nothing(functions: Functions) -> None:
    functions.from_code("dry", "raise SystemExit(1)")
    assert functions.invoke("dry", InvocationType="DryRun") == (204, "", None)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("def handle(event, context):\n    raise KeyError('x')", "KeyError"),
        ("import nothing_of_that_name", "Runtime.ImportModuleError"),
        ("import os\nos._exit(3)", "Runtime.ExitError"),
        ("import time\ndef handle(event, context):\n    time.sleep(60)", "Sandbox.Timedout"),
    ],
    ids=["raises", "cannot be imported", "ends", "takes too long"],
)
def test_what_goes_wrong_in_a_function_is_its_answer(functions: Functions, code: str, kind: str) -> None:
    name = kind.replace(".", "-")
    functions.from_code(name, code, Timeout=2)
    status, error, payload = functions.invoke(name)
    assert (status, error, payload["errorType"]) == (200, "Unhandled", kind)


def test_a_function_from_an_image_answers_that_it_cannot_start(functions: Functions) -> None:
    functions.from_image("image", functions.push("tradai/image-dev", "one", "1"))
    status, error, payload = functions.invoke("image")
    assert (status, error, payload["errorType"]) == (200, "Unhandled", "Runtime.InvalidEntrypoint")
    assert functions.invoke("image", InvocationType="Event") == (202, "", None)


def test_a_function_that_is_not_there_cannot_be_invoked(functions: Functions) -> None:
    assert "ResourceNotFoundException" in refusal(lambda: functions.invoke("nobody"))


def test_a_rule_hands_a_function_the_input_of_its_target(functions: Functions) -> None:
    made = functions.from_code("ruled", writes("/ruled"), Timeout=30)
    image = functions.from_image("ruled-image", functions.push("tradai/ruled-dev", "one", "1"))
    gone = made["FunctionArn"].replace(":ruled", ":gone")
    functions("events").put_rule(Name="ruled", EventPattern=json.dumps({"source": ["case"]}))
    targets = [
        {"Id": "gone", "Arn": gone},
        {"Id": "image", "Arn": image["FunctionArn"]},
        {"Id": "code", "Arn": made["FunctionArn"], "Input": json.dumps({"fixed": 1})},
    ]
    functions("events").put_targets(Rule="ruled", Targets=targets)
    sent = functions("events").put_events(Entries=[{"Source": "case", "DetailType": "case", "Detail": "{}"}])
    assert sent["FailedEntryCount"] == 0
    until(lambda: seen(functions, "/ruled") == {"fixed": 1})


def test_a_target_that_needs_a_role_is_refused_without(functions: Functions) -> None:
    functions("events").put_rule(Name="roleless", ScheduleExpression="rate(2 minutes)")
    arn = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:any"
    put = functions("events").put_targets
    text = refusal(lambda: put(Rule="roleless", Targets=[{"Id": "machine", "Arn": arn}]))
    assert f"RoleArn is required for target {arn}" in text
