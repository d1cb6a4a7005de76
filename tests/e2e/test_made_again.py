"""An editor deletes an environment and makes it again with weaker guards, and elsewhere: nothing is lowered or lost.

One story in one sandbox, in the name of somebody who may create, change and delete environments, and not approve.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import yaml

from tests.documents.manifests import EXAMPLES
from tests.e2e.environment import Deployed, condition, example

EDITOR = "edgar"
ENVIRONMENT = "eph-again"
WEAK = {"deletionPolicy": "Everything", "approval": "Never", "ttl": "20s"}


@pytest.fixture(scope="module")
def sandbox(new_sandbox: Callable[[], Deployed]) -> Deployed:
    sandbox = new_sandbox()
    for document in yaml.safe_load_all((EXAMPLES / "rbac.yaml").read_text()):
        sandbox.apply(document)
    role = "--clusterrole=tradai-environment-editor"
    sandbox.kubectl("create", "rolebinding", "edgar", role, f"--user={EDITOR}", "-n", "tradai")
    return sandbox


def declared(queues: int = 2, **spec: Any) -> dict[str, Any]:
    manifest = example("sample", **spec)
    manifest["spec"]["environment"] = ENVIRONMENT
    manifest["spec"]["layers"]["work"]["config"]["queues"] = queues
    return manifest


def edit(sandbox: Deployed, *words: str, manifest: Any = None, check: bool = True) -> str:
    """One kubectl in the editor's name."""
    stdin = json.dumps(manifest) if manifest else None
    return sandbox.kubectl(*words, "--as", EDITOR, stdin=stdin, check=check)


def apply(sandbox: Deployed, manifest: dict[str, Any]) -> None:
    edit(sandbox, "apply", "-f", "-", manifest=manifest)


def delete(sandbox: Deployed) -> None:
    edit(sandbox, "delete", "tradaienv", "sample", "-n", "tradai", "--wait=false")


def table(sandbox: Deployed) -> str:
    [found] = [name for name in sandbox.clients("dynamodb").list_tables()["TableNames"] if name.endswith(ENVIRONMENT)]
    return str(found)


def standing(sandbox: Deployed) -> tuple[Any, int]:
    """What would be lost: the items of the table, and how many queues there are."""
    items = sandbox.clients("dynamodb").scan(TableName=table(sandbox))["Items"]
    queues = sandbox.clients("sqs").list_queues().get("QueueUrls", [])
    return items, len([url for url in queues if ENVIRONMENT in url])


#: Two queues, and that of dead letters.
EVERYTHING = ([{"id": {"S": "kept"}}], 3)


def marker(sandbox: Deployed, layer: str) -> dict[str, Any]:
    s3, key = sandbox.clients("s3"), f".tradai/owner/sample-{layer}/{ENVIRONMENT}.json"
    body = s3.get_object(Bucket="tradai-pulumi-state-dev", Key=key)["Body"].read()
    found: dict[str, Any] = json.loads(body)
    return found


def test_a_guard_that_an_editor_raises_is_remembered_beyond_the_resource(sandbox: Deployed) -> None:
    apply(sandbox, declared(approval="OnDestructive", deletionPolicy="Soft"))
    sandbox.ready("sample")
    sandbox.clients("dynamodb").put_item(TableName=table(sandbox), Item={"id": {"S": "kept"}})
    assert standing(sandbox) == EVERYTHING
    assert marker(sandbox, "work")["guards"]["state.durability"] == "Group", "it was new"
    raised = json.dumps({"spec": {"deletionPolicy": "Retain", "state": {"durability": "Sync"}}})
    edit(sandbox, "patch", "tradaienv", "sample", "-n", "tradai", "--type=merge", "-p", raised)
    delete(sandbox)
    sandbox.gone("sample")
    assert standing(sandbox) == EVERYTHING
    for layer in ("store", "work"):
        found = marker(sandbox, layer)
        assert (found["guards"]["deletionPolicy"], found["guards"]["approval"]) == ("Retain", "OnDestructive")
        assert found["guards"]["state.durability"] == "Sync"
        assert (found["account"], found["region"], found["blueprint"]) == ("123456789012", "eu-central-1", "sample")


