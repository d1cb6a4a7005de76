"""A real API server takes what the chart makes: a dry run of everything, for values that people would choose."""

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.integration.chart_values import MATRIX
from tests.integration.conftest import RunningSandbox
from tests.modules import module
from tests.standins.helm import Helm

PROMETHEUS = "github.com/prometheus-operator/prometheus-operator"
GROUP = "monitoring.coreos.com"
NAMESPACE = "tradai-system"
#: kubectl's own note on what the sandbox has applied from its side: a dry run cannot take it over.
_OF_KUBECTL = "failed to migrate kubectl.kubernetes.io/last-applied-configuration"


@pytest.fixture(scope="module")
def helm(tmp_path_factory: pytest.TempPathFactory) -> Helm:
    return Helm(tmp_path_factory.mktemp("helm"))


def kubectl(sandbox: RunningSandbox, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """kubectl with strict fields: one that the API does not know is an error."""
    env = os.environ | sandbox.env
    return subprocess.run(["kubectl", *words], input=stdin, env=env, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def monitored(sandbox: RunningSandbox) -> Iterator[None]:
    """A cluster with the definitions of the Prometheus operator."""
    folder = module(PROMETHEUS) / "example" / "prometheus-operator-crd"
    files = [
        word for kind in ("servicemonitors", "prometheusrules") for word in ("-f", f"{folder}/{GROUP}_{kind}.yaml")
    ]
    made = kubectl(sandbox, "apply", "--server-side", *files)
    assert made.returncode == 0, made.stderr
    waited = kubectl(sandbox, "wait", "--for=condition=Established", "--timeout=60s", *files)
    assert waited.returncode == 0, waited.stderr
    yield
    kubectl(sandbox, "delete", *files)


@pytest.mark.usefixtures("monitored")
@pytest.mark.parametrize("name", MATRIX)
def test_the_api_server_takes_every_document(sandbox: RunningSandbox, helm: Helm, name: str) -> None:
    values: Mapping[str, Any] = MATRIX[name]
    if namespaces := values.get("secrets", {}).get("namespaces", []):
        kubectl(sandbox, "create", "namespace", namespaces[-1])
    documents = helm.template(values, "--include-crds")
    listed = json.dumps({"apiVersion": "v1", "kind": "List", "items": documents})
    words = ("--server-side", "--force-conflicts", "--dry-run=server", "--validate=strict")
    ran = kubectl(sandbox, "apply", *words, "-f", "-", stdin=listed)
    assert ran.returncode == 0, ran.stderr
    assert [line for line in ran.stderr.splitlines() if line.startswith("Warning") and _OF_KUBECTL not in line] == []
    assert len(ran.stdout.splitlines()) == len(documents)


@pytest.mark.usefixtures("monitored")
@pytest.mark.parametrize(
    ("kind", "right", "wrong", "complaint"),
    [
        ("ServiceMonitor", '"interval": "30s"', '"interval": "often"', "spec.endpoints[0].interval"),
        ("ServiceMonitor", '"honorLabels"', '"honourLabels"', ".spec.endpoints[0].honourLabels: field not declared"),
        ("PrometheusRule", '"for": "', '"for": "about ', "spec.groups[0].rules[0].for"),
        ("PrometheusRule", '"expr"', '"expression"', ".rules[0].expression: field not declared"),
    ],
)
def test_what_prometheus_is_given_is_held_against_its_definitions(
    sandbox: RunningSandbox, helm: Helm, kind: str, right: str, wrong: str, complaint: str
) -> None:
    """As the chart has it, it is taken; with one word changed, that word is named."""
    [document] = [each for each in helm.template(MATRIX["monitored"]) if each["kind"] == kind]
    text = json.dumps(document)
    words = ("apply", "--server-side", "--dry-run=server", "--validate=strict", "-f", "-")
    taken = kubectl(sandbox, *words, stdin=text)
    assert (taken.returncode, taken.stderr) == (0, "")
    assert right in text
    refused = kubectl(sandbox, *words, stdin=text.replace(right, wrong))
    assert refused.returncode != 0
    assert complaint in refused.stderr


def test_its_pods_fit_the_restricted_standard(sandbox: RunningSandbox, helm: Helm) -> None:
    """The standard warns of a Deployment or a Job whose pods it would refuse."""
    namespace = "chart-restricted"
    kubectl(sandbox, "create", "namespace", namespace)
    kubectl(sandbox, "label", "namespace", namespace, "pod-security.kubernetes.io/warn=restricted")
    wanted = [each for each in helm.template({}, namespace=namespace) if each["kind"] in {"Deployment", "Job"}]
    assert {each["kind"] for each in wanted} == {"Deployment", "Job"}
    listed = json.dumps({"apiVersion": "v1", "kind": "List", "items": wanted})
    ran = kubectl(sandbox, "apply", "--server-side", "--dry-run=server", "-f", "-", stdin=listed)
    assert (ran.returncode, ran.stderr) == (0, "")
    open_pod = json.loads(listed.replace('"runAsNonRoot": true', '"runAsNonRoot": false'))
    ran = kubectl(sandbox, "apply", "--server-side", "--dry-run=server", "-f", "-", stdin=json.dumps(open_pod))
    assert "would violate PodSecurity" in ran.stderr
    kubectl(sandbox, "delete", "namespace", namespace, "--wait=false")
