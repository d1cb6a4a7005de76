"""An operator of a newer release comes to environments that stand: one that takes it by itself, and one that waits.

The newer release has another version and a program that really changes something, so that engine and AWS are asked.
"""

import json
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.environment import Deployed, condition, example
from tests.e2e.operators import Operator, running, without_operator
from tests.e2e.release import Release, release

OWN = version("tradai-environments")
BUCKET = "tradai-pulumi-state-dev"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    with without_operator(tmp_path_factory.mktemp("e2e-releases")) as sandbox:
        yield sandbox


@pytest.fixture
def newer(tmp_path: Path) -> Release:
    """Its queues give up a message after five attempts, where they did after three."""
    return release(
        tmp_path / "newer", f"{OWN}.post1", "sample/layers/work/program.py", "_ATTEMPTS = 3", "_ATTEMPTS = 5"
    )


def declared(name: str, **program: str) -> dict[str, Any]:
    """A small environment of one queue, which asks before it destroys."""
    manifest = example("sample", approval="OnDestructive", deletionPolicy="Retain", program=program)
    manifest["metadata"]["name"], manifest["spec"]["environment"] = name, f"eph-{name}"
    manifest["spec"]["layers"] = {"work": {"config": {"queues": 1}}}
    return manifest


def attempts(sandbox: Deployed, name: str) -> int:
    """How often the queue of an environment tries a message, as AWS has it."""
    sqs = sandbox.clients("sqs")
    (url,) = (found for found in sqs.list_queues()["QueueUrls"] if "queue-1" in found and f"eph-{name}" in found)
    policy = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["RedrivePolicy"])["Attributes"]["RedrivePolicy"]
    return int(json.loads(policy)["maxReceiveCount"])


def runs(sandbox: Deployed, name: str) -> list[tuple[str, str]]:
    """(layer, operation) of every run of one environment, oldest first."""
    paths = sorted(sandbox.layout.journal.glob("*/*/*/request.json"), key=lambda path: path.parent.name)
    read = [json.loads(path.read_text()) for path in paths]
    return [(each["layer"], each["operation"]) for each in read if each["environment"] == f"eph-{name}"]


def states(sandbox: Deployed, name: str) -> dict[str, str]:
    """The version of each state file of one environment."""
    found = sandbox.clients("s3").list_object_versions(Bucket=BUCKET, Prefix=".pulumi/stacks/")["Versions"]
    return {
        each["Key"]: each["VersionId"]
        for each in found
        if each["IsLatest"] and each["Key"].endswith(f"/eph-{name}.json")
    }


def offered(sandbox: Deployed, name: str) -> str:
    """What the environment says of a newer version."""
    conditions = sandbox.status(name)["conditions"]
    return next((each["message"] for each in conditions if each["type"] == "UpdateAvailable"), "")


@pytest.mark.timeout(1200)
def test_a_newer_operator_updates_what_follows_it_and_shows_the_rest_what_it_would_change(
    sandbox: Deployed, newer: Release
) -> None:
    pinned = declared("pinned", update="Manual", version=OWN)
    with running(Operator(sandbox, "older")):
        for manifest in (declared("flowing", update="Auto"), pinned):
            sandbox.apply(manifest)
        for name in ("flowing", "pinned"):
            sandbox.ready(name, patience=600)
            assert (runs(sandbox, name), attempts(sandbox, name)) == ([("store", "up"), ("work", "up")], 3)
    before = states(sandbox, "pinned")
    assert len(before) == 2

    with running(Operator(sandbox, "newer", **newer.variables)):
        sandbox.until("what follows to be updated", lambda: attempts(sandbox, "flowing") == 5)
        assert sandbox.ready("flowing")["history"][-1]["program"] == newer.version
        assert offered(sandbox, "flowing") == ""

        change = f"{OWN} → {newer.version}: 1 to update in work"
        advice = f"set spec.program.version to {newer.version} to apply it"
        sandbox.until("what waits to be looked at", lambda: offered(sandbox, "pinned").split("; ") == [change, advice])
        status = sandbox.ready("pinned")
        assert [condition(status, kind) for kind in ("Reconciling", "Stalled")] == ["False", "False"]
        shown = sandbox.tradai("diff", "pinned", status=2)
        assert "aws:sqs/queue:Queue queue-1" in shown
        assert "maxReceiveCount" in shown
        assert sorted(runs(sandbox, "pinned")[2:]) == [("store", "preview"), ("work", "preview")]
        assert (attempts(sandbox, "pinned"), states(sandbox, "pinned")) == (3, before), "looking changes nothing"

        sandbox.apply(declared("pinned", update="Manual", version=newer.version))
        status = sandbox.ready("pinned")
        assert (attempts(sandbox, "pinned"), status["history"][-1]["program"]) == (5, newer.version)
        assert sorted(runs(sandbox, "pinned")[4:]) == [("store", "up"), ("work", "up")], "what was shown is applied"
        assert offered(sandbox, "pinned") == ""
