"""An interface that somebody made by hand keeps a security group: the destroy says so, and goes on without it."""

import json
import subprocess
from pathlib import Path
from typing import Any

import yaml

from tests.integration.conftest import RunningSandbox

EXAMPLE = Path(__file__).parents[2] / "crds" / "examples" / "env-dev.yaml"
STAGE = "eph-held"


def manifest(folder: Path) -> str:
    """The network of an environment that comes and goes; its secrets have no values."""
    body: dict[str, Any] = yaml.safe_load(EXAMPLE.read_text())
    body["spec"] |= {"environment": STAGE, "layers": {}}
    (path := folder / "env.yaml").write_text(yaml.safe_dump(body))
    return str(path)


def infra(sandbox: RunningSandbox, *words: str, status: int = 0) -> str:
    ran = subprocess.run(
        ["tradai", "infra", *words], env={**sandbox.env, "COLUMNS": "300"}, capture_output=True, text=True, check=False
    )
    assert ran.returncode == status, ran.stdout + ran.stderr
    return ran.stdout + ran.stderr


def test_who_holds_it_is_named_and_nothing_of_theirs_is_touched(sandbox: RunningSandbox, tmp_path: Path) -> None:
    file, ec2 = manifest(tmp_path), sandbox.client("ec2")
    infra(sandbox, "up", "foundation", STAGE, "--file", file)
    told = json.loads(infra(sandbox, "outputs", "foundation", STAGE, "--file", file, "--json"))["foundation"]
    group, subnet = told["lambda_security_group_id"], told["private_subnet_ids"][0]
    made = ec2.create_network_interface(SubnetId=subnet, Groups=[group], Description="by hand")
    interface = made["NetworkInterface"]["NetworkInterfaceId"]

    refused = infra(sandbox, "down", "foundation", STAGE, "--yes", "--file", file, status=1)
    assert f'network interface {interface} ("by hand"), not of this stack' in refused
    assert "find out whose it is, detach or delete it in AWS" in refused
    assert ec2.describe_network_interfaces(NetworkInterfaceIds=[interface])["NetworkInterfaces"]

    ec2.delete_network_interface(NetworkInterfaceId=interface)
    infra(sandbox, "down", "foundation", STAGE, "--yes", "--file", file)
