"""What never changes is refused by a real run before anything is touched, and permitted by name (002)."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.conftest import RunningSandbox
from tests.integration.test_infra_by_hand import EXAMPLE, infra
from tradai_runner.state.checkpoint import parse_checkpoint

ENVIRONMENT = "eph-fixed"
TABLE = f"tradai-notifications-{ENVIRONMENT}"
KEY = f".pulumi/stacks/tradai-persistent/{ENVIRONMENT}.json"
BUCKET = "tradai-pulumi-state-dev"


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    body = yaml.safe_load(EXAMPLE.read_text())
    body["spec"]["environment"] = ENVIRONMENT
    path = tmp_path / "env.yaml"
    path.write_text(yaml.safe_dump(body))
    return path


def record_another_key(sandbox: RunningSandbox) -> None:
    """As if the table had been built by a program with another partition key."""
    s3: Any = sandbox.client("s3")
    state = json.loads(s3.get_object(Bucket=BUCKET, Key=KEY)["Body"].read())
    for resource in state["checkpoint"]["latest"]["resources"]:
        if resource["type"] == "aws:dynamodb/table:Table" and resource["urn"].endswith("::notifications"):
            resource["inputs"]["hashKey"] = resource["outputs"]["hashKey"] = "id"
    s3.put_object(Bucket=BUCKET, Key=KEY, Body=json.dumps(state).encode())


def items(sandbox: RunningSandbox) -> int:
    return len(sandbox.client("dynamodb").scan(TableName=TABLE)["Items"])


def test_a_changed_key_ends_the_run_before_anything_is_touched(sandbox: RunningSandbox, manifest: Path) -> None:
    infra(sandbox, manifest, "up", "persistent", ENVIRONMENT)
    sandbox.client("dynamodb").put_item(TableName=TABLE, Item={"notification_id": {"S": "1"}})
    record_another_key(sandbox)
    state = sandbox.client("s3").get_object(Bucket=BUCKET, Key=KEY)["Body"].read()

    for operation in ("preview", "up"):
        refused = infra(sandbox, manifest, operation, "persistent", ENVIRONMENT, status=1)
        assert "Table notifications: hashKey would change from 'id' to 'notification_id'" in refused.stderr
        assert "table-key:notifications" in refused.stderr
        assert "Traceback" not in refused.stdout + refused.stderr
    assert items(sandbox) == 1
    after = json.loads(sandbox.client("s3").get_object(Bucket=BUCKET, Key=KEY)["Body"].read())
    assert parse_checkpoint(after) == parse_checkpoint(json.loads(state))

    infra(sandbox, manifest, "up", "persistent", ENVIRONMENT, "--migrate", "table-key:deployments", status=1)
    infra(sandbox, manifest, "up", "persistent", ENVIRONMENT, "--migrate", "table-key:notifications")
    assert items(sandbox) == 0
    infra(sandbox, manifest, "down", "persistent", ENVIRONMENT, "--yes")
