"""A release of another name and namespace, whose one operator runs layers itself and makes the definition itself."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.environment import condition, example
from tests.integration.chart_home import Home, home
from tests.standins.helm import CHART, HelmError

NAMESPACE = "operators"
PATIENCE = ("--wait", "--timeout", "240s")
VALUES: dict[str, Any] = {
    "replicas": 1,
    "executor": {"kind": "local", "memoryMib": 1024},
    "secrets": {"namespaces": ["tradai"]},
}


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    with home(tmp_path_factory.mktemp("elsewhere"), NAMESPACE) as found:
        yield found
        print(found.logs())


@pytest.fixture(scope="module")
def installed(cluster: Home) -> Home:
    words = ("-n", NAMESPACE, "-f", str(cluster.values(**VALUES)), "--skip-crds", *PATIENCE)
    cluster.helm.run("install", "ours", str(CHART), *words)
    return cluster


def pods(cluster: Home) -> list[str]:
    """Those of the operator that stay."""
    found = cluster.listed("pods", "-l", "app.kubernetes.io/name=tradai-operator")
    return [pod["metadata"]["name"] for pod in found if not pod["metadata"].get("deletionTimestamp")]


@pytest.mark.timeout(600)
def test_the_operator_makes_the_definition_and_the_chart_finds_all_in_order(installed: Home) -> None:
    assert installed.definition()["metadata"]["annotations"]["tradai.io/definition"]
    installed.helm.run("test", "ours", "-n", NAMESPACE, "--timeout", "200s")


@pytest.mark.timeout(600)
def test_an_environment_is_built_inside_the_pod_and_outlives_it(installed: Home) -> None:
    sandbox = installed.sandbox
    sandbox.apply(example("sample", approval="Never"))
    sandbox.ready("sample")
    assert installed.listed("jobs", "-l", "app.kubernetes.io/name=tradai-runner") == []
    (first,) = pods(installed)
    before = (sandbox.get("sample") or {})["status"]["layers"]

    sandbox.kubectl("delete", "pod", first, "-n", NAMESPACE)
    assert installed.node.containers[first].exit_code == 0
    sandbox.until("another pod", lambda: pods(installed) not in ([], [first]))
    held = sandbox.until("it to lead", lambda: _leads(installed, *pods(installed)))
    assert first not in held
    sandbox.ready("sample")
    assert (sandbox.get("sample") or {})["status"]["layers"] == before


@pytest.mark.timeout(600)
def test_an_operator_that_is_killed_is_started_again_in_its_pod(installed: Home) -> None:
    (name,) = pods(installed)
    installed.node.containers[name].kill()

    def again() -> Any:
        (pod,) = installed.listed("pods", "-l", "app.kubernetes.io/name=tradai-operator")
        (told,) = pod["status"]["containerStatuses"]
        return told["restartCount"] == 1 and told["ready"]

    installed.sandbox.until("the container to be ready again", again)


@pytest.mark.timeout(600)
def test_an_environment_of_a_namespace_that_is_not_served_is_told_so(installed: Home) -> None:
    sandbox = installed.sandbox
    manifest = example("sample", approval="Never")
    manifest["spec"]["environment"] = "eph-other"
    manifest["metadata"] |= {"name": "other", "namespace": "default"}
    sandbox.apply(manifest)

    def said() -> str:
        status = (sandbox.get("other", "default") or {}).get("status", {})
        message: str = status.get("message", "") if condition(status, "Ready") == "False" else ""
        return message if "namespace" in message else ""

    assert "default" in sandbox.until("the operator to say so", said)


@pytest.mark.timeout(600)
def test_a_second_release_is_refused(installed: Home) -> None:
    with pytest.raises(HelmError, match=r"exists and cannot be imported into the current release"):
        installed.helm.run("install", "second", str(CHART), "-n", NAMESPACE, "--skip-crds")
    assert pods(installed)


def _leads(cluster: Home, *names: str) -> str:
    lease = cluster.sandbox.seen.lease(namespace=NAMESPACE)
    holder: str = (lease and lease.holder_identity) or ""
    return holder if names and holder.startswith(names[0]) else ""
