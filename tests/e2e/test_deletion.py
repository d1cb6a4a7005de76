"""A protected environment with data goes, on the real API server, engine and AWS endpoint: shown, approved, confirmed.

One story in one sandbox, on the sample, which is protected in prod as the platform is.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from tempfile import NamedTemporaryFile
from typing import Any

import pytest

from tests.e2e.environment import Deployed, condition, example
from tradai_runner.bucket.keys import locks_prefix, state_key


@pytest.fixture(scope="module")
def sandbox(new_sandbox: Callable[[], Deployed]) -> Deployed:
    return new_sandbox()


def production() -> dict[str, Any]:
    """The sample as production, with everything that asks for approval by default."""
    manifest = example("sample", deletionPolicy="Everything", approval="OnDestructive")
    manifest["spec"]["environment"] = "prod"
    manifest["spec"]["state"]["backendUrl"] = "s3://tradai-pulumi-state-prod"
    return manifest


def tables(sandbox: Deployed) -> list[str]:
    return [name for name in sandbox.clients("dynamodb").list_tables()["TableNames"] if name.endswith("-prod")]


def buckets(sandbox: Deployed) -> list[str]:
    return [row["Name"] for row in sandbox.clients("s3").list_buckets()["Buckets"] if "files" in row["Name"]]


@contextmanager
def locked_by_ann(sandbox: Deployed) -> Iterator[None]:
    """Somebody of another host holds the store's lock meanwhile."""
    lock = f"{locks_prefix('sample-store', 'prod')}ann.json"
    mark = {"username": "ann", "hostname": "elsewhere", "pid": 7, "timestamp": "2026-11-21T17:04:30Z"}
    state = {"Bucket": "tradai-pulumi-state-prod", "Key": lock}
    sandbox.clients("s3").put_object(**state, Body=json.dumps(mark).encode())
    yield
    sandbox.clients("s3").delete_object(**state)


def test_protected_data_goes_when_it_was_shown_approved_and_confirmed(sandbox: Deployed) -> None:
    sandbox.apply(production())
    sandbox.ready("sample")
    [bucket] = buckets(sandbox)
    sandbox.clients("s3").put_object(Bucket=bucket, Key="kept", Body=b"data")
    runs = len(sandbox.run_ids())

    would = sandbox.tradai("diff", "sample", "--destroy")
    assert "aws:dynamodb/table:Table items (its data is lost) (protected: the protection is taken away first)" in would
    assert "tradai.io/confirm-destroy=prod" in would
    assert "store of prod: stays (deletionPolicy Soft)" in sandbox.tradai(
        "diff", "sample", "--destroy", "--policy", "Soft"
    )
    assert len(sandbox.run_ids()) == runs, "looking runs nothing"

    sandbox.kubectl("delete", "tradaienv", "sample", "-n", "tradai", "--wait=false")
    sandbox.until("the deletion to wait", lambda: condition(sandbox.status("sample"), "ApprovalRequired") == "True")
    status = sandbox.status("sample")
    assert status["phase"] == "WaitingForApproval"
    assert [found["name"] for found in status["plan"]["layers"]] == ["work", "store"]
    assert "Table items with its data" in status["message"]
    assert "store of prod: 3 to delete" in sandbox.tradai("diff", "sample", status=2)

    sandbox.tradai("approve", "sample", status["plan"]["digest"])
    sandbox.until(
        "the confirmation to be asked for",
        lambda: condition(sandbox.status("sample"), "Stalled") == "True",
    )
    assert "tradai.io/confirm-destroy=prod" in sandbox.status("sample")["message"]
    assert tables(sandbox)
    assert "destroy" not in {operation for _, operation in sandbox.runs()}

    with locked_by_ann(sandbox):
        sandbox.kubectl("annotate", "tradaienv", "sample", "-n", "tradai", "tradai.io/confirm-destroy=prod")
        sandbox.until("a destroy to begin", lambda: ("work", "destroy") in sandbox.runs())
        sandbox.restart_operator()
        sandbox.until("the destroy to be locked out", lambda: "ann@elsewhere" in sandbox.status("sample")["message"])
        assert sandbox.clients("s3").list_objects_v2(Bucket=bucket)["KeyCount"] == 1, "emptied under somebody's lock"
    sandbox.kubectl("annotate", "tradaienv", "sample", "-n", "tradai", "tradai.io/retry=1")
    sandbox.gone("sample")
    assert (tables(sandbox), buckets(sandbox)) == ([], [])
    destroys = [layer for layer, operation in sandbox.runs() if operation == "destroy"]
    assert (destroys[0], set(destroys[1:])) == ("work", {"store"})


