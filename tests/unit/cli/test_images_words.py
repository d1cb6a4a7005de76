"""`tradai images` takes either name: of an environment, its own or its resource's; of an image, ours or ECR's."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from tests.documents.manifests import EXAMPLES
from tradai_cli import images
from tradai_iac.images.wanted import Resolution, WantedImage

List = Callable[..., Any]


class Registry:
    """Has every image."""

    def resolve(self, wanted: Sequence[WantedImage]) -> Resolution:
        return Resolution(found={image.component: "sha256:1" for image in wanted})


@pytest.fixture
def listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> List:
    """`tradai images list` beside the manifest of `platform`, which is the environment `dev`."""
    manifest = yaml.safe_load((EXAMPLES / "env-dev.yaml").read_text())
    manifest["metadata"]["name"] = "platform"
    (tmp_path / "env-dev.yaml").write_text(yaml.safe_dump(manifest))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(images, "_registry", lambda _: Registry())
    return lambda *words: CliRunner().invoke(images.app, ["list", *words])


def test_the_resources_name_means_its_environment(listed: List) -> None:
    assert listed("platform").exit_code == 0
    assert listed("platform").stdout == listed("dev").stdout


def test_an_environment_comes_before_a_resource_of_that_name_and_the_resource_brings_its_own_manifest(
    listed: List, tmp_path: Path
) -> None:
    sample = yaml.safe_load((EXAMPLES / "env-sample.yaml").read_text())
    assert (sample["metadata"]["name"], sample["spec"]["environment"]) == ("sample", "dev")
    (tmp_path / "env-sample.yaml").write_text(yaml.safe_dump(sample))
    assert listed("sample").stdout.splitlines() == ["image  tag  digest"]
    assert len(listed("dev").stdout.splitlines()) > 20


def test_a_name_that_nothing_has_is_refused(listed: List) -> None:
    told = listed("nothing")
    assert told.exit_code == 2
    assert "no manifest at env-nothing.yaml" in told.output


@pytest.mark.parametrize(
    "name", ["backtest-consumer", "tradai/backtest-consumer-dev", "tradai/backtest-consumer-dev:latest"]
)
def test_one_image_is_found_under_each_of_its_names(name: str, listed: List) -> None:
    told = listed("dev", name)
    assert told.exit_code == 0, told.output
    assert [line.split()[0] for line in told.stdout.splitlines()] == ["image", "tradai/backtest-consumer-dev"]


def test_an_image_that_there_is_not_is_named_with_those_that_there_are(listed: List) -> None:
    told = listed("dev", "backtest")
    assert told.exit_code == 2
    assert "no image backtest" in told.output
    assert "backtest-consumer" in told.output
