"""The chart's life on a real API server, by the real helm: installed, tested, upgraded, rolled back, taken away, back.

Pods are those of the real Deployment and Jobs; an environment stands throughout, and nobody touches it.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.e2e.environment import example
from tests.integration.chart_home import NAMESPACE, RELEASE, Home, home
from tests.standins.helm import CHART
from tradai_operator.model import keys

PATIENCE = ("--wait", "--timeout", "240s")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    with home(tmp_path_factory.mktemp("chart")) as found:
        yield found
        print(found.logs())


def previous(folder: Path) -> Path:
    """The chart as it was: an older version, an older definition, and an operator that did not bring one itself."""
    chart = folder / "tradai-operator"
    shutil.copytree(CHART, chart)
    about = chart / "Chart.yaml"
    about.write_text(about.read_text().replace("\nversion: 0.1.0", "\nversion: 0.0.9"))
    values = chart / "values.yaml"
    values.write_text(values.read_text().replace("  keep: true", "  keep: false"))
    (path,) = (chart / "crds").glob("*.yaml")
    definition = yaml.safe_load(path.read_text())
    definition["metadata"]["annotations"][keys.DEFINITION] = "0.0.9/0000000000000000"
    definition["spec"]["versions"][0]["additionalPrinterColumns"].pop()
    path.write_text(yaml.safe_dump(definition))
    return chart


def mark(cluster: Home) -> str:
    """Whose definition is served."""
    found: str = cluster.definition()["metadata"]["annotations"][keys.DEFINITION]
    return found.partition("/")[0]


def standing(cluster: Home) -> dict[str, Any]:
    """What must stay as it is of the environment, and every run that there ever was."""
    body = cluster.sandbox.get("sample") or {}
    layers = [{key: layer.get(key) for key in ("name", "state", "inputsDigest")} for layer in body["status"]["layers"]]
    jobs = [job["metadata"]["name"] for job in cluster.listed("jobs", "-l", "app.kubernetes.io/name=tradai-runner")]
    return {"uid": body["metadata"]["uid"], "spec": body["spec"], "layers": layers, "jobs": sorted(jobs)}


def taken_up(cluster: Home, before: dict[str, Any]) -> None:
    """An operator leads that has seen the environment, and it is as it was."""
    cluster.sandbox.until("somebody to lead", lambda: (lease := cluster.sandbox.seen.lease()) and lease.holder_identity)
    cluster.sandbox.ready("sample")
    assert standing(cluster) == before


@pytest.mark.timeout(1200)
def test_an_environment_stands_untouched_while_its_operator_comes_changes_and_goes(
    cluster: Home, tmp_path: Path
) -> None:
    helm, sandbox, old = cluster.helm, cluster.sandbox, str(previous(tmp_path))
    values = ("-n", NAMESPACE, "-f", str(cluster.values()))

    said = helm.run("install", RELEASE, old, *values, *PATIENCE)
    assert "destroys no environment" in said
    assert mark(cluster) == "0.0.9"
    helm.run("test", RELEASE, "-n", NAMESPACE, "--timeout", "200s")
    sandbox.apply(example("sample", approval="Never"))
    sandbox.ready("sample")
    before = standing(cluster)
    assert len(before["jobs"]) == 2

    helm.run("upgrade", RELEASE, str(CHART), *values, *PATIENCE)
    assert mark(cluster) == "0.1.0"
    helm.run("test", RELEASE, "-n", NAMESPACE, "--timeout", "200s")
    taken_up(cluster, before)

    helm.run("rollback", RELEASE, "1", "-n", NAMESPACE, *PATIENCE)
    assert mark(cluster) == "0.1.0"
    taken_up(cluster, before)

    helm.run("uninstall", RELEASE, "-n", NAMESPACE, *PATIENCE)
    assert cluster.listed("deployments") == []
    assert mark(cluster) == "0.1.0"
    kept = {each["metadata"]["name"] for each in cluster.listed("configmaps")}
    assert "tradai-approvers" in kept
    assert standing(cluster) == before

    helm.run("install", RELEASE, str(CHART), *values, *PATIENCE)
    taken_up(cluster, before)
    helm.run("test", RELEASE, "-n", NAMESPACE, "--timeout", "200s")