def test_a_whole_environment_is_shown_before_any_of_it_exists(sandbox: Deployed) -> None:
    manifest = example("sample", approval="Always")
    manifest["metadata"]["name"], manifest["spec"]["environment"] = "fresh", "eph-new"
    sandbox.apply(manifest)
    sandbox.until("the plan to wait", lambda: condition(sandbox.status("fresh"), "ApprovalRequired") == "True")
    plan = sandbox.status("fresh")["plan"]
    assert [(found["name"], found["create"] > 0, found["unknown"]) for found in plan["layers"]] == [
        ("store", True, False),
        ("work", True, True),
    ]
    shown = sandbox.tradai("diff", "fresh", status=2)
    assert "approving permits creating it, and nothing else" in shown
    assert "aws:sqs/queue:Queue queue-1" in shown
    sandbox.tradai("approve", "fresh", plan["digest"])
    status = sandbox.ready("fresh")
    assert status["plan"]["usedDigest"] == plan["digest"]


def without_its_store(stage: str) -> dict[str, Any]:
    """The sample, whose deletion takes all of it; only that has to be approved."""
    manifest = example("sample", deletionPolicy="Everything", approval="OnDestructive")
    manifest["metadata"] |= {"name": stage, "annotations": {"tradai.io/confirm-destroy": stage}}
    manifest["spec"]["environment"] = stage
    return manifest


def destroyed_by_hand(sandbox: Deployed, manifest: dict[str, Any]) -> None:
    with NamedTemporaryFile("w", suffix=".yaml") as file:
        json.dump(manifest, file)
        file.flush()
        sandbox.tradai("infra", "down", "store", manifest["spec"]["environment"], "--yes", "--file", file.name)


def in_aws(sandbox: Deployed, stage: str) -> list[str]:
    """The types of what AWS has of the sample's two layers."""
    tagged = sandbox.clients("resourcegroupstaggingapi").get_resources(
        TagFilters=[{"Key": "Environment", "Values": [stage]}]
    )["ResourceTagMappingList"]
    return sorted(found["ResourceARN"].split(":")[2] for found in tagged)


def test_it_goes_when_what_its_work_reads_from_was_destroyed_by_hand(sandbox: Deployed) -> None:
    stage = "eph-hand"
    manifest = without_its_store(stage)
    sandbox.apply(manifest)
    sandbox.ready(stage)
    assert in_aws(sandbox, stage) == ["dynamodb", "s3", "sns", "sqs", "sqs", "sqs"]
    destroyed_by_hand(sandbox, manifest)

    sandbox.kubectl("delete", "tradaienv", stage, "-n", "tradai", "--wait=false")
    sandbox.until("the deletion to wait", lambda: condition(sandbox.status(stage), "ApprovalRequired") == "True")
    plan = sandbox.status(stage)["plan"]
    assert [(found["name"], found["delete"]) for found in plan["layers"]] == [("work", 4), ("store", 0)]
    sandbox.tradai("approve", stage, plan["digest"])
    sandbox.gone(stage)
    assert in_aws(sandbox, stage) == []


def test_a_state_that_is_gone_holds_the_deletion_until_it_is_back(sandbox: Deployed) -> None:
    stage, bucket = "eph-lost", "tradai-pulumi-state-dev"
    manifest = without_its_store(stage)
    sandbox.apply(manifest)
    sandbox.ready(stage)
    stood = in_aws(sandbox, stage)
    s3, key = sandbox.clients("s3"), state_key("sample-store", stage)
    kept = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    s3.delete_object(Bucket=bucket, Key=key)

    sandbox.kubectl("delete", "tradaienv", stage, "-n", "tradai", "--wait=false")
    sandbox.until("the loss to be told", lambda: sandbox.status(stage)["phase"] == "DeleteFailed")
    assert "the state of this stack is gone" in sandbox.status(stage)["message"]
    assert "tradai state restore" in sandbox.status(stage)["message"]
    assert in_aws(sandbox, stage) == stood, "nothing is destroyed, and nothing let go"

    s3.put_object(Bucket=bucket, Key=key, Body=kept)
    sandbox.until("the deletion to wait", lambda: condition(sandbox.status(stage), "ApprovalRequired") == "True")
    sandbox.tradai("approve", stage, sandbox.status(stage)["plan"]["digest"])
    sandbox.gone(stage)
    assert in_aws(sandbox, stage) == []
