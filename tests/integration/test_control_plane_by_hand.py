"""The control plane on ECS, built on the real engine and endpoint: with a balancer, twice, and its next revision."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.conftest import RunningSandbox

ENVIRONMENT = "eph-home"
DIGEST = "@sha256:" + "0" * 64
IMAGES = {
    "controlPlaneImage": f"123456789012.dkr.ecr.eu-central-1.amazonaws.com/control-plane{DIGEST}",
    "operatorImage": f"123456789012.dkr.ecr.eu-central-1.amazonaws.com/operator{DIGEST}",
}


def written(folder: Path, **service: Any) -> Path:
    path = folder / "home.yaml"
    body = {
        "environment": ENVIRONMENT,
        "accountId": "123456789012",
        "region": "eu-central-1",
        "backendUrl": "s3://tradai-pulumi-state-dev",
        "layers": {
            "ground": {"alertEmails": ["ops@example.com"]},
            "service": {**IMAGES, "clientCidrs": ["10.0.0.0/8"], **service},
        },
    }
    path.write_text(yaml.safe_dump(body))
    return path


def tradai(sandbox: RunningSandbox, *words: str, said: str = "") -> str:
    ran = subprocess.run(
        ["tradai", *words],
        env={**sandbox.env, "COLUMNS": "500"},
        input=said,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@pytest.mark.timeout(900)
def test_it_is_built_changes_nothing_twice_and_rolls(sandbox: RunningSandbox, tmp_path: Path) -> None:
    file = written(tmp_path)
    tradai(sandbox, "bootstrap", "ecs", "--file", str(file))
    again = tradai(sandbox, "bootstrap", "ecs", "--file", str(file), "--preview")
    assert again.count("unchanged") == 2
    assert not any(f" to {verb}" in again for verb in ("create", "update", "delete", "replace")), again

    ecs = sandbox.client("ecs")
    names = {"cluster": f"tradaihome-cluster-{ENVIRONMENT}", "services": [f"tradaihome-control-{ENVIRONMENT}"]}
    (before,) = ecs.describe_services(**names)["services"]
    assert before["enableExecuteCommand"] is True
    assert before["loadBalancers"][0]["containerName"] == "kube-apiserver"
    (balancer,) = sandbox.client("elbv2").describe_load_balancers(Names=[f"tradaihome-api-{ENVIRONMENT}"])[
        "LoadBalancers"
    ]
    assert (balancer["Type"], balancer["Scheme"]) == ("network", "internal")

    newer = written(tmp_path, operatorImage=IMAGES["operatorImage"].replace("sha256:0", "sha256:1"))
    rolled = tradai(sandbox, "upgrade", "--file", str(newer))
    assert "a snapshot of the database is made" in rolled
    (after,) = ecs.describe_services(**names)["services"]
    assert after["taskDefinition"] != before["taskDefinition"]
    described = ecs.describe_task_definition(taskDefinition=after["taskDefinition"])["taskDefinition"]
    operator = next(each for each in described["containerDefinitions"] if each["name"] == "operator")
    assert "sha256:1" in operator["image"]
    assert operator["restartPolicy"] == {"enabled": True, "restartAttemptPeriod": 60}
    snapshots = sandbox.client("rds").describe_db_snapshots()["DBSnapshots"]
    assert [each for each in snapshots if each["DBSnapshotIdentifier"].startswith("tradaihome-database-")]

    phrase = f"destroy the control plane {ENVIRONMENT}\n"
    tradai(sandbox, "bootstrap", "ecs", "--file", str(newer), "--destroy", said=phrase)
    assert sandbox.client("rds").describe_db_instances()["DBInstances"] == []
    assert not [each for each in ecs.describe_services(**names)["services"] if each["status"] == "ACTIVE"]
