"""An engine that is killed, and a stack that is another's, as they look in Kubernetes."""

import json
from collections.abc import Callable
from typing import Any

import psutil
import pytest

from tests.e2e.environment import Deployed, condition, example
from tradai_runner.journal.local import RunJournal

BUCKET = "tradai-pulumi-state-dev"
OWNER = ".tradai/owner/tradai-persistent/dev.json"


@pytest.fixture(scope="module")
def sandbox(new_sandbox: Callable[[], Deployed]) -> Deployed:
    return new_sandbox()


def persistent() -> dict[str, Any]:
    names = ("persistent", "foundation", "compute", "edge")
    return example("dev", layers={name: {"enabled": name == "persistent"} for name in names})


def engine(sandbox: Deployed) -> psutil.Process | None:
    """The engine of the run that is under way and has made something already."""
    layers = sandbox.status("dev").get("layers", [])
    run = next((layer["run"] for layer in layers if layer.get("run") and layer["resources"]["done"] > 3), None)
    mark = RunJournal(sandbox.layout.root / "journal" / run["handle"].partition("@")[0]).process() if run else None
    if mark is None:
        return None
    return next((child for child in psutil.Process(mark.pid).children() if child.name() == "pulumi"), None)


def owner(sandbox: Deployed) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(sandbox.clients("s3").get_object(Bucket=BUCKET, Key=OWNER)["Body"].read())
    return found


def test_a_killed_engine_costs_a_retry_and_leaves_an_audit(sandbox: Deployed) -> None:
    sandbox.apply(persistent())
    sandbox.until("an engine at work", lambda: engine(sandbox)).kill()
    status = sandbox.ready("dev")
    said = [repair["what"] for repair in status["repairs"]]
    assert any("removed the lock of a run that died" in what for what in said), said
    assert {repair["layer"] for repair in status["repairs"]} == {"persistent"}
    sandbox.told("dev", "Repaired")
    tables = sandbox.clients("dynamodb").list_tables()["TableNames"]
    assert len(tables) == 12
    state = sandbox.clients("s3").get_object(Bucket=BUCKET, Key=".pulumi/stacks/tradai-persistent/dev.json")
    assert not json.loads(state["Body"].read())["checkpoint"]["latest"].get("pending_operations")
    left = sandbox.clients("s3").list_objects_v2(Bucket=BUCKET, Prefix=".pulumi/locks/")
    assert "Contents" not in left


def test_a_stack_of_another_cluster_is_left_alone_until_it_is_handed_over(sandbox: Deployed) -> None:
    sandbox.ready("dev")
    ours = owner(sandbox)
    assert ours["resource"] == "tradai/dev"
    cluster = sandbox.kubectl("get", "namespace", "kube-system", "-o", "jsonpath={.metadata.uid}")
    assert ours["cluster"] == cluster
    theirs = {"cluster": "another", "resource": "tradai/dev", "uid": "uid-of-theirs"}
    sandbox.clients("s3").put_object(Bucket=BUCKET, Key=OWNER, Body=json.dumps(theirs).encode())

    manifest = persistent()
    manifest["spec"]["layers"]["persistent"]["config"] = {"strategyRepositories": ["momentum"]}
    sandbox.apply(manifest)
    status = sandbox.until(
        "the run to be refused",
        lambda: condition(sandbox.status("dev"), "Stalled") == "True" and sandbox.status("dev"),
    )
    assert "belongs to tradai/dev (uid uid-of-theirs) of cluster another" in status["message"]
    assert "tradai.io/handover: uid-of-theirs" in status["message"]
    assert owner(sandbox) == theirs
    repositories = sandbox.clients("ecr").describe_repositories(maxResults=500)["repositories"]
    assert "tradai/momentum-dev" not in {found["repositoryName"] for found in repositories}

    sandbox.kubectl("annotate", "tradaienv", "dev", "-n", "tradai", "tradai.io/handover=uid-of-theirs")
    sandbox.tradai("retry", "dev")
    sandbox.until("their guards to hold", lambda: "tradai.io/lower-guards" in sandbox.status("dev").get("message", ""))
    lowered = "tradai.io/lower-guards=deletionPolicy=All,approval=Never"
    sandbox.kubectl("annotate", "tradaienv", "dev", "-n", "tradai", lowered)
    status = sandbox.ready("dev")
    assert "taken over from tradai/dev of cluster another" in {repair["what"] for repair in status["repairs"]}
    unsaid = {"state.durability": "Sync"}  # their marker says nothing of it, and nobody lowered the strictest
    assert owner(sandbox) == ours | {"guards": ours["guards"] | unsaid}
