"""Every example stays Synced however ArgoCD applies and compares; what Flux is given is what its definitions know."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import pytest
import yaml

from tests import modules
from tests.gitops.applications import EXAMPLES, example
from tests.gitops.argocd import sync_of
from tests.gitops.conftest import World
from tradai_operator.model import keys
from tradai_sandbox.layout import CHECKOUT, CRDS

#: How an Application says it: options of its sync, and the annotation of how it is compared.
MODES = {
    "client-side": ([], "ServerSideDiff=false"),
    "applied by the server": (["ServerSideApply=true"], "ServerSideDiff=false"),
    "applied and compared by the server": (["ServerSideApply=true"], "ServerSideDiff=true"),
}
FLUX = {
    "github.com/fluxcd/kustomize-controller": "kustomize.toolkit.fluxcd.io_kustomizations.yaml",
    "github.com/fluxcd/source-controller": "source.toolkit.fluxcd.io_gitrepositories.yaml",
}


def _compared_after(moment: str, app: Mapping[str, Any]) -> Mapping[str, Any] | None:
    return app if app["status"]["reconciledAt"] > moment else None


@pytest.fixture(scope="module")
def world(new_world: Callable[..., World]) -> World:
    """Without an operator: what is compared is what git and the API server have."""
    return new_world(operator=False)


def environments() -> dict[str, Any]:
    """Each example, under a name of its own; all in one wave, since no operator makes the first ones healthy."""
    paths = [*sorted((CRDS / "examples").glob("env-*.yaml")), EXAMPLES / "environments" / "sample.yaml"]
    found = {}
    for number, path in enumerate(paths):
        manifest = yaml.safe_load(path.read_text())
        manifest["metadata"]["name"] = f"example-{number}"
        manifest["metadata"].get("annotations", {}).pop("argocd.argoproj.io/sync-wave", None)
        found[f"environments/{number}.yaml"] = manifest
    return found


def held(world: World, name: str) -> None:
    """What an operator adds to each: its finalizer, and a status."""
    patch = f'{{"metadata": {{"finalizers": ["{keys.FINALIZER}"]}}}}'
    words = ("patch", "tradaienv", name, "-n", "tradai", "--type=merge", "-p")
    world.deployed.kubectl(*words, patch)
    world.deployed.kubectl(*words, '{"status": {"phase": "Ready", "message": "all"}}', "--subresource=status")


@pytest.mark.timeout(1500)
def test_every_example_is_synced_and_stays_so(world: World) -> None:
    argo, found = world.argo, environments()
    world.repository.commit(found)
    for mode, (options, compared) in MODES.items():
        app = example("application.yaml", world.repository.url)
        app["spec"]["syncPolicy"] = {"syncOptions": options}
        app["metadata"]["annotations"] = {"argocd.argoproj.io/compare-options": compared}
        argo.apply(app)
        sync = {"syncOptions": {"items": options}}
        argo.until(f"{mode}: no sync under way", "environments", lambda app: app and not app.get("operation"))
        argo.ask("/api/v1/applications/environments/sync", sync)
        argo.until(f"{mode}: the sync to end", "environments", done)
        for manifest in found.values():
            held(world, manifest["metadata"]["name"])
        before = argo.until(f"{mode}: to be Synced", "environments", lambda app: sync_of(app) == "Synced" and app)
        # compared once more, from the start, with what is there now
        argo.annotate("environments", "argocd.argoproj.io/refresh", "hard")
        after = argo.until(
            f"{mode}: to be compared again",
            "environments",
            partial(_compared_after, before["status"]["reconciledAt"]),
        )
        rows = {row["name"]: row["status"] for row in after["status"]["resources"]}
        assert rows == {manifest["metadata"]["name"]: "Synced" for manifest in found.values()}, mode


def done(app: dict[str, Any]) -> bool:
    state = app.get("status", {}).get("operationState", {})
    assert state.get("phase") not in {"Failed", "Error"}, state
    return "operation" not in app and state.get("phase") == "Succeeded"


def test_what_flux_is_given_is_what_its_definitions_know(world: World) -> None:
    for module, file in FLUX.items():
        path = modules.module(module) / "config" / "crd" / "bases" / file
        world.deployed.kubectl("apply", "--server-side", "-f", str(path))
    for crd in ("kustomizations.kustomize", "gitrepositories.source"):
        world.deployed.kubectl("wait", "--for=condition=Established", f"crd/{crd}.toolkit.fluxcd.io")
    world.deployed.kubectl("create", "namespace", "flux-system")
    given = str(CHECKOUT / "charts" / "examples" / "flux" / "environments.yaml")
    said = world.deployed.kubectl("apply", "--dry-run=server", "--validate=strict", "-f", given)
    assert "kustomization.kustomize.toolkit.fluxcd.io/environments created" in said
    assert "gitrepository.source.toolkit.fluxcd.io/environments created" in said
