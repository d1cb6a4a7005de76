"""The operator from git, by its chart: a revert brings back what the chart has, and not the definition of then."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
import yaml

from tests.gitops.applications import example
from tests.gitops.argocd import revision_of, sync_of
from tests.gitops.conftest import World
from tests.standins.helm import CHART
from tradai_operator.model import keys

APP, FOLDER, OLDER = "tradai-operator", "operator", "0.0.9/0000000000000000"
DEFINITION = f"{FOLDER}/crds/tradai.io_tradaienvironments.yaml"


@pytest.fixture(scope="module")
def world(new_world: Callable[..., World]) -> World:
    """Without an operator, which would put an older definition right by itself."""
    return new_world(operator=False)


def chart() -> dict[str, Any]:
    """The files of a copy of the chart, with an older definition in it."""
    files = {path: path.read_text() for path in CHART.rglob("*") if path.is_file()}
    found: dict[str, Any] = {f"{FOLDER}/{path.relative_to(CHART)}": text for path, text in files.items()}
    found[DEFINITION] = yaml.safe_load(found[DEFINITION])
    found[DEFINITION]["metadata"]["annotations"][keys.DEFINITION] = OLDER
    return found


def served(world: World) -> str:
    """The mark of the definition that is served."""
    name = keys.DEFINITION.replace(".", "\\.")
    return world.deployed.kubectl("get", "crd", keys.CRD_NAME, "-o", f"jsonpath={{.metadata.annotations.{name}}}")


def synced(world: World, files: Mapping[str, Any], *, skip: bool) -> set[str]:
    """Commits the chart, and gives the kinds that its Application compares and applies: what it skips has no status."""
    app = example("apps/operator.yaml", world.repository.url)
    app["spec"]["source"]["helm"]["skipCrds"] = skip
    revision = world.repository.commit({**files, "skips": str(skip)})
    world.argo.apply(app)
    world.argo.refresh(APP)

    def there(app: dict[str, Any]) -> Any:
        return (sync_of(app), revision_of(app), app.get("operation")) == ("Synced", revision, None) and app

    found = world.argo.until(f"{APP} to be synced", APP, there)
    return {row["kind"] for row in found["status"]["resources"] if row.get("status")}


@pytest.mark.timeout(1500)
def test_an_older_chart_in_git_lowers_no_definition(world: World) -> None:
    before, files = served(world), chart()
    assert before not in {"", OLDER}
    for skip in (True, False):
        kinds = synced(world, files, skip=skip)
        assert "Deployment" in kinds
        assert "CustomResourceDefinition" not in kinds
        assert served(world) == before

    # ArgoCD applies one that lacks the chart's annotation: nothing else is what held it
    assert files[DEFINITION]["metadata"]["annotations"].pop("argocd.argoproj.io/hook") == "Skip"
    assert "CustomResourceDefinition" in synced(world, files | {"skips": "without"}, skip=False)
    assert served(world) == OLDER
