"""What goes wrong, and what the operator makes of it: two claimants, a stopped run, a gone backend, bad input."""

import os
import subprocess
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.e2e.environment import Deployed, condition, example


@pytest.fixture(scope="module")
def sandbox(new_sandbox: Callable[[], Deployed]) -> Deployed:
    return new_sandbox()


def tradai(sandbox: Deployed, *words: str) -> str:
    return subprocess.run(
        ["tradai", *words], env=os.environ | dict(sandbox.env), capture_output=True, text=True, check=True
    ).stdout


def only(layer: str, **spec: Any) -> dict[str, Any]:
    """The dev example with one layer enabled."""
    names = ("persistent", "foundation", "compute", "edge")
    return example("dev", layers={name: {"enabled": name == layer} for name in names}, **spec)


def test_trouble_with_one_environment(sandbox: Deployed) -> None:
    manifest = only("persistent")
    sandbox.apply(manifest)
    running = sandbox.until(
        "persistent to be under way",
        lambda: next(
            (x for x in sandbox.status("dev").get("layers", []) if x["resources"]["done"] > 3 and x.get("run")), None
        ),
    )
    assert running["resources"]["total"] > running["resources"]["done"]

    rival = only("persistent")
    rival["metadata"] = {"name": "rival", "namespace": "tradai"}
    sandbox.apply(rival)
    status = sandbox.until(
        "the later claimant to stall",
        lambda: condition(sandbox.status("rival"), "Stalled") == "True" and sandbox.status("rival"),
    )
    assert "tradai/dev claimed environment dev" in status["message"]

    assert "persistent" in tradai(sandbox, "cancel", "dev")
    sandbox.until("the run to be cancelled", lambda: sandbox.status("dev")["phase"] == "Cancelled")
    locks = sandbox.clients("s3").list_objects_v2(Bucket="tradai-pulumi-state-dev", Prefix=".pulumi/locks/")
    assert "Contents" not in locks, "a cancelled run leaves no lock"
    assert "Updating (dev)" in tradai(sandbox, "logs", "dev", "persistent") or tradai(
        sandbox, "logs", "dev", "persistent"
    )

    tradai(sandbox, "retry", "dev")
    sandbox.ready("dev")

    sandbox.kubectl("delete", "tradaienv", "rival", "-n", "tradai", "--wait=false")
    sandbox.gone("rival")
    assert len(sandbox.clients("dynamodb").list_tables()["TableNames"]) == 12, "the loser's deletion destroys nothing"
    assert all(operation == "up" for _, operation in sandbox.runs())


def dropped(s3: Any, bucket: str) -> bool:
    """Empties and deletes a bucket; False where somebody, a run that leaves its log for instance, wrote meanwhile."""
    versions = s3.list_object_versions(Bucket=bucket)
    for version in versions.get("Versions", []) + versions.get("DeleteMarkers", []):
        s3.delete_object(Bucket=bucket, Key=version["Key"], VersionId=version["VersionId"])
    try:
        s3.delete_bucket(Bucket=bucket)
    except ClientError as error:
        if error.response["Error"]["Code"] != "BucketNotEmpty":
            raise
        return False
    return True


def test_deletion_with_a_gone_backend_says_so_and_abandon_releases(sandbox: Deployed) -> None:
    s3 = sandbox.clients("s3")
    manifest = only("persistent", deletionPolicy="Everything")
    manifest["metadata"] = {
        "name": "staging",
        "namespace": "tradai",
        "annotations": {"tradai.io/confirm-destroy": "staging"},
    }
    manifest["spec"]["environment"] = "staging"
    manifest["spec"]["state"]["backendUrl"] = "s3://tradai-pulumi-state-staging"
    sandbox.apply(manifest)
    sandbox.until(
        "the first resources",
        lambda: any(x["resources"]["done"] > 2 for x in sandbox.status("staging").get("layers", [])),
    )
    tradai(sandbox, "cancel", "staging")
    sandbox.until("the run to be over", lambda: sandbox.status("staging")["phase"] == "Cancelled")

    sandbox.until("the bucket to be gone", lambda: dropped(s3, "tradai-pulumi-state-staging"))
    sandbox.kubectl("delete", "tradaienv", "staging", "-n", "tradai", "--wait=false")
    status = sandbox.until(
        "the deletion to say what is wrong",
        lambda: sandbox.status("staging").get("phase") == "DeleteRetrying" and sandbox.status("staging"),
    )
    assert "tradai.io/abandon=staging" in status["message"]
    assert "NoSuchBucket" in status["message"]

    sandbox.kubectl("annotate", "tradaienv", "staging", "-n", "tradai", "tradai.io/abandon=staging")
    sandbox.gone("staging")
    assert "abandoned" in {record.get("why") for record in sandbox.seen.records().values()}


