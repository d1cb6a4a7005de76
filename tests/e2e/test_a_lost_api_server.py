"""The API server's store is lost, and what it managed is not: resources applied again take up what stands.

docs/operations/backup.md tells people what is played here. To the operator it is a new cluster, so that the owner
markers in the state bucket name another one, and an approver's word hands each environment over.
"""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import psutil
import pytest

from tests.e2e.environment import Deployed, condition, example
from tests.e2e.inventory import inventory
from tradai_sandbox import lifecycle
from tradai_sandbox.state import load

BUCKET = "tradai-pulumi-state-dev"
LAYERS = ("store", "work")
LOST = ("operator", "kube-controller-manager", "kube-apiserver", "etcd")
#: One whose every change is asked about, and one that is handed over as it is applied.
CAREFUL, PLAIN = "dev", "eph-plain"


@dataclass
class Before:
    """What there was when the store was lost."""

    cluster: str = ""
    owners: dict[str, Any] = field(default_factory=dict)
    account: dict[str, set[str]] = field(default_factory=dict)
    tables: dict[str, Any] = field(default_factory=dict)


@pytest.fixture(scope="module")
def sandbox(new_sandbox: Callable[[], Deployed]) -> Deployed:
    return new_sandbox()


@pytest.fixture(scope="module")
def before() -> Before:
    return Before()


def manifest(environment: str, **annotations: str) -> dict[str, Any]:
    """The resource of an environment, as it is kept in git."""
    approval = "Always" if environment == CAREFUL else "Never"
    found = example("sample", approval=approval)
    found["spec"]["environment"] = environment
    found["metadata"] |= {"name": environment, "annotations": annotations}
    return found


