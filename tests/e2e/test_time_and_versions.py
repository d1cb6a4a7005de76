"""Reconcile now, history and rollback, windows, backup and restore: on the real API server, engine and AWS endpoint.

One story in one sandbox, because each step stands on the one before it.
"""

import os
import re
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.environment import Deployed, condition, example


@pytest.fixture(scope="module")
def sandbox(new_sandbox: Callable[[], Deployed]) -> Deployed:
    return new_sandbox()


def declared(note: str, **spec: Any) -> dict[str, Any]:
    """The sample, whose topic says `note`."""
    layers = {"work": {"config": {"note": note, "queues": 1}}}
    return example("sample", layers=layers, approval="Never", deletionPolicy="Retain", **spec)


def topic(sandbox: Deployed) -> tuple[Any, str]:
    client = sandbox.clients("sns")
    (arn,) = (found["TopicArn"] for found in client.list_topics()["Topics"] if "news" in found["TopicArn"])
    return client, arn


def note(sandbox: Deployed) -> str:
    client, arn = topic(sandbox)
    shown: str = client.get_topic_attributes(TopicArn=arn)["Attributes"]["DisplayName"]
    return shown


def ready_with(sandbox: Deployed, manifest: dict[str, Any], wanted: str) -> dict[str, Any]:
    sandbox.apply(manifest)
    status = sandbox.ready("sample")
    assert note(sandbox) == wanted
    return status


def typed(sandbox: Deployed, answer: str, *words: str) -> subprocess.CompletedProcess[str]:
    env = os.environ | dict(sandbox.env)
    return subprocess.run(["tradai", *words], env=env, input=answer, capture_output=True, text=True, check=False)


def runs(sandbox: Deployed, layer: str) -> str:
    found: str = next(x["log"] for x in sandbox.status("sample")["layers"] if x["name"] == layer)
    return found


def test_time_and_versions(sandbox: Deployed) -> None:
    ready_with(sandbox, declared("one"), "one")

    # reconcile now: what somebody changed by hand is put right, in the one layer that is named
    client, arn = topic(sandbox)
    client.set_topic_attributes(TopicArn=arn, AttributeName="DisplayName", AttributeValue="by hand")
    before = runs(sandbox, "store")
    sandbox.tradai("reconcile", "sample", "work")
    sandbox.until("the topic to be put right", lambda: note(sandbox) == "one")
    sandbox.ready("sample")
    assert runs(sandbox, "store") == before

    # history and rollback
    copied = sandbox.tradai("state", "backup", "sample", "work")
    copy = re.search(r"/([^/]+-hand)\.json", copied)
    assert copy, copied
    status = ready_with(sandbox, declared("two"), "two")
    assert [(entry["number"], entry["kept"]) for entry in status["history"]] == [(1, True), (2, True)]
    assert sandbox.tradai("history", "sample").count("\n") == 2
    manifest = sandbox.tradai("rollback", "sample")
    assert "note: one" in manifest
    sandbox.kubectl("apply", "-f", "-", stdin=manifest)
    sandbox.ready("sample")
    assert note(sandbox) == "one"

    # windows: far away, then overridden by an approver
    window = {"windows": [{"schedule": "0 0 29 2 *", "duration": "1h"}]}
    sandbox.apply(declared("three", maintenance=window))
    sandbox.until("the window", lambda: sandbox.status("sample").get("phase") == "WaitingForWindow")
    status = sandbox.status("sample")
    assert (condition(status, "Ready"), condition(status, "Reconciling")) == ("False", "True")
    assert "opens at" in status["message"]
    assert note(sandbox) == "one"
    sandbox.tradai("open-window", "sample", "--yes")
    sandbox.ready("sample")
    assert note(sandbox) == "three"
    assert sandbox.status("sample")["history"][-1]["openedBy"]

    # a version that this operator does not have
    sandbox.apply(declared("three", program={"update": "Manual", "version": "99.0"}))
    sandbox.until("the version", lambda: sandbox.status("sample").get("phase") == "Blocked")
    assert "spec.program.version is 99.0" in sandbox.status("sample")["message"]
    ready_with(sandbox, declared("three"), "three")

    # restore: only what is suspended, by a typed word, and what was there is kept
    words = ("state", "restore", "sample", "work", copy[1])
    refused = typed(sandbox, "dev\n", *words)
    assert refused.returncode == 1
    assert "is not suspended" in refused.stderr
    sandbox.apply(declared("three", suspend=True))
    sandbox.until("suspension", lambda: (sandbox.get("sample") or {})["spec"].get("suspend"))
    assert typed(sandbox, "no\n", *words).returncode == 1
    done = typed(sandbox, "dev\n", *words)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "what it had: .tradai/backups/sample-work/dev/" in done.stdout
    assert len(re.findall("-hand", sandbox.tradai("state", "list", "sample", "work"))) == 2
    sandbox.apply(declared("three"))
    sandbox.until(
        "the layer to have run", lambda: not any(x.get("reconcile") for x in sandbox.status("sample")["layers"])
    )
    sandbox.ready("sample")
    assert note(sandbox) == "three"