def test_deletion_interrupts_a_run_and_leaves_nothing_behind(sandbox: Deployed) -> None:
    manifest = only("foundation")
    word = {"tradai.io/confirm-destroy": "instance/database"}
    manifest["metadata"] = {"name": "brief", "namespace": "tradai", "annotations": word}
    manifest["spec"]["environment"] = "eph-brief"
    sandbox.apply(manifest)
    sandbox.until(
        "the first resources",
        lambda: any(x["resources"]["done"] > 5 for x in sandbox.status("brief").get("layers", [])),
    )
    sandbox.kubectl("delete", "tradaienv", "brief", "-n", "tradai", "--wait=false")
    sandbox.gone("brief")
    vpcs = sandbox.clients("ec2").describe_vpcs(Filters=[{"Name": "tag:Environment", "Values": ["eph-brief"]}])["Vpcs"]
    assert vpcs == []
    locks = sandbox.clients("s3").list_objects_v2(Bucket="tradai-pulumi-state-dev", Prefix=".pulumi/locks/")
    assert "Contents" not in locks


def test_a_failure_shows_resource_request_hint_and_log_and_mends_itself(sandbox: Deployed) -> None:
    topics = sandbox.clients("dynamodb")
    topics.create_table(
        TableName="tradai-notifications-eph-clash",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    manifest = only("persistent")
    manifest["metadata"] = {"name": "clash", "namespace": "tradai"}
    manifest["spec"]["environment"] = "eph-clash"
    sandbox.apply(manifest)
    layer = sandbox.until(
        "the failure",
        lambda: next((x for x in sandbox.status("clash").get("layers", []) if x["state"] == "Failed"), None),
    )
    failure = layer["failure"]
    assert failure["kind"] == "Conflict"
    assert failure["urn"].endswith("aws:dynamodb/table:Table::notifications")
    assert "ResourceInUseException" in failure["error"]
    assert failure["requestId"]
    assert failure["hint"]
    assert layer["log"].startswith("tradai logs clash persistent")
    assert "ResourceInUseException" in tradai(sandbox, "logs", "clash", "persistent")
    topics.delete_table(TableName="tradai-notifications-eph-clash")
    tradai(sandbox, "retry", "clash")
    sandbox.ready("clash")


def test_an_operator_that_is_killed_in_mid_run_finds_its_run_again(sandbox: Deployed) -> None:
    manifest = only("persistent")
    manifest["metadata"] = {"name": "orphan", "namespace": "tradai"}
    manifest["spec"]["environment"] = "eph-orphan"
    sandbox.apply(manifest)
    sandbox.until(
        "the first resources",
        lambda: any(x["resources"]["done"] > 3 for x in sandbox.status("orphan").get("layers", [])),
    )
    before = len(sandbox.runs())
    sandbox.restart_operator()
    sandbox.ready("orphan")
    assert len(sandbox.runs()) == before, "the run went on and was adopted; no second one was started"


def test_an_edit_during_a_run_is_applied_after_it(sandbox: Deployed) -> None:
    manifest = only("persistent")
    manifest["metadata"] = {"name": "edited", "namespace": "tradai"}
    manifest["spec"]["environment"] = "eph-edit"
    sandbox.apply(manifest)
    first = sandbox.until(
        "a run to be under way",
        lambda: next((x["run"]["id"] for x in sandbox.status("edited").get("layers", []) if x.get("run")), None),
    )
    manifest["spec"]["layers"]["persistent"]["config"] = {"strategyRepositories": ["momentum"]}
    sandbox.apply(manifest)
    status = sandbox.ready("edited")
    mine = [run for run in sandbox.run_ids() if run >= first]
    assert len(mine) == 2, "the first run went on to its end, and one more applied the edit"
    repositories = sandbox.clients("ecr").describe_repositories(maxResults=500)["repositories"]
    assert "tradai/momentum-eph-edit" in {found["repositoryName"] for found in repositories}
    assert status["observedGeneration"] == 2