def owner(sandbox: Deployed, environment: str, layer: str = "store") -> dict[str, Any]:
    key = f".tradai/owner/sample-{layer}/{environment}.json"
    found: dict[str, Any] = json.loads(sandbox.clients("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read())
    return found


def cluster(sandbox: Deployed) -> str:
    return sandbox.kubectl("get", "namespace", "kube-system", "-o", "jsonpath={.metadata.uid}")


def tables(sandbox: Deployed) -> dict[str, Any]:
    """What of a table is another one's after a replacement, and what lies in it."""
    dynamodb = sandbox.clients("dynamodb")
    found = {name: dynamodb.describe_table(TableName=name)["Table"] for name in dynamodb.list_tables()["TableNames"]}
    return {name: (table["CreationDateTime"], dynamodb.scan(TableName=name)["Items"]) for name, table in found.items()}


def unchanged(sandbox: Deployed, before: Before) -> None:
    """Nothing was built twice, nothing replaced, nothing destroyed."""
    assert inventory(sandbox.clients) == before.account
    assert tables(sandbox) == before.tables


def changes(status: dict[str, Any]) -> dict[str, dict[str, int]]:
    """What the last run of each layer has done, where it has done anything."""
    verbs = ("created", "updated", "replaced", "deleted")
    counted = {layer["name"]: {verb: layer["resources"].get(verb, 0) for verb in verbs} for layer in status["layers"]}
    return {layer: done for layer, done in counted.items() if any(done.values())}


def refused(sandbox: Deployed, environment: str) -> dict[str, Any] | None:
    failures = [layer.get("failure") for layer in sandbox.status(environment).get("layers", [])]
    return next((failure for failure in failures if failure and failure["kind"] == "Owner"), None)


def approve(sandbox: Deployed, environment: str) -> None:
    """Whatever plans come, until it is Ready."""

    def settled() -> bool:
        status = sandbox.status(environment)
        if digest := (status.get("plan") or {}).get("digest"):
            sandbox.tradai("approve", environment, digest)
        return condition(status, "Ready") == "True"

    sandbox.until(f"{environment} to be approved and Ready", settled)


def test_two_environments_stand_with_data_in_them(sandbox: Deployed, before: Before) -> None:
    sandbox.apply(manifest(CAREFUL))
    sandbox.apply(manifest(PLAIN))
    approve(sandbox, CAREFUL)
    sandbox.ready(PLAIN)
    for name in sandbox.clients("dynamodb").list_tables()["TableNames"]:
        sandbox.clients("dynamodb").put_item(TableName=name, Item={"id": {"S": "kept"}})
    before.cluster = cluster(sandbox)
    before.owners = {environment: owner(sandbox, environment) for environment in (CAREFUL, PLAIN)}
    before.account, before.tables = inventory(sandbox.clients), tables(sandbox)
    assert len(before.tables) == 2
    assert {found["cluster"] for found in before.owners.values()} == {before.cluster}


def test_the_store_is_lost_and_the_new_cluster_knows_nothing(sandbox: Deployed, before: Before) -> None:
    state = load(sandbox.layout.state)
    assert state
    for name in LOST:
        process = psutil.Process(state.processes[name].mark.pid)
        process.kill()
        process.wait(30)
    shutil.rmtree(sandbox.layout.etcd)
    lifecycle.up(sandbox.layout.root, print)
    assert sandbox.kubectl("get", "tradaienv", "-A", "-o", "name") == ""
    assert cluster(sandbox) != before.cluster
    unchanged(sandbox, before)


def test_a_resource_that_is_applied_again_touches_nothing_that_another_cluster_owns(
    sandbox: Deployed, before: Before
) -> None:
    sandbox.apply(manifest(CAREFUL))
    failure = sandbox.until("its first run to be refused", lambda: refused(sandbox, CAREFUL))
    was = before.owners[CAREFUL]
    assert f"{was['resource']} (uid {was['uid']}) of cluster {before.cluster}" in failure["error"]
    assert f"tradai.io/handover: {was['uid']}" in failure["hint"]
    assert condition(sandbox.status(CAREFUL), "Stalled") == "True"
    assert owner(sandbox, CAREFUL) == was
    unchanged(sandbox, before)


def test_handed_over_it_takes_up_all_that_stands_and_changes_nothing(sandbox: Deployed, before: Before) -> None:
    word = f"tradai.io/handover={before.owners[CAREFUL]['uid']}"
    sandbox.kubectl("annotate", "tradaienv", CAREFUL, "-n", "tradai", word)
    status = sandbox.ready(CAREFUL)
    assert changes(status) == {}
    assert [event for event in sandbox.seen.events(CAREFUL) if event.reason == "ApprovalRequired"] == [], "no question"
    unchanged(sandbox, before)
    uid = (sandbox.get(CAREFUL) or {})["metadata"]["uid"]
    for layer in LAYERS:
        now = owner(sandbox, CAREFUL, layer)
        assert (now["cluster"], now["uid"]) == (cluster(sandbox), uid)
        assert now["guards"] == before.owners[CAREFUL]["guards"]


def test_the_word_may_come_with_the_resource_and_go_after_it(sandbox: Deployed, before: Before) -> None:
    sandbox.apply(manifest(PLAIN, **{"tradai.io/handover": before.owners[PLAIN]["uid"]}))
    assert changes(sandbox.ready(PLAIN)) == {}
    unchanged(sandbox, before)
    sandbox.apply(manifest(PLAIN))
    sandbox.restart_operator()
    runs = sandbox.run_ids()
    assert changes(sandbox.ready(PLAIN)) == {}
    assert sandbox.run_ids() == runs
    unchanged(sandbox, before)


def test_what_was_taken_up_is_managed_as_before(sandbox: Deployed, before: Before) -> None:
    """A change is made in place, and a deletion takes just what the policy says."""
    changed = manifest(PLAIN)
    changed["spec"]["layers"]["work"]["config"]["note"] = "after the loss"
    sandbox.apply(changed)
    sandbox.until(
        "the change to be made",
        lambda: condition(sandbox.status(PLAIN), "Ready") == "True" and changes(sandbox.status(PLAIN)).get("work"),
    )
    sandbox.kubectl("delete", "tradaienv", PLAIN, "-n", "tradai", "--wait=false")
    sandbox.gone(PLAIN)
    left = inventory(sandbox.clients)
    assert tables(sandbox) == before.tables
    assert {queue for queue in before.account["queues"] if PLAIN in queue} == before.account["queues"] - left["queues"]