def test_made_again_with_weaker_guards_it_is_held_to_those_of_before(sandbox: Deployed) -> None:
    weak = declared(queues=0, **WEAK)
    weak["spec"]["state"]["durability"] = "Group"
    apply(sandbox, weak)
    sandbox.until("its plan to wait", lambda: condition(sandbox.status("sample"), "ApprovalRequired") == "True")
    created = datetime.fromisoformat((sandbox.get("sample") or {})["metadata"]["creationTimestamp"])
    sandbox.until("its ttl to be over", lambda: (datetime.now(UTC) - created).total_seconds() > 21)
    found = sandbox.get("sample") or {}
    assert "deletionTimestamp" not in found["metadata"], "its ttl does not count"
    assert condition(found["status"], "GuardsKept") == "True"
    assert condition(found["status"], "Ready") == "False"
    assert standing(sandbox) == EVERYTHING
    words = "tradai.io/lower-guards=deletionPolicy=Everything,approval=Never,state.durability=Group,ttl=20s"
    assert words in found["status"]["guards"]["message"]
    annotated = ("annotate", "tradaienv", "sample", "-n", "tradai", words)
    with pytest.raises(AssertionError, match="which only approvers may do"):
        edit(sandbox, *annotated)
    owner = json.dumps(
        {"metadata": {"ownerReferences": [{"apiVersion": "v1", "kind": "ConfigMap", "name": "x", "uid": "invented"}]}}
    )
    with pytest.raises(AssertionError, match="garbage collector"):
        edit(sandbox, "patch", "tradaienv", "sample", "-n", "tradai", "--type=merge", "-p", owner)


def test_deleting_that_destroys_nothing(sandbox: Deployed) -> None:
    delete(sandbox)
    sandbox.gone("sample")
    assert standing(sandbox) == EVERYTHING


def test_made_again_in_another_region_nothing_is_touched_in_either(sandbox: Deployed) -> None:
    manifest = declared()
    manifest["spec"]["aws"]["region"] = "us-east-1"
    apply(sandbox, manifest)

    def refused() -> Any:
        layers = sandbox.status("sample").get("layers", [])
        return next((layer for layer in layers if (layer.get("failure") or {}).get("kind") == "Immutable"), None)

    failure = sandbox.until("its first run to be refused", refused)["failure"]
    assert "region would change from 'eu-central-1' to 'us-east-1'" in failure["error"]
    assert "tradai.io/migrate: region:eu-central-1" in failure["hint"]
    assert standing(sandbox) == EVERYTHING
    assert not sandbox.status("sample").get("outputs")
    assert marker(sandbox, "store")["region"] == "eu-central-1"
    delete(sandbox)
    sandbox.gone("sample")
    assert standing(sandbox) == EVERYTHING


def test_made_again_as_it_was_it_goes_on_and_an_approver_lowers_just_what_they_name(sandbox: Deployed) -> None:
    apply(sandbox, declared(deletionPolicy="Soft"))
    kept = sandbox.until("the guards to be kept", lambda: condition(sandbox.status("sample"), "GuardsKept") == "True")
    assert kept
    sandbox.kubectl("annotate", "tradaienv", "sample", "-n", "tradai", "tradai.io/lower-guards=deletionPolicy=Soft")
    status = sandbox.ready("sample")
    assert standing(sandbox) == EVERYTHING
    guards = marker(sandbox, "work")["guards"]
    assert (guards["deletionPolicy"], guards["state.durability"]) == ("Soft", "Sync"), "who says nothing lowers nothing"
    assert status["guards"]["durability"] == "Sync"
