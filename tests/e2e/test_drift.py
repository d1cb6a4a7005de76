"""Drift on the real API server, engine and AWS endpoint: seen, told, put back; and nothing touched by looking.

One story in one sandbox, because each step stands on the one before it.
"""

import json
import os
import subprocess
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.e2e.environment import Deployed, condition, example
from tradai_sandbox.aws.calls import CONTROL_PATH, PROVIDER

BUCKET = "tradai-pulumi-state-dev"
STATES = [f".pulumi/stacks/sample-{layer}/dev.json" for layer in ("store", "work")]
#: Once a year, so that looks happen when the story asks for them.
SELDOM = "0 0 29 2 *"
TABLE, QUEUE = "sample-items-dev", "sample-queue-2-dev"


@pytest.fixture(scope="module")
def sandbox(new_sandbox: Callable[[], Deployed]) -> Deployed:
    found = new_sandbox()
    found.apply(declared())
    found.ready("sample")
    return found


def declared(**drift: Any) -> dict[str, Any]:
    return example("sample", drift={"schedule": SELDOM} | drift)


def look(sandbox: Deployed, *words: str) -> tuple[int, str]:
    """Exit status and text of `tradai drift sample --now`."""
    ran = subprocess.run(
        ["tradai", "drift", "sample", "--now", *words], env=_env(sandbox), capture_output=True, text=True, check=False
    )
    assert ran.returncode in {0, 2}, ran.stdout + ran.stderr
    return ran.returncode, ran.stdout


def _env(sandbox: Deployed) -> dict[str, str]:
    return os.environ | dict(sandbox.env)


def states(sandbox: Deployed) -> list[bytes]:
    s3 = sandbox.clients("s3")
    return [s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() for key in STATES]


def writes_in_aws(sandbox: Deployed) -> list[str]:
    """What the provider did that was no reading, since it was asked last."""
    asked = urllib.request.Request(sandbox.env["AWS_ENDPOINT_URL"] + CONTROL_PATH, method="DELETE")  # noqa: S310 - loopback
    with urllib.request.urlopen(asked) as answer:  # noqa: S310 - loopback
        calls = json.load(answer)
    said = {call["caller"] for call in calls if call["caller"].startswith(f"{PROVIDER} ")}
    return sorted(caller for caller in said if caller.split()[1] in {"create", "update", "delete"})


def engine_files(sandbox: Deployed) -> set[tuple[str, str]]:
    found = sandbox.clients("s3").list_objects_v2(Bucket=BUCKET, Prefix=".pulumi/")["Contents"]
    return {(entry["Key"], entry["ETag"]) for entry in found}


def note(sandbox: Deployed) -> str:
    tables = sandbox.clients("dynamodb")
    arn = tables.describe_table(TableName=TABLE)["Table"]["TableArn"]
    tags: list[dict[str, str]] = tables.list_tags_of_resource(ResourceArn=arn)["Tags"]
    return {tag["Key"]: tag["Value"] for tag in tags}["Note"]


def queues(sandbox: Deployed) -> int:
    return len(sandbox.clients("sqs").list_queues(QueueNamePrefix="sample-queue-").get("QueueUrls", []))


def drifted(sandbox: Deployed) -> str:
    return condition(sandbox.status("sample"), "Drifted")


def test_an_environment_that_is_as_declared_says_so_and_nothing_was_touched(sandbox: Deployed) -> None:
    before, runs, built = engine_files(sandbox), len(sandbox.runs()), writes_in_aws(sandbox)
    assert f"{PROVIDER} create aws:sns/topic:Topic" in built
    status, said = look(sandbox)
    assert (status, drifted(sandbox)) == (0, "False"), said
    assert said.count("as declared") == 2
    assert writes_in_aws(sandbox) == []
    assert engine_files(sandbox) == before, "neither a state nor a history nor a lock was written"
    assert [operation for _, operation in sandbox.runs()[runs:]] == ["preview", "preview"]
    assert "none" in sandbox.kubectl("get", "tradaienv", "sample", "-n", "tradai")


