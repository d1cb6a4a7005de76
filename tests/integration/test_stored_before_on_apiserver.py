"""What was stored before the definition refused it: it is kept, steered and reported of as ever, on a copy of that."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.integration.admission_api import Api, connected, eventually, manifest
from tests.integration.conftest import RunningSandbox
from tradai_operator.model import keys
from tradai_operator.model.crd import custom_resource_definition
from tradai_operator.model.rules import VALIDATIONS

GROUP = f"before.{keys.GROUP}"
NAMESPACE = "before"
OLD: dict[str, Any] = {
    "enabled": True,
    "schedule": "*/5 * * * *",
    "ignore": [{"urn": "****a", "reason": "r"}, {"path": "tags", "reason": "r"}],
}


def definition(*, lax: bool) -> dict[str, Any]:
    """The definition under the group's name; a lax one has no rules, as none had these once."""
    found: dict[str, Any] = _without(custom_resource_definition()) if lax else custom_resource_definition()
    found["metadata"] = {"name": f"{keys.PLURAL}.{GROUP}"}
    found["spec"] |= {"group": GROUP}
    found["spec"]["names"] = {"kind": keys.KIND, "plural": keys.PLURAL}
    return found


def _without(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _without(value) for key, value in node.items() if key != VALIDATIONS}
    return [_without(item) for item in node] if isinstance(node, list) else node


@pytest.fixture(scope="module")
def api(sandbox: RunningSandbox) -> Iterator[Api]:
    with connected(sandbox.kubeconfig, NAMESPACE) as found:
        api = replace(found, group=GROUP)
        api.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
        api.apply(definition(lax=True))
        eventually(lambda: api.create(manifest(api, "old", drift=OLD)).allowed, "what is refused now")
        api.apply(definition(lax=False))
        eventually(lambda: not api.create(manifest(api, "new", drift=OLD), dry=True).allowed, "the rules of now")
        yield api
        api.delete(definition(lax=True))


@pytest.mark.parametrize(
    ("patch", "part"),
    [
        ({"status": {"phase": "Ready"}}, "status"),
        ({"metadata": {"finalizers": [keys.FINALIZER]}}, ""),
        ({"metadata": {"annotations": {f"{keys.GROUP}/retry": "1"}}}, ""),
        ({"spec": {"suspend": True}}, ""),
        ({"spec": {"drift": {"policy": "Report"}}}, ""),
        ({"spec": {"drift": {"schedule": "0 */6 * * *"}}}, ""),
        ({"spec": {"drift": {"ignore": [{"path": "tags", "reason": "r"}]}}}, ""),
    ],
    ids=["its status", "its finalizer", "an annotation", "another field", "beside it", "a better one", "a rule less"],
)
def test_what_was_stored_before_is_no_hindrance(api: Api, patch: dict[str, Any], part: str) -> None:
    answer = api.patch("old", patch, part=part, dry=True)
    assert answer.allowed, answer.message


@pytest.mark.parametrize(
    ("drift", "says"),
    [
        ({"schedule": "*/6 * * * *"}, "write one minute, or a step of 15, 20 or 30"),
        ({"ignore": [*OLD["ignore"], {"type": "b**", "reason": "r"}]}, "write one * where you mean anything"),
    ],
)
def test_what_is_written_anew_is_refused_with_a_sentence(api: Api, drift: dict[str, Any], says: str) -> None:
    answer = api.patch("old", {"spec": {"drift": drift}}, dry=True)
    assert answer.code == 422
    assert says in answer.message
