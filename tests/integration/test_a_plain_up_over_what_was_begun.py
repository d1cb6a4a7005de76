"""A plain `pulumi up` over a creation that a dead run had begun, of a type without a name of its own: it stands twice.

As the documents say, with what the next run does about it. Must never be told by our runs what the engine did.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.conftest import RunningSandbox
from tradai_iac.backend import engine_url
from tradai_iac.core.tagging import urn_tag_of
from tradai_iac.failure import Failure
from tradai_runner.bucket.keys import opened_key, state_key
from tradai_runner.bucket.store import store_of
from tradai_runner.contract import RunRequest, Update
from tradai_runner.engine.stack_config import stack_config
from tradai_runner.lock.registry import RunRegistry
from tradai_runner.repair.clients import clients_for
from tradai_runner.repair.settle import Settler

BUCKET, PROJECT, STAGE = "tradai-pulumi-state-dev", "sample-store", "eph-twice"
STATE = state_key(PROJECT, STAGE)
VPC = "aws:ec2/vpc:Vpc"
URN = f"urn:pulumi:{STAGE}::{PROJECT}::{VPC}::it"
MARK = {"tradai:urn": urn_tag_of(URN)}
#: A person's own engine, with a program that declares one network.
PROGRAM = f"""
import pulumi_aws as aws
from pulumi import automation as auto
program = lambda: aws.ec2.Vpc("it", cidr_block="10.9.0.0/16", tags={MARK!r}) and None
auto.create_or_select_stack("{STAGE}", "{PROJECT}", program, opts=auto.LocalWorkspaceOptions(work_dir=".")).up()
"""


@pytest.fixture
def request_(sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch) -> RunRequest:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, sandbox.env[name])
    return Update(
        run_id="r-1",
        layer="store",
        environment=STAGE,
        account_id="123456789012",
        region="eu-central-1",
        backend_url=f"s3://{BUCKET}",
        endpoint_url=sandbox.endpoint,
    )


@pytest.fixture
def folder(request_: RunRequest, tmp_path: Path) -> Path:
    """Where the person stands."""
    (tmp_path / "Pulumi.yaml").write_text(f"name: {PROJECT}\nruntime: python\n")
    (tmp_path / f"Pulumi.{STAGE}.yaml").write_text(yaml.safe_dump({"config": stack_config(request_)}))
    return tmp_path


def up(sandbox: RunningSandbox, folder: Path) -> None:
    """`pulumi up` on the state bucket itself."""
    own = {
        "PULUMI_BACKEND_URL": engine_url(f"s3://{BUCKET}", "eu-central-1", sandbox.endpoint),
        "PULUMI_CONFIG_PASSPHRASE": "x",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }
    command = [sys.executable, "-c", PROGRAM]
    ran = subprocess.run(command, cwd=folder, env=os.environ | sandbox.env | own, capture_output=True, check=False)
    assert ran.returncode == 0, ran.stderr.decode()


def latest(sandbox: RunningSandbox) -> dict[str, Any]:
    found = json.loads(sandbox.client("s3").get_object(Bucket=BUCKET, Key=STATE)["Body"].read())
    return dict(found["checkpoint"]["latest"])


def networks(sandbox: RunningSandbox) -> set[str]:
    """What AWS has of it."""
    wanted = [{"Name": f"tag:{name}", "Values": [value]} for name, value in MARK.items()]
    return {found["VpcId"] for found in sandbox.client("ec2").describe_vpcs(Filters=wanted)["Vpcs"]}


def dies_before_it_says_so(sandbox: RunningSandbox, since: float) -> str:
    """The state as a run leaves it that dies once AWS has made the network; gives its id."""
    s3 = sandbox.client("s3")
    body = json.loads(s3.get_object(Bucket=BUCKET, Key=STATE)["Body"].read())
    found = body["checkpoint"]["latest"]
    (made,) = (raw for raw in found["resources"] if raw["type"] == VPC)
    found["resources"].remove(made)
    begun = {name: value for name, value in made.items() if name not in {"id", "outputs", "created", "modified"}}
    found["pending_operations"] = [{"resource": begun, "type": "creating"}]
    s3.put_object(Bucket=BUCKET, Key=STATE, Body=json.dumps(body, separators=(",", ":")).encode())
    note = json.dumps({"since": since}).encode()
    s3.put_object(Bucket=BUCKET, Key=opened_key(PROJECT, STAGE, "r-0"), Body=note)
    return str(made["id"])


def settled(request_: RunRequest, folder: Path) -> Failure | None:
    """What the next run begins with; what it would have read anew by its engine is none of this."""
    store = store_of(request_)
    assert store
    settler = Settler(request_, PROJECT, store, RunRegistry(folder / "notes"), lambda: clients_for(request_), time.time)
    return settler.settle(lambda _: None).failure


def test_a_network_stands_twice_and_the_next_run_names_both_and_deletes_neither(
    sandbox: RunningSandbox, request_: RunRequest, folder: Path
) -> None:
    since = time.time()
    up(sandbox, folder)
    first = dies_before_it_says_so(sandbox, since)
    up(sandbox, folder)
    (second,) = (raw["id"] for raw in latest(sandbox)["resources"] if raw["type"] == VPC)
    assert networks(sandbox) == {first, second}
    assert first != second, "the engine has made it again"
    before = latest(sandbox)
    assert before["pending_operations"], "and keeps what was under way"

    failure = settled(request_, folder)
    assert failure is not None
    assert failure.kind == "Unresolved"
    assert f"AWS has {first}, and {second} was made since" in failure.error
    assert (networks(sandbox), latest(sandbox)) == ({first, second}, before)

    sandbox.client("ec2").delete_vpc(VpcId=first)
    assert settled(request_, folder) is None
    assert [raw["id"] for raw in latest(sandbox)["resources"] if raw["type"] == VPC] == [second]
    assert not latest(sandbox).get("pending_operations")
