"""What the real helm makes of the chart: for values that people would choose, for each value, and for wrong ones."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.chart_values import MATRIX, MONITORED, OTHERS, WRONG
from tests.standins.helm import CHART, Helm, HelmError
from tools.chart import values
from tools.chart.place import VALUES
from tradai_operator.model import admission

NAMES = [value.name for value in values.read(VALUES.read_text())]
CLUSTER_WIDE = {"ClusterRole", "ClusterRoleBinding", "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"}


@pytest.fixture(scope="module")
def helm(tmp_path_factory: pytest.TempPathFactory) -> Helm:
    return Helm(tmp_path_factory.mktemp("helm"))


def nested(name: str, value: Any) -> dict[str, Any]:
    """`a.b` as a mapping of mappings."""
    for part in reversed(name.split(".")):
        value = {part: value}
    made: dict[str, Any] = value
    return made


def merged(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """`other` over `one`, as helm merges values."""
    both = {
        key: merged(one[key], value) if isinstance(value, Mapping) and isinstance(one.get(key), Mapping) else value
        for key, value in other.items()
    }
    return {**one, **both}


@cache
def rendered(helm: Helm, text: str) -> str:
    """Every document that the values make, as text to compare."""
    return json.dumps(helm.template(json.loads(text)), sort_keys=True)


def kinds(documents: list[Any], kind: str) -> dict[str, Any]:
    """Those of a kind by name."""
    return {each["metadata"]["name"]: each for each in documents if each["kind"] == kind}


def pod(documents: list[Any]) -> Any:
    return kinds(documents, "Deployment")["tradai-operator"]["spec"]["template"]["spec"]


def variables(documents: list[Any]) -> dict[str, Any]:
    (container,) = pod(documents)["containers"]
    return {each["name"]: each.get("value") for each in container["env"]}


def test_helm_finds_nothing_to_complain_of(helm: Helm) -> None:
    assert "0 chart(s) failed" in helm.run("lint", str(CHART), "--strict")


@pytest.mark.parametrize("name", MATRIX)
def test_every_document_is_named_placed_and_marked(helm: Helm, name: str) -> None:
    documents = helm.template(MATRIX[name], namespace="elsewhere")
    for each in documents:
        metadata = each["metadata"]
        assert metadata["labels"]["app.kubernetes.io/part-of"] == "tradai"
        assert (metadata.get("namespace") is None) == (each["kind"] in CLUSTER_WIDE), each
    places = [each["metadata"].get("namespace") for each in documents]
    assert set(places) <= {None, "elsewhere", *MATRIX[name].get("secrets", {}).get("namespaces", [])}
    identities = [(each["kind"], each["metadata"].get("namespace"), each["metadata"]["name"]) for each in documents]
    assert len(identities) == len(set(identities))


@pytest.mark.parametrize("name", NAMES)
def test_every_value_changes_what_is_rendered(helm: Helm, name: str) -> None:
    other, besides = OTHERS[name]
    with_other = rendered(helm, json.dumps(merged(besides, nested(name, other))))
    assert with_other != rendered(helm, json.dumps(besides))


def test_there_is_no_row_of_a_value_that_is_gone() -> None:
    assert sorted(OTHERS) == sorted(NAMES)


@pytest.mark.parametrize(("wrong", "complaint"), WRONG, ids=[json.dumps(wrong) for wrong, _ in WRONG])
def test_a_wrong_value_is_refused_with_its_name(helm: Helm, wrong: Mapping[str, Any], complaint: str) -> None:
    with pytest.raises(HelmError) as refused:
        helm.template(wrong)
    assert complaint in str(refused.value)


def test_the_pod_may_write_nowhere_but_into_its_own_volumes(helm: Helm) -> None:
    found = pod(helm.template({}))
    (container,) = found["containers"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert found["securityContext"]["runAsNonRoot"] is True
    assert found["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert {mount["mountPath"] for mount in container["volumeMounts"]} == {"/work", "/tmp"}
    assert all("emptyDir" in volume for volume in found["volumes"])
    made = variables(helm.template({}))
    assert {name for name, value in made.items() if str(value).startswith("/work")} == {
        "HOME", "TMPDIR", "PULUMI_HOME", "TRADAI_JOURNAL_DIR",
    }  # fmt: skip
    assert made["MALLOC_ARENA_MAX"] == "2"


@pytest.mark.parametrize(
    ("name", "kind", "roles"),
    [
        ("defaults", "kubernetes", {"tradai-operator", "tradai-operator-executor-kubernetes"}),
        ("ECS tasks", "ecs", {"tradai-operator"}),
        ("local runs", "local", {"tradai-operator", "tradai-operator-executor-local"}),
        ("from jobs to ECS", "ecs", {"tradai-operator", "tradai-operator-executor-kubernetes"}),
    ],
)
def test_the_executor_that_is_chosen_comes_with_the_rights_that_it_takes(
    helm: Helm, name: str, kind: str, roles: set[str]
) -> None:
    documents = helm.template(MATRIX[name])
    assert variables(documents)["TRADAI_EXECUTOR"] == kind
    assert set(kinds(documents, "Role")) - {"tradai-operator-check"} == roles
    assert set(kinds(documents, "RoleBinding")) - {"tradai-operator-check"} == roles


def test_secrets_are_bound_to_the_namespaces_that_are_named_and_to_no_others(helm: Helm) -> None:
    documents = helm.template(MATRIX["Secrets of some namespaces"])
    assert "tradai-operator-secrets" not in kinds(documents, "ClusterRoleBinding")
    bound = [
        each["metadata"]["namespace"]
        for each in documents
        if each["kind"] == "RoleBinding" and each["metadata"]["name"] == "tradai-operator-secrets"
    ]
    assert bound == ["tradai", "team-a"]
    assert variables(documents)["TRADAI_SECRET_NAMESPACES"] == "tradai,team-a"


def test_policy_and_approvers_follow_the_release_into_its_namespace(helm: Helm) -> None:
    documents = helm.template({"serviceAccount": {"name": "ours"}}, namespace="elsewhere")
    binding = kinds(documents, "ValidatingAdmissionPolicyBinding")[admission.NAME]
    assert binding["spec"]["paramRef"]["namespace"] == "elsewhere"
    policy = kinds(documents, "ValidatingAdmissionPolicy")[admission.NAME]
    assert "tradai-system" not in json.dumps(policy)
    assert "system:serviceaccount:elsewhere:ours" in json.dumps(policy)
    approvers = kinds(documents, "ConfigMap")["tradai-approvers"]
    assert approvers["data"]["operators"] == "system:serviceaccount:elsewhere:ours"


def test_what_guards_environments_stays_when_the_release_goes(helm: Helm) -> None:
    documents = helm.template(merged(MONITORED, MATRIX["allowlist and approvers"]))
    kept = {
        each["metadata"]["name"]
        for each in documents
        if each["metadata"].get("annotations", {}).get("helm.sh/resource-policy") == "keep"
    }
    people = {f"tradai-environment-{who}" for who in ("viewer", "editor", "approver")}
    assert kept == {admission.NAME, "tradai-approvers", "tradai-allowlist", *people}


def test_views_and_edits_are_aggregated_and_approving_is_part_of_nothing(helm: Helm) -> None:
    roles = kinds(helm.template({}), "ClusterRole")
    marks = {
        name: [label.rpartition("-")[2] for label in role["metadata"]["labels"] if "/aggregate-to-" in label]
        for name, role in roles.items()
        if name.startswith("tradai-environment-")
    }
    assert marks == {
        "tradai-environment-viewer": ["view"],
        "tradai-environment-editor": ["edit"],
        "tradai-environment-approver": [],
    }


def test_alerts_lead_to_the_runbook_that_is_named(helm: Helm) -> None:
    base = "https://example.com/runbooks"
    rules = kinds(helm.template(merged(MONITORED, nested("metrics.alerts.runbookBase", base))), "PrometheusRule")
    written = yaml.safe_load((CHART / "files" / "alerts.yaml").read_text())["groups"]
    groups = rules["tradai-operator"]["spec"]["groups"]
    alerts = [rule for group in groups for rule in group["rules"]]
    assert len(alerts) == sum(len(group["rules"]) for group in written)
    for alert in alerts:
        assert alert["annotations"]["runbook_url"].startswith(f"{base}/")
        assert "RUNBOOKS" not in json.dumps(alert)


def test_the_dashboard_is_the_generated_one(helm: Helm) -> None:
    (data,) = kinds(helm.template(MONITORED), "ConfigMap")["tradai-operator-dashboard"]["data"].values()
    assert json.loads(data) == json.loads((CHART / "dashboards" / "tradai.json").read_text())


def test_the_notes_say_what_comes_next_and_that_nothing_is_destroyed(helm: Helm, tmp_path: Path) -> None:
    written = str(helm.values(MATRIX["Secrets of some namespaces"]))
    said = helm.run("install", "r", str(CHART), "-n", "x", "--dry-run=client", "-f", written)
    for words in ("helm test r -n x", "allowlist.rules", "passphrase", "env-dev.yaml", "destroys no environment",
                  "tradai, team-a", "runbook.md"):  # fmt: skip
        assert words in said, words
