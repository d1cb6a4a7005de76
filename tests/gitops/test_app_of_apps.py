"""Operator and environments in one Application of Applications, deleted together: destroyed in order, nothing orphaned.

The operator's rights are what its Application brings: once ArgoCD has deleted them, the operator can do nothing more.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
import yaml

from tests.gitops.applications import EXAMPLES, documents, environment, example
from tests.gitops.argocd import ArgoCD, health_of, sync_of
from tests.gitops.conftest import World
from tradai_sandbox.layout import CRDS, OPERATOR_RBAC


@pytest.fixture(scope="module")
def world(new_world: Callable[..., World]) -> World:
    return new_world()


def operator_files() -> dict[str, Any]:
    """A chart of what a sandbox gives its operator, which is no pod here; the definition lies in `crds`."""
    account = {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {"name": "tradai-operator", "namespace": "tradai-system"},
    }
    definition, admission = CRDS / "tradai.io_tradaienvironments.yaml", CRDS / "tradai.io_admission.yaml"
    kept = list(yaml.load_all(admission.read_text(), Loader=yaml.CSafeLoader))
    for document in kept:
        document["metadata"]["annotations"] = {"argocd.argoproj.io/sync-options": "Prune=false,Delete=false"}
    return {
        "operator/Chart.yaml": {"apiVersion": "v2", "name": "tradai-operator", "version": "0.1.0"},
        "operator/templates/account.yaml": account,
        "operator/templates/rights.yaml": OPERATOR_RBAC.read_text(),
        "operator/templates/admission.yaml": yaml.safe_dump_all(kept),
        f"operator/crds/{definition.name}": definition.read_text(),
    }


def queues(world: World) -> list[str]:
    return [url for url in world.deployed.clients("sqs").list_queues().get("QueueUrls", []) if "dev" in url]


@pytest.mark.timeout(1500)
def test_the_operator_goes_after_its_environments(world: World) -> None:
    argo, deployed, repository = world.argo, world.deployed, world.repository
    apps = {
        f"apps/{path.name}": yaml.safe_dump_all(documents(path, repository.url))
        for path in (EXAMPLES / "apps").glob("*.yaml")
    }
    repository.commit(apps | operator_files() | {"environments/sample.yaml": environment(approval="Never")})
    argo.apply(example("app-of-apps.yaml", repository.url))
    for name in ("tradai", "tradai-operator", "environments"):
        argo.until(f"{name} to stand", name, lambda app: (sync_of(app), health_of(app)) == ("Synced", "Healthy"))
    deployed.ready("sample")
    assert queues(world)

    # the whole is deleted; nothing happens to the environment before somebody confirms it
    deployed.kubectl("delete", "application", "tradai", "-n", "argocd", "--wait=false")
    argo.until(
        "the environments' Application to go", "environments", lambda app: "deletionTimestamp" in app["metadata"]
    )
    operator = argo.application("tradai-operator")
    assert operator is not None
    assert "deletionTimestamp" not in operator["metadata"]
    assert "deletionTimestamp" not in (deployed.get("sample") or {})["metadata"]

    argo.annotate("environments", "argocd.argoproj.io/deletion-approved", f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}")
    seen: list[str] = []

    def gone() -> bool:
        """Whether the environment is; the operator is looked at before it."""
        operator, there = argo.application("tradai-operator"), deployed.get("sample") is not None
        whole = operator is not None and "deletionTimestamp" not in operator["metadata"]
        seen.append("held" if there and whole else "orphaned" if there else "gone")
        return not there

    deployed.until("the environment to be gone", gone, 600)
    assert set(seen) <= {"held", "gone"}, "the operator's deletion began before its environment was gone"
    assert not queues(world), "the work layer went, as deletionPolicy Soft says"
    for name in ("environments", "tradai-operator", "tradai"):
        deployed.until(f"{name} to be gone", partial(_is_gone, argo, name))
    definitions = deployed.kubectl("get", "crd", "tradaienvironments.tradai.io", "-o", "name")
    assert definitions, "the definition stays: deleting it would delete environments of others"
    account = deployed.kubectl("get", "serviceaccount", "tradai-operator", "-n", "tradai-system", check=False)
    assert not account


def _is_gone(argo: ArgoCD, name: str) -> bool:
    return argo.application(name) is None
