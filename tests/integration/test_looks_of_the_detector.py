"""pulumi-drift-detector has the real runner and engine look, as a task of an agent that is a stand-in."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.conftest import RunningSandbox
from tests.standins.ecs_agent import EcsAgent
from tests.standins.ecs_place import EcsPlace, ecs_place

ROOT = Path(__file__).parents[2]
ENVIRONMENT = "eph-look"
BUCKET = "tradai-pulumi-state-dev"
TABLE = f"tradai-infra-drift-state-{ENVIRONMENT}"
STACK = f"tradai-persistent-{ENVIRONMENT}"
FUNCTION = """
import json
from pulumi_drift_detector import handler
class Context:
    function_name = "f"; memory_limit_in_mb = 512; invoked_function_arn = "arn"; aws_request_id = "1"
print("ANSWER" + json.dumps(handler.handle({}, Context())))
"""


@pytest.fixture(scope="module")
def place(sandbox: RunningSandbox) -> EcsPlace:
    return ecs_place(sandbox.client)


@pytest.fixture(scope="module")
def agent(sandbox: RunningSandbox, place: EcsPlace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EcsAgent]:
    environment = {name: sandbox.env[name] for name in ("PATH", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")}
    environment |= {"AWS_ENDPOINT_URL": sandbox.endpoint, "AWS_DEFAULT_REGION": "eu-central-1"}
    with EcsAgent(sandbox.client("ecs"), place.cluster, tmp_path_factory.mktemp("ecs"), environment) as agent:
        yield agent


@pytest.fixture(scope="module")
def environment(sandbox: RunningSandbox, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A persistent layer whose state a key opens, and its history, as the operator keeps it."""
    body = yaml.safe_load((ROOT / "crds" / "examples" / "env-dev.yaml").read_text())
    spec = body["spec"]
    spec["environment"] = ENVIRONMENT
    spec["state"]["secrets"] = {"awskms": sandbox.client("kms").create_key()["KeyMetadata"]["Arn"]}
    spec["aws"]["endpointUrl"] = sandbox.endpoint
    file = tmp_path_factory.mktemp("look") / "env.yaml"
    file.write_text(yaml.safe_dump(body))
    command = ["tradai", "infra", "up", "persistent", ENVIRONMENT, "--file", str(file)]
    made = subprocess.run(command, env=sandbox.env, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stdout + made.stderr
    record = json.dumps({"manifest": body, "images": {}}).encode()
    key = f".tradai/history/tradai/{ENVIRONMENT}/20261129T100000-a.json"
    sandbox.client("s3").put_object(Bucket=BUCKET, Key=key, Body=record)
    return file


def called(sandbox: RunningSandbox, place: EcsPlace) -> dict[str, Any]:
    """The function's answer, from the environment that has its packages."""
    topic = sandbox.client("sns").create_topic(Name="alerts")["TopicArn"]
    given = {
        "ENVIRONMENT": ENVIRONMENT,
        "PULUMI_STATE_BUCKET": BUCKET,
        "INFRA_DRIFT_STATE_TABLE": TABLE,
        "SNS_ALERTS_TOPIC_ARN": topic,
        "DRIFT_RUNNER_TASK_DEFINITION": place.task_definition,
        "ECS_CLUSTER": place.cluster,
        "ECS_SUBNETS": place.subnet,
        "ECS_SECURITY_GROUPS": place.security_group,
        "AWS_ENDPOINT_URL": sandbox.endpoint,
        "AWS_DEFAULT_REGION": "eu-central-1",
        "POWERTOOLS_TRACE_DISABLED": "true",
        "PYTHONPATH": str(ROOT / "lambdas"),
        "PATH": os.environ["PATH"],
        **{name: sandbox.env[name] for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")},
    }
    python = ROOT / "lambdas" / ".venv" / "bin" / "python"
    assert python.exists(), "the functions' packages are missing: just world lambdas"
    said = subprocess.run([python, "-c", FUNCTION], env=given, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stdout + said.stderr
    answer: dict[str, Any] = json.loads(said.stdout.rpartition("ANSWER")[2])
    return answer


def row(sandbox: RunningSandbox) -> dict[str, Any]:
    found: dict[str, Any] = sandbox.client("dynamodb").get_item(TableName=TABLE, Key={"stack_name": {"S": STACK}})[
        "Item"
    ]
    return found


def test_the_real_runner_looks_and_touches_no_state(
    sandbox: RunningSandbox, place: EcsPlace, agent: EcsAgent, environment: Path
) -> None:
    state = {"Bucket": BUCKET, "Key": f".pulumi/stacks/tradai-persistent/{ENVIRONMENT}.json"}
    before = sandbox.client("s3").get_object(**state)["Body"].read()
    sandbox.client("dynamodb").delete_table(TableName=f"tradai-idempotency-{ENVIRONMENT}")
    said = called(sandbox, place)
    assert said[STACK] == "true", (said, row(sandbox))
    # Nobody made the others, whose states are not there: that is not known to be as declared.
    assert {name: found for name, found in said.items() if name != STACK} == {
        f"tradai-{layer}-{ENVIRONMENT}": "unknown" for layer in ("foundation", "compute", "edge")
    }
    found = row(sandbox)
    assert (found["has_drift"], found["missing"]) == ({"S": "true"}, {"N": "1"})
    assert sandbox.client("s3").get_object(**state)["Body"].read() == before