def test_what_was_changed_and_deleted_by_hand_is_seen_and_told(sandbox: Deployed) -> None:
    tables, sqs = sandbox.clients("dynamodb"), sandbox.clients("sqs")
    arn = tables.describe_table(TableName=TABLE)["Table"]["TableArn"]
    tables.tag_resource(ResourceArn=arn, Tags=[{"Key": "Note", "Value": "by hand"}])
    sqs.delete_queue(QueueUrl=sqs.get_queue_url(QueueName=QUEUE)["QueueUrl"])
    before = states(sandbox)
    status, said = look(sandbox)
    assert status == 2
    assert "~ aws:dynamodb/table:Table items" in said
    assert 'tags.Note: "sample" → "by hand"' in said
    assert "- aws:sqs/queue:Queue queue-2 (gone from AWS)" in said
    assert states(sandbox) == before
    found = sandbox.status("sample")
    assert (condition(found, "Drifted"), condition(found, "Ready"), found["phase"]) == ("True", "True", "Ready")
    assert found["drift"]["text"] == "1 changed, 1 missing"
    report = sandbox.clients("s3").get_object(Bucket=BUCKET, Key=".tradai/drift/sample-store/dev.json")
    assert [resource["kind"] for resource in json.loads(report["Body"].read())["resources"]] == ["changed"]
    sandbox.told("sample", "Drifted", 'tags.Note is "by hand", not "sample"')


def test_what_a_rule_ignores_is_no_drift(sandbox: Deployed) -> None:
    rules = [{"path": "tags.Note", "reason": "a scanner tags"}, {"urn": "*::queue-2", "reason": "moved elsewhere"}]
    sandbox.apply(declared(ignore=rules))
    sandbox.until("another look by the other rules", lambda: drifted(sandbox) == "False")
    status, said = look(sandbox)
    assert status == 0
    assert "ignored, a scanner tags" in said
    assert "ignored, moved elsewhere" in said
    sandbox.apply(declared(ignore=[]))
    sandbox.until("drift again", lambda: sandbox.status("sample")["drift"]["text"] == "1 changed, 1 missing")


def test_correct_puts_it_back_and_looks_whether_that_helped(sandbox: Deployed) -> None:
    sandbox.apply(declared(policy="Correct"))
    sandbox.until("what drifted to be put back", lambda: (note(sandbox), queues(sandbox)) == ("sample", 2))
    sandbox.until("a look that finds nothing", lambda: drifted(sandbox) == "False")
    sandbox.ready("sample")
    layers = sandbox.status("sample")["drift"]["layers"]
    assert [(layer["name"], layer["corrections"]) for layer in layers] == [("store", 1), ("work", 1)]
    sandbox.told("sample", "DriftCorrection", "Layer store has drifted and is being put back as declared")


def test_an_update_by_hand_with_another_configuration_is_seen(sandbox: Deployed, tmp_path: Path) -> None:
    sandbox.apply(declared(policy="Report"))
    other = declared()
    other["spec"]["layers"]["work"]["config"] = {"note": "mine", "queues": 3}
    file = tmp_path / "env.yaml"
    file.write_text(yaml.safe_dump(other))
    sandbox.tradai("infra", "up", "work", "dev", "--file", str(file))
    status, said = look(sandbox, "work")
    assert status == 2
    assert 'displayName: "sample" → "mine"' in said
    assert "+ aws:sqs/queue:Queue queue-3 (nothing declares it)" in said
    assert sandbox.status("sample")["drift"]["text"] == "1 changed, 1 unexpected"


def test_a_look_that_fails_is_unknown_and_leaves_ready_alone(sandbox: Deployed) -> None:
    s3, (store, _) = sandbox.clients("s3"), states(sandbox)
    sandbox.until(
        "looks to be over", lambda: not [x for x in sandbox.status("sample")["drift"]["layers"] if "run" in x]
    )
    s3.put_object(Bucket=BUCKET, Key=STATES[0], Body=b"not a state")
    _, said = look(sandbox, "store")
    assert "the last look failed" in said
    found = sandbox.status("sample")
    assert condition(found, "Ready") == "True"
    work = next(layer for layer in found["drift"]["layers"] if layer["name"] == "work")
    assert work["finding"] == "Drifted"
    store_drift = next(layer for layer in found["drift"]["layers"] if layer["name"] == "store")
    assert store_drift["finding"] == "Unknown"
    s3.put_object(Bucket=BUCKET, Key=STATES[0], Body=store)
    look(sandbox, "store")
    found = sandbox.status("sample")
    assert next(layer for layer in found["drift"]["layers"] if layer["name"] == "store")["finding"] == "Clean"
