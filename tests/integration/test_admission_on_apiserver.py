"""Who may approve and lower guards, on a real API server: every guard against viewer, editor, approver, GitOps, ..."""

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import yaml

from tests.integration.admission_api import (
    ADMIN,
    OPERATOR,
    RBAC,
    Api,
    binding,
    connected,
    eventually,
    manifest,
    own_namespace,
    role,
)
from tests.integration.admission_changes import (
    APPROVER,
    CHANGES,
    CREATIONS,
    EDITOR,
    GITOPS,
    ON_CALL,
    OWNED,
    STANDING,
    USERS,
    VIEWER,
    Change,
    Creation,
)
from tests.integration.conftest import RunningSandbox
from tradai_operator.model import keys

NAMESPACE = "admission"
GRANTS = (
    (VIEWER, "tradai-environment-viewer", "ClusterRole"),
    (EDITOR, "tradai-environment-editor", "ClusterRole"),
    (APPROVER, "tradai-environment-editor", "ClusterRole"),
    (APPROVER, "tradai-environment-approver", "ClusterRole"),
    (ON_CALL, "tradai-environment-editor", "ClusterRole"),
    (ON_CALL, "approve-prod", "Role"),
    (GITOPS, "everything", "Role"),
)
APPROVAL = {keys.APPROVE: "sha256:1", keys.APPROVED_BY: "{me}"}

Kubectl = Callable[..., subprocess.CompletedProcess[str]]


def annotated(annotations: dict[str, str | None]) -> dict[str, Any]:
    return {"metadata": {"annotations": annotations}}


def own(value: Any, user: str) -> Any:
    """The same with the user's name in place of `{me}`."""
    return json.loads(json.dumps(value).replace("{me}", user))


def dated(value: Any, api: Api) -> Any:
    """The same with the namespace's name and uid in their places: an owner that the garbage collector finds."""
    uid = api.send("GET", f"/api/v1/namespaces/{api.namespace}", ADMIN).object["metadata"]["uid"]
    return json.loads(json.dumps(value).replace("{admission}", uid).replace("{namespace}", api.namespace))


def grant(api: Api) -> None:
    """The roles of the example, and the users of the tests in them."""
    for document in yaml.safe_load_all(RBAC.read_text()):
        api.apply(document)
    api.apply(role(api, "everything", keys.GROUP, [keys.PLURAL], ["*"]))
    api.apply(role(api, "approve-prod", keys.GROUP, [keys.PLURAL], ["approve"], "prod"))
    for number, (user, given, kind) in enumerate(GRANTS):
        api.apply(binding(api, f"grant-{number}", given, user, kind))


def await_rights(api: Api) -> None:
    """Returns once the server knows roles and policy."""
    new, abandoned = manifest(api, "new"), manifest(api, "new", {keys.ABANDON: "dev"})
    for user in (EDITOR, APPROVER, ON_CALL, GITOPS):
        eventually(lambda user=user: api.create(new, user, dry=True).allowed, f"the rights of {user}")  # type: ignore[misc]
    eventually(lambda: api.create(abandoned, APPROVER, dry=True).allowed, "the right to approve")
    eventually(lambda: not api.create(abandoned, EDITOR, dry=True).allowed, "the policy")


def stand(api: Api) -> None:
    """What the changes are of."""
    for name, (annotations, spec, finalizers) in STANDING.items():
        whole = manifest(api, name, annotations, **spec)
        whole["metadata"]["finalizers"] = finalizers
        whole["metadata"]["ownerReferences"] = dated([OWNED], api) if name == "owned" else []
        author = annotations.get(keys.APPROVED_BY) or annotations.get(keys.OPENED_BY) or ADMIN
        answer = api.create(whole, author)
        assert answer.allowed, answer.message


@pytest.fixture(scope="module")
def api(sandbox: RunningSandbox) -> Iterator[Api]:
    with own_namespace(sandbox.kubeconfig, NAMESPACE, grant, await_rights) as found:
        stand(found)
        yield found
        found.patch("held", {"metadata": {"finalizers": None}})


@pytest.fixture(scope="module")
def kubectl(sandbox: RunningSandbox, tmp_path_factory: pytest.TempPathFactory) -> Kubectl:
    variables = os.environ | sandbox.env | {"HOME": str(tmp_path_factory.mktemp("home"))}

    def run(*words: str, stdin: Any = None) -> subprocess.CompletedProcess[str]:
        text = json.dumps(stdin) if stdin else None
        command = ["kubectl", "-n", NAMESPACE, *words]
        return subprocess.run(command, env=variables, input=text, capture_output=True, text=True, check=False)

    return run


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.name.replace(" ", "-"))
def test_a_change_is_for_those_who_may(api: Api, change: Change) -> None:
    patch = dated(change.patch, api)
    answers = {user: api.patch(change.of, own(patch, user), user, dry=True) for user in USERS}
    assert {user for user, answer in answers.items() if answer.allowed} == change.may
    refused = {user: answer for user, answer in answers.items() if not answer.allowed}
    assert {answer.code for answer in refused.values()} == {403}
    told = [answer.message for user, answer in refused.items() if user != VIEWER]
    assert [message for message in told if change.says not in message] == []


