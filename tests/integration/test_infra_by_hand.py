"""`tradai infra`: one layer by hand on the real engine and AWS endpoint, without Kubernetes."""

import json
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.integration.conftest import RunningSandbox
from tradai_runner.bucket.keys import owner_key
from tradai_runner.contract import Owner

ENVIRONMENT = "eph-hand"
EXAMPLE = Path(__file__).parents[2] / "crds" / "examples" / "env-dev.yaml"


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    body = yaml.safe_load(EXAMPLE.read_text())
    body["spec"]["environment"] = ENVIRONMENT
    path = tmp_path_factory.mktemp("hand") / "env.yaml"
    path.write_text(yaml.safe_dump(body))
    return path


def infra(
    sandbox: RunningSandbox, manifest: Path, *words: str, status: int = 0, **variables: str
) -> subprocess.CompletedProcess[str]:
    ran = subprocess.run(
        ["tradai", "infra", *words, "--file", str(manifest)],
        env={**sandbox.env, "COLUMNS": "500", **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == status, ran.stdout + ran.stderr
    return ran


def test_a_layers_life_by_hand(sandbox: RunningSandbox, manifest: Path) -> None:
    tables = sandbox.client("dynamodb")
    infra(sandbox, manifest, "up", "persistent", ENVIRONMENT)
    mine = [name for name in tables.list_tables()["TableNames"] if name.endswith(ENVIRONMENT)]
    assert len(mine) == 12

    again = infra(sandbox, manifest, "preview", "persistent", ENVIRONMENT)
    assert "unchanged" in again.stdout
    assert not any(f" to {verb}" in again.stdout for verb in ("create", "update", "delete", "replace")), again.stdout

    locked = infra(sandbox, manifest, "refresh", "persistent", ENVIRONMENT, status=1, PULUMI_CONFIG_PASSPHRASE="wrong")
    assert "The passphrase does not open this state" in locked.stderr

    name = f"tradai-notifications-{ENVIRONMENT}"
    arn = tables.describe_table(TableName=name)["Table"]["TableArn"]
    tables.tag_resource(ResourceArn=arn, Tags=[{"Key": "Owner", "Value": "somebody-else"}])
    keeper = {"Bucket": "tradai-pulumi-state-dev", "Key": owner_key("tradai-edge", ENVIRONMENT)}
    owner = Owner(cluster="c-1", resource="tradai/hand", uid="u-1")
    sandbox.client("s3").put_object(**keeper, Body=owner.model_dump_json().encode())
    refreshed = infra(sandbox, manifest, "refresh", "persistent", ENVIRONMENT, "--durability", "Group")
    sandbox.client("s3").delete_object(**keeper)
    assert "tradai/hand keeps this environment under state.durability Sync; this run alone" in refreshed.stderr
    assert "1 updated" in refreshed.stdout or "~ 1" in refreshed.stdout, refreshed.stdout
    infra(sandbox, manifest, "up", "persistent", ENVIRONMENT)
    tags = {tag["Key"]: tag["Value"] for tag in tables.list_tags_of_resource(ResourceArn=arn)["Tags"]}
    assert tags["Owner"] == "platform-team"

    infra(sandbox, manifest, "down", "persistent", ENVIRONMENT, "--yes")
    assert not [name for name in tables.list_tables()["TableNames"] if name.endswith(ENVIRONMENT)]
    state = sandbox.client("s3").get_object(
        Bucket="tradai-pulumi-state-dev", Key=f".pulumi/stacks/tradai-persistent/{ENVIRONMENT}.json"
    )
    resources = json.loads(state["Body"].read())["checkpoint"]["latest"].get("resources", [])
    assert [resource["type"] for resource in resources if not resource["type"].startswith("pulumi:")] == []


def test_a_layer_that_reads_a_missing_one_says_which(sandbox: RunningSandbox, manifest: Path) -> None:
    ran = infra(sandbox, manifest, "up", "compute", ENVIRONMENT, status=1)
    assert "tradai-persistent" in ran.stdout + ran.stderr or "tradai-foundation" in ran.stdout + ran.stderr


def test_a_secret_that_cannot_be_read_is_asked_for_before_anything_runs(
    sandbox: RunningSandbox, manifest: Path
) -> None:
    ran = infra(sandbox, manifest, "up", "foundation", ENVIRONMENT, status=2)
    assert "TRADAI_SECRET_" in ran.stderr


def test_the_rendered_configuration_is_what_a_run_is_given(sandbox: RunningSandbox, manifest: Path) -> None:
    text = infra(sandbox, manifest, "config", "persistent", ENVIRONMENT).stdout
    config = yaml.safe_load(text)["config"]
    assert config["aws:region"] == "eu-central-1"
    assert config["aws:allowedAccountIds"] == ["123456789012"]
    assert config["tradai:accountId"] == "123456789012"


def test_an_unknown_layer_or_another_environment_is_refused(sandbox: RunningSandbox, manifest: Path) -> None:
    assert "there are persistent" in infra(sandbox, manifest, "config", "databse", ENVIRONMENT, status=2).stderr
    assert "describes environment" in infra(sandbox, manifest, "config", "edge", "prod", status=2).stderr
