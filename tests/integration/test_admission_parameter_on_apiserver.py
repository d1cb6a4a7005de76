"""The policy's parameter, and guards of fields that the CRD does not have yet: on a copy of both in another group."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
import yaml

from tests.integration.admission_api import ADMIN, Api, binding, connected, eventually, manifest, role
from tests.integration.conftest import RunningSandbox
from tradai_operator.model import admission, keys

GROUP = f"future.{keys.GROUP}"
NAMESPACE = "future"
EDITOR, APPROVER = "edgar", "april"
GITOPS = f"system:serviceaccount:{NAMESPACE}:gitops"
WRITING = ["get", "create", "update", "patch"]
GRANTS = {EDITOR: WRITING, APPROVER: [*WRITING, "approve"], GITOPS: ["*"]}
NUMBERS = count()
ABANDONED = {"metadata": {"annotations": {f"{GROUP}/abandon": "dev"}}}


def policy(kind: str) -> dict[str, Any]:
    """One document of the generated file, for the copy."""
    text = admission.render().replace(keys.GROUP, GROUP).replace(admission.PARAMETER, "future-approvers")
    found: dict[str, Any] = next(document for document in yaml.safe_load_all(text) if document["kind"] == kind)
    return found


def definition() -> dict[str, Any]:
    """The same names in the other group, and a spec that takes everything."""
    schema = {
        "type": "object",
        "properties": {"spec": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}},
    }
    version = {"name": keys.VERSION, "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    names = {"kind": keys.KIND, "plural": keys.PLURAL}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{keys.PLURAL}.{GROUP}"},
        "spec": {"group": GROUP, "names": names, "scope": "Namespaced", "versions": [version]},
    }


def parameter(**data: str) -> dict[str, Any]:
    return policy("ConfigMap") | {"data": data}


@pytest.fixture(scope="module")
def api(sandbox: RunningSandbox) -> Iterator[Api]:
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
    rules = [policy("ValidatingAdmissionPolicy"), policy("ValidatingAdmissionPolicyBinding"), parameter()]
    with connected(sandbox.kubeconfig, NAMESPACE) as found:
        api = replace(found, group=GROUP)
        for document in (namespace, definition(), *rules):
            api.apply(document)
        for name, (user, verbs) in zip(("a", "b", "c"), GRANTS.items(), strict=True):
            api.apply(role(api, name, GROUP, [keys.PLURAL], verbs))
            api.apply(binding(api, name, name, user, "Role"))
        for user in GRANTS:
            eventually(lambda user=user: api.create(manifest(api, "new"), user, dry=True).allowed, user)  # type: ignore[misc]
        api.create(manifest(api, "plain"))
        await_answer(api, EDITOR, False, "the policy")
        yield api
        for document in (*reversed(rules), namespace, definition()):
            api.delete(document)


@pytest.fixture(autouse=True)
def listed(api: Api) -> Iterator[None]:
    """An empty list again after each test."""
    yield
    api.delete(parameter())
    api.apply(parameter())
    await_answer(api, APPROVER, True, "the parameter as it was")
    await_answer(api, GITOPS, False, "the parameter as it was")


def await_answer(api: Api, user: str, allowed: bool, what: str) -> None:
    """Returns once the user's approval-bound change gets that answer."""
    eventually(lambda: api.patch("plain", ABANDONED, user, dry=True).allowed is allowed, what)


