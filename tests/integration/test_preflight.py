"""The pre-flight on real servers: a run that may not begin says why, and leaves nothing in AWS."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.integration.conftest import RunningSandbox
from tests.integration.faulty_s3 import Refusal, faulty_s3
from tradai_runner.bucket.keys import state_key
from tradai_runner.contract import REQUESTS, RunResult
from tradai_runner.state.checkpoint import parse_checkpoint
from tradai_sandbox.moto_ext.gaps.servicequotas import RAISED

BACKEND = "s3://tradai-pulumi-state-dev"
#: A region where no other test works, so that what is counted there is this module's.
FULL_REGION = "eu-west-3"
LIMIT = int(RAISED["L-F678F1CE"])


@pytest.fixture
def passphrase(tmp_path: Path) -> Path:
    file = tmp_path / "passphrase"
    file.write_text("open sesame")
    return file


def run(sandbox: RunningSandbox, tmp_path: Path, passphrase: Path, **asked: Any) -> RunResult:
    """What a runner makes of a request, in a process of its own."""
    number = len(list(tmp_path.glob("run-*")))
    folder = tmp_path / f"run-{number}"
    folder.mkdir()
    base: dict[str, Any] = {
        "run_id": f"preflight-{number}",
        "blueprint": "sample",
        "layer": "store",
        "environment": "eph-flight",
        "operation": "up",
        "account_id": "123456789012",
        "region": "eu-central-1",
        "endpoint_url": sandbox.endpoint,
        "backend_url": BACKEND,
        "passphrase_file": str(passphrase),
        "survey": "facts-1",
    }
    (folder / "request.json").write_text(REQUESTS.validate_python(base | asked).model_dump_json())
    env = os.environ | sandbox.env | {"PULUMI_CONFIG_PASSPHRASE": "of somebody else, which the request does not name"}
    subprocess.run([sys.executable, "-m", "tradai_runner", str(folder)], env=env, check=False)
    return RunResult.model_validate_json((folder / "result.json").read_text())


@pytest.fixture
def untouched(sandbox: RunningSandbox) -> Iterator[None]:
    """What stands in AWS and in the state bucket is the same afterwards, logs of runs left aside."""
    before = inventory(sandbox)
    yield
    assert inventory(sandbox) == before


def inventory(sandbox: RunningSandbox) -> Any:
    kept = sandbox.client("s3").list_objects_v2(Bucket="tradai-pulumi-state-dev").get("Contents", [])
    return (*in_aws(sandbox), sorted(found["Key"] for found in kept if not found["Key"].startswith(".tradai/runs/")))


def in_aws(sandbox: RunningSandbox) -> tuple[Any, ...]:
    s3 = sandbox.client("s3")
    tagged = sandbox.client("resourcegroupstaggingapi").get_resources()["ResourceTagMappingList"]
    return (
        sorted(found["ResourceARN"] for found in tagged),
        sorted(bucket["Name"] for bucket in s3.list_buckets()["Buckets"]),
        sandbox.client("dynamodb").list_tables()["TableNames"],
        sandbox.client("sqs").list_queues().get("QueueUrls"),
    )


def refused(result: RunResult, kind: str, reason: str) -> str:
    assert result.outcome == "failed"
    assert result.failure and result.survey
    assert (result.failure.kind, result.survey.reason, result.survey.ok) == (kind, reason, False)
    assert result.failure.hint
    assert result.survey.facts == "facts-1"
    assert result.survey.message == f"{result.failure.error}. {result.failure.hint}"
    return result.failure.error


@pytest.mark.usefixtures("untouched")
class TestNothingIsTouched:
    """Each refusal, in its own sentence."""

    def test_the_caller_of_another_account(self, sandbox: RunningSandbox, tmp_path: Path, passphrase: Path) -> None:
        result = run(sandbox, tmp_path, passphrase, account_id="210987654321")
        error = refused(result, "Account", "AccountMismatch")
        assert error == "the caller belongs to account 123456789012, and spec.aws.accountId is 210987654321"

    def test_a_bucket_that_is_not_there(self, sandbox: RunningSandbox, tmp_path: Path, passphrase: Path) -> None:
        result = run(sandbox, tmp_path, passphrase, backend_url="s3://tradai-no-such-bucket")
        assert "the state bucket tradai-no-such-bucket" in refused(result, "Backend", "BackendUnusable")
        assert "tradai bootstrap account" in (result.failure.hint if result.failure else "")

    def test_a_bucket_that_takes_nothing(self, sandbox: RunningSandbox, tmp_path: Path, passphrase: Path) -> None:
        denied = Refusal(403, "AccessDenied", "Access Denied", method="PUT", path="/tradai-pulumi-state-dev/")
        with faulty_s3(denied, upstream=sandbox.endpoint) as proxy:
            result = run(sandbox, tmp_path, passphrase, endpoint_url=proxy.url)
        assert "Access Denied" in refused(result, "Backend", "BackendUnusable")

    def test_a_region_that_is_none(self, sandbox: RunningSandbox, tmp_path: Path, passphrase: Path) -> None:
        error = refused(run(sandbox, tmp_path, passphrase, region="eu-central-9"), "Config", "RegionUnusable")
        assert error.startswith("region eu-central-9 does not exist or is not enabled")

    def test_several_at_once(self, sandbox: RunningSandbox, tmp_path: Path, passphrase: Path) -> None:
        result = run(sandbox, tmp_path, passphrase, account_id="210987654321", region="eu-central-9")
        error = refused(result, "Account", "AccountMismatch")
        assert "region eu-central-9" in error


def full_of_vpcs(sandbox: RunningSandbox) -> Any:
    """A client of the region that takes no further VPC."""
    make: Any = boto3.client
    client = make(
        "ec2", endpoint_url=sandbox.endpoint, region_name=FULL_REGION,
        aws_access_key_id="sandbox", aws_secret_access_key="sandbox",
    )  # fmt: skip
    for number in range(LIMIT - len(client.describe_vpcs()["Vpcs"])):
        client.create_vpc(CidrBlock=f"10.{number}.0.0/16")
    return client


def test_a_quota_that_is_used_up(sandbox: RunningSandbox, tmp_path: Path, passphrase: Path) -> None:
    client = full_of_vpcs(sandbox)
    before = in_aws(sandbox)
    result = run(sandbox, tmp_path, passphrase, blueprint="tradai", layer="foundation", region=FULL_REGION)
    assert result.failure and result.survey
    assert (result.failure.kind, result.survey.reason, result.survey.ok) == ("Quota", "QuotaExceeded", False)
    assert f"VPC VPCs: 1 more are needed, {LIMIT} are in use, the limit is {LIMIT}" in result.failure.error
    assert len(client.describe_vpcs()["Vpcs"]) == LIMIT
    assert in_aws(sandbox) == before


def test_a_name_that_another_account_holds(sandbox: RunningSandbox, tmp_path: Path, passphrase: Path) -> None:
    before = in_aws(sandbox)
    held = Refusal(403, "AccessDenied", "Access Denied", method="HEAD", path="/tradai-configs-eph-flight")
    with faulty_s3(held, upstream=sandbox.endpoint) as proxy:
        result = run(sandbox, tmp_path, passphrase, blueprint="tradai", layer="persistent", endpoint_url=proxy.url)
    assert refused(result, "Conflict", "NameTaken") == "another account holds tradai-configs-eph-flight"
    assert in_aws(sandbox) == before


def test_the_empty_stack_that_a_quota_leaves_stands_in_nobodys_way(
    sandbox: RunningSandbox, tmp_path: Path, passphrase: Path
) -> None:
    full_of_vpcs(sandbox)
    foundation = {"blueprint": "tradai", "layer": "foundation", "region": FULL_REGION, "environment": "eph-full"}
    run(sandbox, tmp_path, passphrase, **foundation)
    key = state_key("tradai-foundation", "eph-full")
    state = sandbox.client("s3").get_object(Bucket="tradai-pulumi-state-dev", Key=key)["Body"].read()
    assert parse_checkpoint(json.loads(state)).resources == ()
    # the next attempt finds passphrase and newness as the first one did
    refused(run(sandbox, tmp_path, passphrase, **foundation, only_if_new=True), "Quota", "QuotaExceeded")
    ended = run(sandbox, tmp_path, passphrase, **foundation, operation="destroy", confirmed=(), survey="")
    assert (ended.outcome, ended.resources.deleted) == ("succeeded", 0), ended.failure


def test_what_is_fit_runs_and_a_wrong_passphrase_is_noticed_before_the_engine(
    sandbox: RunningSandbox, tmp_path: Path, passphrase: Path
) -> None:
    result = run(sandbox, tmp_path, passphrase)
    assert result.outcome == "succeeded", result.failure
    assert result.survey
    assert (result.survey.ok, result.survey.reason) == (True, "PreflightPassed")
    probes = sandbox.client("s3").list_objects_v2(Bucket="tradai-pulumi-state-dev", Prefix=".tradai/preflight/")
    assert "Contents" not in probes
    before = inventory(sandbox)
    wrong = tmp_path / "wrong"
    wrong.write_text("open barley")
    result = run(sandbox, tmp_path, wrong)
    assert refused(result, "Passphrase", "PassphraseWrong") == "the passphrase does not open the existing state"
    log = tmp_path / "run-1" / "log.txt"
    assert not log.exists() or "Updating" not in log.read_text(), "the engine was not started"
    assert inventory(sandbox) == before
    result = run(sandbox, tmp_path, passphrase, operation="destroy", survey="")
    assert result.outcome == "succeeded", result.failure
    assert "eph-flight" not in repr(in_aws(sandbox))
