"""The checklist of 002 §11 against a live environment: Yes to what was built, No to what was changed by hand."""

import subprocess
from pathlib import Path

import pytest
import yaml

from tests.integration.conftest import RunningSandbox
from tests.integration.test_infra_by_hand import EXAMPLE, infra
from tradai_blueprints.tradai.checklist.items import ITEMS
from tradai_blueprints.tradai.checklist.subject import Subject
from tradai_blueprints.tradai.config import settings_for
from tradai_cli import aws
from tradai_cli.layers_at_once import checkpoints
from tradai_cli.manifest import read_spec
from tradai_iac.checklist import Live, differences
from tradai_iac.naming import Naming

ENVIRONMENT = "eph-check"
SUBJECT = Subject(settings_for(ENVIRONMENT), Naming("tradai", ENVIRONMENT), "eu-central-1", {})


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    body = yaml.safe_load(EXAMPLE.read_text())
    body["spec"]["environment"] = ENVIRONMENT
    body["spec"]["layers"] = {}
    path = tmp_path_factory.mktemp("check") / "env.yaml"
    path.write_text(yaml.safe_dump(body))
    return path


def answers(sandbox: RunningSandbox, manifest: Path) -> dict[str, list[str]]:
    """Title → in what the live environment differs from what is demanded."""
    spec = read_spec(ENVIRONMENT, manifest)
    live = Live(aws.clients(spec), checkpoints(spec))
    return {item.title: differences(item.demanded(SUBJECT), item.live(live, SUBJECT)) for item in ITEMS}


def test_a_live_environment_is_held_against_the_checklist(
    sandbox: RunningSandbox, manifest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"):
        monkeypatch.setenv(name, sandbox.env[name])
    infra(sandbox, manifest, "up", "persistent", ENVIRONMENT)
    infra(sandbox, manifest, "up", "foundation", ENVIRONMENT)

    built = answers(sandbox, manifest)
    unbuilt = {
        "All service ports match the document": [f"tradai-{name}-{ENVIRONMENT}: missing" for name in ("backend-api",)],
        "All resources have required tags": ["compute: not built", "edge: not built"],
    }
    assert {title for title, wrong in built.items() if wrong} == set(unbuilt)
    assert len(built["All resources have required tags"]) == 2, built
    for title, said in unbuilt.items():
        assert all(any(sentence.startswith(part) for sentence in built[title]) for part in said)

    sandbox.client("s3").delete_bucket_tagging(Bucket=f"tradai-configs-{ENVIRONMENT}")
    sandbox.client("secretsmanager").delete_secret(SecretId=f"tradai/jwt-secret-{ENVIRONMENT}")
    sandbox.client("dynamodb").delete_table(TableName=f"tradai-notifications-{ENVIRONMENT}")
    sandbox.client("rds").modify_db_parameter_group(
        DBParameterGroupName=f"tradai-postgres15-{ENVIRONMENT}",
        Parameters=[{"ParameterName": "rds.force_ssl", "ParameterValue": "0", "ApplyMethod": "immediate"}],
    )
    changed = answers(sandbox, manifest)
    assert any("Bucket configs: lacks" in sentence for sentence in changed["All resources have required tags"])
    assert f"tradai/jwt-secret-{ENVIRONMENT}: missing, not there" in changed["Secrets exist in Secrets Manager"]
    assert any("notifications" in sentence for sentence in changed["All 12 DynamoDB tables match section 3.2"])
    assert any("rds.force_ssl=0" in sentence for sentence in changed["SSL enforcement enabled on RDS"])


def test_the_command_ends_with_1_and_names_what_is_wrong(sandbox: RunningSandbox, manifest: Path) -> None:
    ran = subprocess.run(
        ["tradai", "config-check", ENVIRONMENT, "--live", "--file", str(manifest)],
        env={**sandbox.env, "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert "Secrets exist in Secrets Manager (live): tradai/jwt-secret" in ran.stdout
    assert "could not be read" not in ran.stdout
