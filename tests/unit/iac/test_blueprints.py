"""Blueprints are found by the entry points of whatever is installed, and one that cannot be used is named."""

import os
import subprocess
import sys
from dataclasses import replace
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType

import pytest

from tradai_blueprints.sample.declaration import SAMPLE
from tradai_blueprints.tradai.declaration import TRADAI
from tradai_iac.blueprints import BLUEPRINTS, Installed
from tradai_iac.plugged import BLUEPRINTS as GROUP
from tradai_iac.plugged import PlugInError


def brought(monkeypatch: pytest.MonkeyPatch, **declared: object) -> list[EntryPoint]:
    """The entry points of a package that brings these."""
    module = ModuleType("brought_by_a_plug_in")
    vars(module).update(declared)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return [EntryPoint(name, f"{module.__name__}:{name}", GROUP) for name in declared]


def test_those_of_this_package_are_found_the_one_that_is_meant_without_a_name_first() -> None:
    assert list(BLUEPRINTS) == ["tradai", "sample"]
    assert BLUEPRINTS["tradai"] is TRADAI
    assert BLUEPRINTS["sample"] is SAMPLE


def test_one_that_nobody_installed_is_told_with_those_that_there_are() -> None:
    with pytest.raises(KeyError, match="no blueprint is called 'nothing': there are tradai, sample"):
        BLUEPRINTS["nothing"]
    assert BLUEPRINTS.get("nothing") is None
    assert "nothing" not in BLUEPRINTS


def test_two_may_have_a_layer_of_the_same_name(monkeypatch: pytest.MonkeyPatch) -> None:
    other = replace(SAMPLE, name="other", project="other")
    installed = Installed(brought(monkeypatch, sample=SAMPLE, other=other))
    assert list(installed) == ["other", "sample"]
    assert installed["other"].layer_names == installed["sample"].layer_names


def test_it_is_loaded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    points = brought(monkeypatch, sample=SAMPLE)
    installed = Installed(iter(points))
    assert list(installed) == list(installed) == ["sample"]


WRONG: dict[str, tuple[dict[str, object], str]] = {
    "not a Blueprint": ({"sample": SAMPLE, "wrong": "sample"}, "is a str, not a Blueprint"),
    "same name": ({"sample": SAMPLE, "wrong": replace(SAMPLE, project="other")}, "has the name 'sample' of"),
    "same project": ({"sample": SAMPLE, "wrong": replace(SAMPLE, name="other")}, "has the project 'sample' of"),
    "strange name": ({"wrong": replace(SAMPLE, name="A system")}, "'A system' is not a valid name"),
    "strange layer": ({"wrong": replace(SAMPLE, layers=(replace(SAMPLE.layers[0], name="the-store"),))}, "'the-store'"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_one_that_cannot_be_used_is_named_with_where_it_comes_from(monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    declared, said = WRONG[wrong]
    with pytest.raises(PlugInError, match=said) as refused:
        len(Installed(brought(monkeypatch, **declared)))
    assert "brought_by_a_plug_in:wrong" in str(refused.value)


def test_one_that_does_not_load_says_why() -> None:
    with pytest.raises(PlugInError, match=r"nowhere_at_all:IT.*ModuleNotFoundError.*uninstall it"):
        len(Installed([EntryPoint("it", "nowhere_at_all:IT", GROUP)]))


def test_reading_all_of_them_loads_no_program_and_no_client() -> None:
    said = "from tradai_iac.blueprints import BLUEPRINTS; import sys; list(BLUEPRINTS); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True).stdout.split()
    assert "tradai_blueprints.tradai.declaration" in loaded
    assert not {"pulumi", "pulumi_aws", "boto3", "botocore", "kopf"} & set(loaded)


@pytest.mark.parametrize("words", [("-m", "tradai_operator"), ("-m", "tradai_cli.main", "infra", "outputs", "dev")])
def test_whoever_starts_with_one_that_does_not_load_ends_with_a_sentence(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    said = tmp_path / "broken-1.0.dist-info"
    said.mkdir()
    (said / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1.0\n")
    (said / "entry_points.txt").write_text("[tradai.blueprints]\nit = nowhere_at_all:IT\n")
    env = {**os.environ, "PYTHONPATH": str(tmp_path)}
    ran = subprocess.run([sys.executable, *words], env=env, capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert "nowhere_at_all:IT of package broken cannot be loaded" in ran.stderr
    assert "Traceback" not in ran.stderr
