"""What a commit becomes under ArgoCD: synced and built, refused, failed, taken back, approved, and pruned.

One story in one sandbox, because each step stands on the one before it.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.e2e.environment import condition
from tests.gitops.applications import environment, example, layers
from tests.gitops.argocd import SERVER_ACCOUNT, RefusedError, health_of, operation_of, revision_of, sync_of
from tests.gitops.conftest import World

FILE = "environments/sample.yaml"
APP = "environments"


@pytest.fixture(scope="module")
def world(new_world: Callable[..., World]) -> World:
    made = new_world(customizations="argocd-cm-with-approve.yaml")
    allow_argocd_to_approve(made)
    return made


def allow_argocd_to_approve(world: World) -> None:
    """What the head of the file with `approve` asks for."""
    patch = f'{{"data": {{"serviceAccounts": "{SERVER_ACCOUNT}"}}}}'
    world.deployed.kubectl("patch", "configmap", "tradai-approvers", "-n", "tradai-system", "-p", patch)
    role = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": "argocd-approves"},
        "rules": [{"apiGroups": ["tradai.io"], "resources": ["tradaienvironments"], "verbs": ["approve"]}],
    }
    binding = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "RoleBinding",
        "metadata": {"name": "argocd-approves", "namespace": "tradai"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "argocd-approves"},
        "subjects": [{"kind": "ServiceAccount", "name": "argocd-server", "namespace": "argocd"}],
    }
    world.argo.apply(role, binding)
    people = '{"data": {"accounts.ann": "apiKey", "accounts.ben": "apiKey"}}'
    world.deployed.kubectl("patch", "configmap", "argocd-cm", "-n", "argocd", "-p", people)
    policy = (
        "p, ann, applications, get, */*, allow\np, ben, applications, get, */*, allow\n"
        "p, ann, applications, action/tradai.io/TradaiEnvironment/approve, */*, allow\n"
    )
    rights = json.dumps({"data": {"policy.csv": policy}})
    world.deployed.kubectl("patch", "configmap", "argocd-rbac-cm", "-n", "argocd", "-p", rights)


def push(world: World, manifest: dict[str, Any]) -> str:
    """A commit of it, of which the Git host tells ArgoCD."""
    revision = world.repository.commit({FILE: manifest})
    world.argo.refresh(APP)
    return revision


def message(app: dict[str, Any]) -> str:
    [found] = [row for row in app["status"]["resources"] if row["kind"] == "TradaiEnvironment"]
    return str(found["health"].get("message", ""))


@pytest.mark.timeout(1500)
def test_the_life_of_an_environment_in_git(world: World) -> None:
    argo, deployed, repository = world.argo, world.deployed, world.repository

    # a commit is synced, and the environment becomes healthy
    # something else is in the folder: ArgoCD never prunes the last of all by itself
    note = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "note", "namespace": "tradai"}}
    first = repository.commit({FILE: environment(), "environments/note.yaml": note})
    argo.apply(example("application.yaml", repository.url))
    app = argo.settled(APP, "Healthy", first)
    assert message(app) == "all layers are as declared"
    assert condition(deployed.status("sample"), "Ready") == "True"

    # one that lowers a guard is refused in our words, and what stands stays healthy
    push(world, environment(deletionPolicy="Everything"))
    sentence = "only approvers may weaken spec.deletionPolicy"
    app = argo.until("the sync to fail", APP, lambda app: sentence in operation_of(app)[1] and app)
    assert health_of(app) == "Healthy"
    assert (deployed.get("sample") or {})["spec"]["deletionPolicy"] == "Soft"
    assert repository.revert()
    argo.refresh(APP)

    # one that is accepted and fails is shown as such, with the reason
    failing = push(world, environment(layers=layers(sortKey="when")))
    app = argo.settled(APP, "Degraded", failing)
    assert "store failed" in message(app)

    # taking it back mends it
    reverted = repository.revert()
    argo.refresh(APP)
    argo.settled(APP, "Healthy", reverted)

    # a plan that waits is no failure: it is paused until somebody approves it
    waiting = push(world, environment(layers=layers(queues=1)))
    app = argo.settled(APP, "Suspended", waiting)
    plan = deployed.status("sample")["plan"]["digest"]
    assert plan in message(app)
    assert argo.actions(APP, "sample")["approve"]
    with pytest.raises(RefusedError, match="permission denied"):
        argo.act(APP, "sample", "approve", user="ben")
    argo.act(APP, "sample", "approve", user="ann")
    argo.settled(APP, "Healthy", waiting)
    assert deployed.status("sample")["plan"]["approvedBy"] == SERVER_ACCOUNT
    events = deployed.kubectl("get", "events", "-n", "argocd", "-o", "jsonpath={range .items[*]}{.message}{'\\n'}{end}")
    assert "ann ran action approve" in events, "ArgoCD's event names the person"
    with pytest.raises(RefusedError, match="no plan of sample waits for approval"):
        argo.act(APP, "sample", "approve")

    # taking it out of git asks, and then takes it down as its policy says
    gone = repository.commit({FILE: None})
    argo.refresh(APP)
    argo.until("the prune to wait", APP, lambda app: revision_of(app) == gone and "confirm" in operation_of(app)[1])
    assert (deployed.get("sample") or {})["metadata"].get("deletionTimestamp") is None
    argo.annotate(APP, "argocd.argoproj.io/deletion-approved", f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}")
    # ArgoCD's confirmation is one thing; that a deletion is approved, as `approval` has it, is another
    deployed.until("the deletion to ask", lambda: deployed.status("sample").get("phase") == "WaitingForApproval")
    argo.act(APP, "sample", "approve", user="ann")
    deployed.gone("sample")
    app = argo.until("the prune to be done", APP, lambda app: sync_of(app) == "Synced" and app)
    assert not [name for name in deployed.clients("sqs").list_queues().get("QueueUrls", []) if "dev" in name]
    assert deployed.clients("dynamodb").list_tables()["TableNames"], "deletionPolicy Soft keeps the table"
