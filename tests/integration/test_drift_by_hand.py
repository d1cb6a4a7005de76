"""`tradai infra drift`: a look at one layer by hand on the real engine and AWS endpoint, and its row in the table."""

import subprocess
from pathlib import Path

import pytest
import yaml

from tests.integration.conftest import RunningSandbox

ENVIRONMENT = "eph-drift"
EXAMPLE = Path(__file__).parents[2] / "crds" / "examples" / "env-dev.yaml"
STACK = f"tradai-persistent-{ENVIRONMENT}"
STATE = {"Bucket": "tradai-pulumi-state-dev", "Key": f".pulumi/stacks/tradai-persistent/{ENVIRONMENT}.json"}


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    body = yaml.safe_load(EXAMPLE.read_text())
    body["spec"]["environment"] = ENVIRONMENT
    path = tmp_path_factory.mktemp("drift") / "env.yaml"
    path.write_text(yaml.safe_dump(body))
    return path


def infra(sandbox: RunningSandbox, manifest: Path, word: str, status: int = 0, *more: str) -> str:
    ran = subprocess.run(
        ["tradai", "infra", word, "persistent", ENVIRONMENT, "--file", str(manifest), *more],
        env={**sandbox.env, "COLUMNS": "500"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == status, ran.stdout + ran.stderr
    return ran.stdout


def test_a_look_by_hand_tells_leaves_a_row_and_touches_no_state(sandbox: RunningSandbox, manifest: Path) -> None:
    tables, s3 = sandbox.client("dynamodb"), sandbox.client("s3")
    row = {"TableName": f"tradai-infra-drift-state-{ENVIRONMENT}", "Key": {"stack_name": {"S": STACK}}}
    infra(sandbox, manifest, "up")
    before = s3.get_object(**STATE)["Body"].read()
    assert "persistent of eph-drift: as declared" in infra(sandbox, manifest, "drift")
    assert tables.get_item(**row)["Item"]["has_drift"] == {"S": "false"}

    arn = tables.describe_table(TableName=f"tradai-notifications-{ENVIRONMENT}")["Table"]["TableArn"]
    tables.tag_resource(ResourceArn=arn, Tags=[{"Key": "Owner", "Value": "somebody-else"}])
    tables.delete_table(TableName=f"tradai-idempotency-{ENVIRONMENT}")
    said = infra(sandbox, manifest, "drift", 2)
    assert "1 missing, 1 changed" in said
    assert 'tags.Owner: "platform-team" → "somebody-else"' in said
    item = tables.get_item(**row)["Item"]
    assert (item["has_drift"], item["changed"], item["missing"]) == ({"S": "true"}, {"N": "1"}, {"N": "1"})
    (found,) = tables.query(
        TableName=row["TableName"],
        IndexName="has_drift-last_check-index",
        KeyConditionExpression="has_drift = :yes",
        ExpressionAttributeValues={":yes": {"S": "true"}},
    )["Items"]
    assert found["stack_name"] == {"S": STACK}
    assert s3.get_object(**STATE)["Body"].read() == before


def test_without_the_table_a_look_is_none_the_worse(sandbox: RunningSandbox, manifest: Path) -> None:
    sandbox.client("dynamodb").delete_table(TableName=f"tradai-infra-drift-state-{ENVIRONMENT}")
    assert "2 missing" in infra(sandbox, manifest, "drift", 2)
    infra(sandbox, manifest, "down", 0, "--yes")