@pytest.mark.parametrize("creation", CREATIONS, ids=lambda creation: creation.name.replace(" ", "-"))
def test_a_creation_is_for_those_who_may(api: Api, creation: Creation) -> None:
    may = set()
    for user in USERS:
        whole = manifest(api, "new", own(creation.annotations, user), **creation.spec)
        if api.create(whole, user, dry=True).allowed:
            may.add(user)
    assert may == creation.may


def test_a_refusal_says_what_is_guarded_and_whom_to_ask(api: Api) -> None:
    message = api.patch("plain", annotated({keys.CONFIRM_DESTROY: "dev"}), EDITOR).message
    assert "tradai.io/confirm-destroy allows data to be destroyed, which only approvers may do" in message
    assert "`kubectl auth can-i approve tradaienvironments/plain -n admission` says yes" in message
    assert "ConfigMap" not in message


def test_a_service_account_is_told_of_the_list(api: Api) -> None:
    message = api.patch("plain", annotated({keys.ABANDON: "dev"}), GITOPS).message
    assert "a service account may only if the ConfigMap tradai-system/tradai-approvers lists it" in message


def test_an_author_who_is_another_is_told_the_own_name(api: Api) -> None:
    message = api.patch("plain", annotated({keys.APPROVE: "x", keys.APPROVED_BY: "bob"}), APPROVER).message
    assert "set tradai.io/approved-by beside tradai.io/approve to your own name, april" in message


@pytest.mark.parametrize(
    ("spec", "away", "again"),
    [
        ({"deletionPolicy": "Soft"}, {"deletionPolicy": "Retain"}, {"deletionPolicy": None}),
        (STANDING["ending"][1], {"ttl": None}, {"ttl": "72h"}),
    ],
    ids=["deletionPolicy", "ttl"],
)
def test_a_guard_that_was_raised_stays_raised(
    api: Api, spec: dict[str, Any], away: dict[str, Any], again: dict[str, Any]
) -> None:
    name = f"round-{next(iter(again)).lower()}"
    assert api.create(manifest(api, name, **spec), EDITOR).allowed
    assert api.patch(name, {"spec": away}, EDITOR).allowed
    answer = api.patch(name, {"spec": again}, EDITOR)
    assert (answer.code, "approve" in answer.message) == (403, True)


def test_an_approval_holds_until_it_is_taken_back_and_not_a_moment_longer(api: Api) -> None:
    api.create(manifest(api, "story"), EDITOR)
    assert api.patch("story", annotated(own(APPROVAL, APPROVER)), APPROVER).allowed
    assert api.patch("story", {"spec": {"suspend": True}}, EDITOR).allowed, "an edit beside a standing approval"
    assert not api.patch("story", annotated({keys.APPROVED_BY: EDITOR}), EDITOR).allowed
    assert api.patch("story", annotated({keys.APPROVE: None}), EDITOR).allowed
    assert not api.patch("story", annotated({keys.APPROVE: "sha256:1"}), EDITOR).allowed
    assert api.patch("story", annotated({keys.APPROVED_BY: None}), EDITOR).allowed


def test_server_side_apply_is_held_like_any_change(api: Api) -> None:
    wanted = manifest(api, "applied", own(APPROVAL, EDITOR))
    assert api.patch("applied", wanted, EDITOR, form="apply").code == 403
    wanted["metadata"]["annotations"] = {}
    assert api.patch("applied", wanted, EDITOR, form="apply").code == 201
    wanted["spec"]["deletionPolicy"] = "All"
    assert api.patch("applied", wanted, EDITOR, form="apply").code == 403
    assert api.patch("applied", wanted, APPROVER, form="apply").code == 200


def test_the_status_changes_nothing_but_the_status(api: Api) -> None:
    api.apply(role(api, "status", keys.GROUP, [f"{keys.PLURAL}/status"], ["get", "patch", "update"]))
    api.apply(binding(api, "status", "status", EDITOR, "Role"))
    before = api.get("held")
    patch = {
        "metadata": {"annotations": own(APPROVAL, EDITOR), "finalizers": [], "labels": {"a": "b"}},
        "spec": {"deletionPolicy": "Everything"},
        "status": {"message": "seen"},
    }
    eventually(lambda: api.patch("held", patch, EDITOR, part="status").allowed, "the right to write the status")
    after = api.get("held")
    assert after["status"] == {"message": "seen"}
    assert after["spec"] == before["spec"]
    assert {k: v for k, v in after["metadata"].items() if k not in {"managedFields", "resourceVersion"}} == {
        k: v for k, v in before["metadata"].items() if k not in {"managedFields", "resourceVersion"}
    }


