"""The chart's life on a real API server, by the real helm: installed, tested, upgraded, rolled back, taken away, back.

Pods are those of the real Deployment and Jobs; an environment stands throughout, and nobody touches it.
"""

import shutil
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.e2e.environment import example
from tests.integration.chart_home import NAMESPACE, RELEASE, Home, home
from tests.standins.helm import CHART
from tradai_operator.model import keys

OWN = version("tradai-environments")
PATIENCE = ("--wait", "--timeout", "240s")


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Home]:
    with home(tmp_path / "home") as found:
        yield found
        print(found.logs())


def previous(folder: Path) -> Path:
    """The chart as it was: an older version, an older definition, and an operator that did not bring one itself."""
    chart = folder / "tradai-operator"
    shutil.copytree(CHART, chart)
    about = chart / "Chart.yaml"
    about.write_text(about.read_text().replace(f"\nversion: {OWN}", "\nversion: 0.0.9"))
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


def built(cluster: Home, name: str) -> None:
    """A person's first environment, until it is Ready."""
    cluster.sandbox.apply(example(name, approval="Never"))
    if name == "dev":
        cluster.sandbox.push_images(name)
    cluster.sandbox.ready(name, patience=900)


def standing(cluster: Home, name: str) -> dict[str, Any]:
    """What must stay as it is of the environment, and every run that there ever was."""
    body = cluster.sandbox.get(name) or {}
    layers = [{key: layer.get(key) for key in ("name", "state", "inputsDigest")} for layer in body["status"]["layers"]]
    jobs = [job["metadata"]["name"] for job in cluster.listed("jobs", "-l", "app.kubernetes.io/name=tradai-runner")]
    return {"uid": body["metadata"]["uid"], "spec": body["spec"], "layers": layers, "jobs": sorted(jobs)}


def taken_up(cluster: Home, name: str, before: dict[str, Any]) -> None:
    """An operator leads that has seen the environment, and it is as it was."""
    pods = {pod["metadata"]["name"] for pod in cluster.listed("pods", "-l", "app.kubernetes.io/name=tradai-operator")}

    def led() -> bool:
        lease = cluster.sandbox.seen.lease()
        return bool(lease and (lease.holder_identity or "").partition("/")[0] in pods)

    cluster.sandbox.until("one of the present operators to lead", led)
    cluster.sandbox.ready(name)
    assert standing(cluster, name) == before


@pytest.mark.timeout(2400)
@pytest.mark.parametrize(("name", "layers"), [("sample", 2), ("dev", 4)])
def test_an_environment_stands_untouched_while_its_operator_comes_changes_and_goes(
    cluster: Home, tmp_path: Path, name: str, layers: int
) -> None:
    helm, old = cluster.helm, str(previous(tmp_path))
    values, check = ("-n", NAMESPACE, "-f", str(cluster.values())), ("-n", NAMESPACE, "--timeout", "200s")

    assert "destroys no environment" in helm.run("install", RELEASE, old, *values, *PATIENCE)
    assert mark(cluster) == "0.0.9"
    helm.run("test", RELEASE, *check)
    built(cluster, name)
    before = standing(cluster, name)
    assert len(before["jobs"]) == layers

    helm.run("upgrade", RELEASE, str(CHART), *values, *PATIENCE)
    assert mark(cluster) == OWN
    helm.run("test", RELEASE, *check)
    taken_up(cluster, name, before)

    helm.run("rollback", RELEASE, "1", "-n", NAMESPACE, *PATIENCE)
    assert mark(cluster) == OWN
    taken_up(cluster, name, before)

    helm.run("uninstall", RELEASE, "-n", NAMESPACE, *PATIENCE)
    assert cluster.listed("deployments") == []
    assert mark(cluster) == OWN
    assert "tradai-approvers" in {each["metadata"]["name"] for each in cluster.listed("configmaps")}
    assert standing(cluster, name) == before

    helm.run("install", RELEASE, str(CHART), *values, *PATIENCE)
    taken_up(cluster, name, before)
    helm.run("test", RELEASE, *check)