@pytest.mark.parametrize(
    ("before", "after", "weaker"),
    [
        ({"approval": "Always"}, {"approval": "OnDestructive"}, True),
        ({"approval": "Always"}, {"approval": None}, True),
        ({"approval": "OnDestructive"}, {"approval": "Never"}, True),
        ({}, {"approval": "Never"}, True),
        ({"approval": "OnDestructive"}, {"approval": "Sometimes"}, True),
        ({"approval": "Never"}, {"approval": "OnDestructive"}, False),
        ({"approval": "Never"}, {"approval": None}, False),
        ({"approval": "OnDestructive"}, {"approval": None}, False),
        ({}, {"approval": "Always"}, False),
        ({"drift": {"policy": "Report"}}, {"drift": {"policy": "Correct"}}, True),
        ({}, {"drift": {"policy": "Correct"}}, True),
        ({"drift": {"schedule": "0 * * * *"}}, {"drift": {"policy": "Correct"}}, True),
        ({"drift": {"policy": "Correct"}}, {"drift": {"policy": "Report"}}, False),
        ({"drift": {"policy": "Correct"}}, {"drift": None}, False),
        ({"drift": {"policy": "Report"}}, {"drift": {"schedule": "0 0 * * *"}}, True),
        ({"drift": {"policy": "Report"}}, {"drift": {"schedule": "0 */6 * * *"}}, False),
        ({"drift": {"enabled": True}}, {"drift": {"enabled": False}}, True),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_a_weaker_value_is_for_those_who_may_approve(
    api: Api, before: dict[str, Any], after: dict[str, Any], weaker: bool
) -> None:
    name = f"ladder-{next(NUMBERS)}"
    assert api.create(manifest(api, name, **before)).allowed
    may = {user for user in (EDITOR, APPROVER, GITOPS) if api.patch(name, {"spec": after}, user, dry=True).allowed}
    assert may == ({APPROVER} if weaker else {EDITOR, APPROVER, GITOPS})


@pytest.mark.parametrize(
    ("spec", "weaker"),
    [
        ({"environment": "dev", "approval": "Never", "drift": {"policy": "Correct"}}, False),
        ({"environment": "prod", "approval": "Never"}, True),
        ({"environment": "prod", "drift": {"policy": "Correct"}}, True),
        ({"environment": "prod", "approval": "Always", "drift": None}, False),
    ],
    ids=str,
)
def test_prod_starts_with_its_guards_up(api: Api, spec: dict[str, Any], weaker: bool) -> None:
    assert api.create(manifest(api, "new", **spec), EDITOR, dry=True).allowed is not weaker
    assert api.create(manifest(api, "new", **spec), APPROVER, dry=True).allowed


def test_a_service_account_that_is_listed_approves_in_its_own_name(api: Api) -> None:
    api.apply(parameter(serviceAccounts=f"# who promotes\n  {GITOPS} \nsystem:serviceaccount:other:one\n"))
    await_answer(api, GITOPS, True, "the list")
    for author, allowed in ((GITOPS, True), (APPROVER, False)):
        notes = {f"{GROUP}/approve": "sha256:1", f"{GROUP}/approved-by": author}
        assert api.patch("plain", {"metadata": {"annotations": notes}}, GITOPS, dry=True).allowed is allowed


@pytest.mark.parametrize("line", ["gitops", f"{NAMESPACE}:gitops", f"{GITOPS}-2", GITOPS[:-1], "*", "system:*"])
def test_a_line_lists_exactly_one_service_account(api: Api, line: str) -> None:
    witness = f"system:serviceaccount:{NAMESPACE}:witness"
    api.apply(binding(api, "witness", "c", witness, "Role"))
    api.apply(parameter(serviceAccounts=f"{line}\n{witness}"))
    await_answer(api, witness, True, "the list")
    assert not api.patch("plain", ABANDONED, GITOPS, dry=True).allowed


def test_being_listed_gives_no_right_that_the_roles_do_not_give(api: Api) -> None:
    writer = f"system:serviceaccount:{NAMESPACE}:writer"
    api.apply(binding(api, "writer", "a", writer, "Role"))
    api.apply(parameter(serviceAccounts=f"{writer}\n{GITOPS}"))
    await_answer(api, GITOPS, True, "the list")
    eventually(lambda: api.patch("plain", {"spec": {"suspend": True}}, writer, dry=True).allowed, "its role")
    assert not api.patch("plain", ABANDONED, writer, dry=True).allowed


def test_an_operator_of_another_name_lets_go_and_never_approves(api: Api) -> None:
    bare: dict[str, Any] = {"metadata": {"finalizers": []}}
    held = manifest(api, "held")
    held["metadata"]["finalizers"] = [f"{GROUP}/environment"]
    assert api.create(held).allowed
    assert not api.patch("held", bare, GITOPS, dry=True).allowed
    api.apply(parameter(operators=GITOPS, serviceAccounts=GITOPS))
    eventually(lambda: api.patch("held", bare, GITOPS, dry=True).allowed, "the operator's name")
    assert not api.patch("held", ABANDONED, GITOPS, dry=True).allowed
    assert api.patch("held", bare).allowed


def test_without_the_parameter_nothing_changes_for_anybody(api: Api) -> None:
    api.delete(parameter())
    eventually(lambda: not api.patch("plain", {"spec": {"suspend": True}}, EDITOR, dry=True).allowed, "its absence")
    refused = api.patch("plain", ABANDONED, ADMIN, dry=True)
    assert not refused.allowed
    assert "no params found for policy binding" in refused.message
