"""Operators that die and are started with another executor, in the middle of runs: each run is done once, by whoever
lives.

One story in one sandbox: an operator of executor `kubernetes` is killed while a Job works; one of executor `local`
follows the Job to its end and runs the next layer itself; a third one destroys by Jobs.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.documents.manifests import EXAMPLES
from tests.e2e.environment import Deployed
from tests.e2e.operators import Operator, running, without_operator
from tests.standins.kubelet import Kubelet
from tradai_sandbox.layout import OPERATOR_RBAC

BUCKET = "tradai-pulumi-state-dev"
NAMESPACE = "tradai-system"
KUBERNETES = {"TRADAI_EXECUTOR": "kubernetes", "TRADAI_RUNNER_IMAGE": "registry.example/tradai-operator:1"}


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    root = tmp_path_factory.mktemp("e2e-executors")
    with without_operator(root, latency="150ms") as sandbox:  # slow enough to catch a run at work
        yield sandbox


@pytest.fixture
def node(sandbox: Deployed, tmp_path: Path) -> Iterator[Kubelet]:
    sandbox.kubectl("apply", "-f", str(OPERATOR_RBAC.parent / "rbac-executor-kubernetes.yaml"))
    given = ("PATH", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
    variables = {name: sandbox.env[name] for name in given} | {"LANG": "C.UTF-8"}
    with Kubelet(sandbox.layout.kubeconfig("admin"), NAMESPACE, tmp_path, variables) as node:
        yield node


def jobs(sandbox: Deployed) -> list[tuple[str, str]]:
    """(layer, run) of every Job."""
    found = json.loads(sandbox.kubectl("get", "jobs", "-n", NAMESPACE, "-o", "json"))["items"]
    labels = [job["metadata"]["labels"] for job in found]
    return sorted((each["tradai.io/layer"], each["tradai.io/run"]) for each in labels)


def run_of(sandbox: Deployed, layer: str) -> dict[str, Any] | None:
    """The run of a layer that is under way and at work."""
    layers = sandbox.status("sample").get("layers", [])
    found = next((each for each in layers if each["name"] == layer and each.get("run")), None)
    return found["run"] if found and found["resources"]["total"] else None


def secrets_of_runs(sandbox: Deployed) -> list[str]:
    found = sandbox.kubectl("get", "secrets", "-n", NAMESPACE, "-l", "tradai.io/run", "-o", "name")
    return found.split()


@pytest.mark.timeout(900)
def test_runs_change_hands_and_executors_and_are_done_once(sandbox: Deployed, node: Kubelet) -> None:
    with running(Operator(sandbox, "first", **KUBERNETES)):
        manifest = yaml.safe_load((EXAMPLES / "env-sample.yaml").read_text())
        manifest["spec"]["approval"] = "Never"
        sandbox.apply(manifest)
        first: dict[str, Any] = sandbox.until("a Job at work", lambda: run_of(sandbox, "store"))
        assert first["executor"] == "kubernetes"
    assert secrets_of_runs(sandbox)

    with running(Operator(sandbox, "second", TRADAI_EXECUTOR="local")):
        sandbox.ready("sample")
        assert jobs(sandbox) == [("store", first["id"])]
        assert [layer for layer, _ in sandbox.runs()] == ["work"]
        assert secrets_of_runs(sandbox) == []
        assert sandbox.status("sample").get("repairs", []) == []

    with running(Operator(sandbox, "third", **KUBERNETES)):
        sandbox.kubectl("delete", "tradaienv", "sample", "-n", "tradai", "--wait=false")
        sandbox.gone("sample")
        assert [layer for layer, _ in jobs(sandbox)] == ["store", "work"]
        assert len(sandbox.runs()) == 1
        sandbox.until("secrets of runs to go", lambda: not secrets_of_runs(sandbox))
        left = sandbox.clients("s3").list_objects_v2(Bucket=BUCKET, Prefix=".tradai/runs/")["Contents"]
        assert not [found["Key"] for found in left if "/journal/" in found["Key"]]
        assert not [name for name, one in node.containers.items() if one.exit_code not in {None, 0}]
