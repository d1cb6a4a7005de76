"""The examples for ArgoCD and Flux, held against what the operator needs and what ArgoCD does with them."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from tradai_operator.model import Environment, keys
from tradai_operator.model.environment import parse_spec

CHARTS = Path(__file__).parents[3] / "charts"
EXAMPLES, CHART = CHARTS / "examples", CHARTS / "tradai-operator"
ARGOCD = EXAMPLES / "argocd"
CASCADE = "resources-finalizer.argocd.argoproj.io"
OPTIONS, WAVE = "argocd.argoproj.io/sync-options", "argocd.argoproj.io/sync-wave"
APPLICATIONS = ("application.yaml", "app-of-apps.yaml", "apps/operator.yaml", "apps/environments.yaml")


def load(path: str) -> Any:
    return yaml.safe_load((EXAMPLES / path).read_text())


def preview(number: str) -> dict[str, Any]:
    """What Helm makes of the template for a pull request; it uses two expressions."""
    text = (ARGOCD / "ephemeral" / "templates" / "environment.yaml").read_text()
    text = text.replace("{{ .Values.number | trunc 8 }}", number[:8]).replace("{{ .Values.number }}", number)
    assert "{{" not in text
    made: dict[str, Any] = yaml.safe_load(text)
    return made


def wave(document: dict[str, Any]) -> int:
    return int(document["metadata"].get("annotations", {}).get(WAVE, "0"))


def test_the_definition_comes_by_the_operator_and_not_from_git() -> None:
    """A revert in git would lower it: neither the example nor, where somebody forgets that line, the chart lets it."""
    assert load("argocd/apps/operator.yaml")["spec"]["source"]["helm"]["skipCrds"] is True
    [definition] = [yaml.safe_load(path.read_text()) for path in (CHART / "crds").glob("*.yaml")]
    assert definition["metadata"]["annotations"]["argocd.argoproj.io/hook"] == "Skip"
    assert yaml.safe_load((CHART / "values.yaml").read_text())["definition"]["keep"] is True


def test_the_example_of_the_operator_sets_values_that_the_chart_has() -> None:
    given = load("argocd/apps/operator.yaml")["spec"]["source"]["helm"]["valuesObject"]
    jsonschema.validate(given, json.loads((CHART / "values.schema.json").read_text()))


def test_an_environment_in_git_asks_before_it_goes_and_stands_last() -> None:
    manifest = load("argocd/environments/sample.yaml")
    assert parse_spec(manifest)
    options = manifest["metadata"]["annotations"][OPTIONS].split(",")
    assert {"Prune=confirm", "Delete=confirm"} == set(options)
    assert wave(manifest) == wave(load("argocd/apps/environments.yaml")) > wave(load("argocd/apps/operator.yaml"))


@pytest.mark.parametrize("path", APPLICATIONS)
def test_an_application_that_is_deleted_waits_for_what_it_made(path: str) -> None:
    assert load(f"argocd/{path}")["metadata"]["finalizers"] == [CASCADE]


def test_the_application_that_may_come_before_the_definition_skips_the_dry_run() -> None:
    policy = load("argocd/apps/environments.yaml")["spec"]["syncPolicy"]
    assert "SkipDryRunOnMissingResource=true" in policy["syncOptions"]
    assert policy["retry"]["limit"] <= 3, "while a refused commit is tried again, the next one waits"


@pytest.mark.parametrize("number", ["1", "12345", "12345678", "99999"])
def test_a_preview_is_an_environment_that_goes_with_its_pull_request(number: str) -> None:
    manifest = preview(number)
    spec = parse_spec(manifest)
    assert spec.environment == f"eph-{number}"
    assert OPTIONS not in manifest["metadata"].get("annotations", {}), "nobody is asked when it goes"
    body = {**manifest, "metadata": {**manifest["metadata"], "namespace": "tradai", "uid": "1", "generation": 1}}
    body["metadata"]["creationTimestamp"] = "2026-09-21T12:00:00Z"
    assert Environment.parse(body).all_data_confirmed, "its ttl says beforehand that its data may go"


def test_previews_delete_their_environment_and_build_none_whose_time_is_over() -> None:
    template = load("argocd/applicationset.yaml")["spec"]["template"]
    assert template["metadata"]["finalizers"] == [CASCADE]
    assert "selfHeal" not in template["spec"]["syncPolicy"]["automated"]
    assert template["spec"]["source"]["path"] == (ARGOCD / "ephemeral").name
    values = {row["name"] for row in template["spec"]["source"]["helm"]["parameters"]}
    assert values == set(yaml.safe_load((ARGOCD / "ephemeral" / "values.yaml").read_text()))


def test_flux_waits_for_the_operator_and_lets_no_environment_go_by_itself() -> None:
    _, kustomization = yaml.safe_load_all((EXAMPLES / "flux" / "environments.yaml").read_text())
    spec = kustomization["spec"]
    assert spec["dependsOn"]
    assert spec["wait"] is True
    assert spec["deletionPolicy"] == "Orphan"


def test_no_example_sets_what_only_approvers_may_set() -> None:
    guarded = {keys.APPROVE, keys.ABANDON, keys.CONFIRM_DESTROY, keys.MIGRATE, keys.HANDOVER, keys.LOWER_GUARDS}
    for manifest in (load("argocd/environments/sample.yaml"), preview("7")):
        assert not guarded & set(manifest["metadata"].get("annotations", {}))
