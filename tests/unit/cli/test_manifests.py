"""Which manifest a command without one means: by environment, by the blueprint that was said, or by a layer's owner."""

from pathlib import Path

import pytest
import typer
import yaml
from typer.testing import CliRunner

from tests.documents.manifests import EXAMPLES
from tradai_cli import crd, manifest
from tradai_cli.manifest import find_manifest, meant, read_spec
from tradai_iac.blueprints import BLUEPRINTS
from tradai_operator.model.crd import render
from tradai_operator.model.layer_schema import ConflictError


def write(folder: Path, name: str, blueprint: str | None) -> Path:
    body = yaml.safe_load((EXAMPLES / ("env-sample.yaml" if blueprint == "sample" else "env-dev.yaml")).read_text())
    (path := folder / name).write_text(yaml.safe_dump(body))
    return path.relative_to(folder)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_layer_that_only_one_blueprint_has_means_it_and_any_other_the_usual_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert meant("store", None) == "sample"
    assert meant("compute", None) is None
    assert meant("nothing", None) is None
    assert meant("store", "tradai") == "tradai"
    monkeypatch.setattr(manifest, "BLUEPRINTS", {**BLUEPRINTS, "other": BLUEPRINTS["sample"]})
    assert meant("store", None) is None


def test_a_blueprint_that_is_none_is_refused() -> None:
    with pytest.raises(typer.BadParameter, match="no blueprint nothing: there are tradai, sample"):
        meant(None, "nothing")


@pytest.mark.parametrize("name", ["env-sample-dev.yaml", "env-sample.yaml", "env-dev.yaml"])
def test_the_manifest_of_the_blueprint_that_is_meant_is_found_under_each_name(here: Path, name: str) -> None:
    if name != "env-dev.yaml":
        write(here, "env-dev.yaml", None)
    written = write(here, name, "sample")
    assert find_manifest("dev", None, "sample") == written
    assert read_spec("dev", None, layer="store").blueprint == "sample"


def test_without_one_of_it_that_of_the_environment_is_taken_and_says_what_it_is_of(here: Path) -> None:
    write(here, "env-dev.yaml", None)
    assert read_spec("dev", None, layer="store").blueprint == "tradai"
    with pytest.raises(typer.BadParameter, match="describes an environment of blueprint tradai, not sample"):
        read_spec("dev", None, "sample")


def test_a_file_that_is_named_is_the_one_that_is_read(here: Path) -> None:
    written = write(here, "any.yaml", "sample")
    assert read_spec("dev", written).blueprint == "sample"
    assert read_spec("dev", written, layer="compute").blueprint == "sample"
    with pytest.raises(typer.BadParameter, match=r"no manifest at env-dev\.yaml or"):
        read_spec("dev", None)


def test_the_definition_is_printed_as_it_is_for_what_is_installed() -> None:
    told = CliRunner().invoke(crd.app, ["render"])
    assert told.exit_code == 0
    assert told.output == render()


def test_a_definition_that_cannot_be_says_which_two_disagree(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused() -> str:
        raise ConflictError("layers.store.config.note of sample and of other differ")

    monkeypatch.setattr("tradai_operator.model.crd.render", refused)
    told = CliRunner().invoke(crd.app, ["render"])
    assert told.exit_code == 1
    assert "of sample and of other differ" in told.output
