"""The project's own functions, pushed and run as they are deployed: by the command of their Dockerfile."""

from collections.abc import Iterator
from typing import Any, Final

import pytest

from tests.integration.lambda_estate import ACCOUNT, REGION, Functions
from tests.integration.provider_server import ROOT, moto_server
from tests.integration.workload_estate import Estate

#: Those that have an image; a function in the program (`inline`) has none.
NAMES: Final = sorted(path.parent.name.replace("_", "-") for path in (ROOT / "lambdas").glob("*/Dockerfile"))
TABLE: Final = "tradai-workflow-state-dev"
JOB: Final = {"run_id": "r1", "job_id": "r1", "trace_id": "t1", "status": "launching"}


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    with moto_server() as url:
        made = Estate(Functions(url), tmp_path_factory.mktemp("checkout") / "root")
        made.checkout = ROOT
        yield made


def deploy(estate: Estate, name: str, role: str, **variables: str) -> None:
    uri = estate.push(name)
    environment = {"Variables": {"ENVIRONMENT": "dev", "POWERTOOLS_METRICS_NAMESPACE": "Tradai", **variables}}
    estate.functions.from_image(
        f"tradai-{name}-dev", uri, Role=role, MemorySize=512, Timeout=60, Environment=environment
    )


@pytest.mark.parametrize("name", NAMES)
def test_a_function_starts_by_its_own_command_and_names_what_its_deployment_lacks(estate: Estate, name: str) -> None:
    deploy(estate, name, estate.role(f"{name}-bare"))
    kind, said = estate.error(f"tradai-{name}-dev")
    assert kind == "SettingsError", said
    assert "the function's variables are not as they must be" in said
    estate("lambda").delete_function(FunctionName=f"tradai-{name}-dev")


def test_update_status_writes_what_a_workflow_says_under_its_role(estate: Estate) -> None:
    estate("dynamodb").create_table(
        TableName=TABLE,
        KeySchema=[{"AttributeName": "run_id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "run_id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    stored: dict[str, Any] = {name: {"S": value} for name, value in JOB.items()}
    stored |= {"created_at": {"S": "2026-11-29T10:00:00Z"}, "updated_at": {"S": "2026-11-29T10:00:00Z"}}
    estate("dynamodb").put_item(TableName=TABLE, Item=stored)
    may = {"Effect": "Allow", "Action": ["dynamodb:GetItem", "dynamodb:UpdateItem", "dynamodb:PutItem"]}
    table = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{TABLE}"
    role = estate.role("update-status", {**may, "Resource": table})
    deploy(estate, "update-status", role, WORKFLOW_STATE_TABLE=TABLE)
    event = {"request": {"run_id": "r1"}, "execution_arn": "arn", "status": "running", "detail": {}}
    assert estate.invoke("tradai-update-status-dev", **event)["result"] == "done"
    assert estate("dynamodb").get_item(TableName=TABLE, Key={"run_id": {"S": "r1"}})["Item"]["status"] == {
        "S": "running"
    }
    estate("iam").delete_role_policy(RoleName="update-status", PolicyName="update-status")
    _, said = estate.error("tradai-update-status-dev", **event)
    assert "is not authorized to perform: dynamodb:" in said