def test_there_is_no_scale_to_go_through(api: Api) -> None:
    assert api.patch("plain", {"spec": {"replicas": 0}}, ADMIN, part="scale").code == 404


def test_deleting_needs_no_approval_since_destroying_data_does(api: Api) -> None:
    assert api.create(manifest(api, "doomed", deletionPolicy="Everything"), EDITOR).allowed
    path = f"/apis/{keys.API_VERSION}/namespaces/{NAMESPACE}/{keys.PLURAL}/doomed"
    assert api.send("DELETE", path, EDITOR).allowed


def test_what_the_operator_writes_is_never_refused(api: Api) -> None:
    api.create(manifest(api, "run"), EDITOR)
    assert api.patch("run", {"metadata": {"finalizers": [keys.FINALIZER]}}, OPERATOR).allowed
    assert api.patch("run", {"status": {"phase": "Ready"}}, OPERATOR, part="status").allowed
    path = f"/apis/{keys.API_VERSION}/namespaces/{NAMESPACE}/{keys.PLURAL}/run"
    assert api.send("DELETE", path, OPERATOR).allowed
    assert not api.patch("run", {"metadata": {"finalizers": []}}, EDITOR).allowed, "also not while it is deleted"
    assert api.patch("run", {"metadata": {"finalizers": []}}, OPERATOR).allowed
    assert api.get("run")["code"] == 404


def test_whoever_impersonates_an_approver_approves_in_the_approvers_name_only(
    api: Api, sandbox: RunningSandbox
) -> None:
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "puppeteer", "namespace": NAMESPACE}}
    api.apply(account)
    request = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 600}}
    path = f"/api/v1/namespaces/{NAMESPACE}/serviceaccounts/puppeteer/token"
    token = api.send("POST", path, ADMIN, request).object["status"]["token"]
    with connected(sandbox.kubeconfig, NAMESPACE, token) as puppeteer:
        name = f"system:serviceaccount:{NAMESPACE}:puppeteer"
        refused = puppeteer.patch("plain", annotated(own(APPROVAL, APPROVER)), APPROVER, dry=True)
        assert "cannot impersonate" in refused.message
        api.apply(impersonators(name))
        api.apply(impersonators(name, binding=True))
        eventually(
            lambda: puppeteer.patch("plain", annotated(own(APPROVAL, APPROVER)), APPROVER, dry=True).allowed,
            "the right to impersonate",
        )
        assert puppeteer.patch("plain", annotated(own(APPROVAL, name)), APPROVER, dry=True).code == 403
        assert puppeteer.patch("plain", annotated(own(APPROVAL, name)), EDITOR, dry=True).code == 403
    api.delete(impersonators(name, binding=True))


def impersonators(user: str, *, binding: bool = False) -> dict[str, Any]:
    """The right to impersonate the approver, or its binding."""
    rbac = "rbac.authorization.k8s.io"
    whole: dict[str, Any] = {"apiVersion": f"{rbac}/v1", "metadata": {"name": "admission-impersonators"}}
    if binding:
        subject = {"apiGroup": rbac, "kind": "User", "name": user}
        reference = {"apiGroup": rbac, "kind": "ClusterRole", "name": "admission-impersonators"}
        return whole | {"kind": "ClusterRoleBinding", "roleRef": reference, "subjects": [subject]}
    rule = {"apiGroups": [""], "resources": ["users"], "verbs": ["impersonate"], "resourceNames": [APPROVER, EDITOR]}
    return whole | {"kind": "ClusterRole", "rules": [rule]}


def test_kubectl_annotates_applies_and_replaces_under_the_same_guards(api: Api, kubectl: Kubectl) -> None:
    told = kubectl("annotate", "tradaienv", "plain", "tradai.io/confirm-destroy=dev", "--as", EDITOR)
    assert told.returncode != 0
    assert "which only approvers may do; ask someone for whom" in told.stderr
    wide = manifest(api, "plain", deletionPolicy="Everything")
    assert kubectl("apply", "--server-side", "--force-conflicts", "-f", "-", "--as", EDITOR, stdin=wide).returncode
    assert kubectl("apply", "-f", "-", "--as", EDITOR, stdin=wide).returncode
    bare = manifest(api, "held")
    replaced = kubectl("replace", "-f", "-", "--as", EDITOR, stdin=bare)
    assert "`kubectl apply` does, `kubectl replace` drops it" in replaced.stderr
    applied = kubectl("apply", "-f", "-", "--as", EDITOR, stdin=bare)
    assert applied.returncode == 0, applied.stderr


@pytest.mark.parametrize(("user", "answer"), [(EDITOR, "no"), (APPROVER, "yes"), (ON_CALL, "no")])
def test_kubectl_tells_who_may_approve_as_the_refusal_says(api: Api, kubectl: Kubectl, user: str, answer: str) -> None:
    assert kubectl("auth", "can-i", "approve", "tradaienvironments/plain", "--as", user).stdout.strip() == answer
