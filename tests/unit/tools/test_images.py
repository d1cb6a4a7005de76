"""The image of operator and runs, as far as it is known without building it: pins, locks, arguments, its parts list."""

import json
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tools.images import __main__ as images
from tools.images import sbom
from tradai_iac.images.dockerfile import read

ROOT = Path(__file__).parents[3]
TEXT = images.DOCKERFILE.read_text()
FILE = read(TEXT)
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
DIGESTS = {"PYTHON_DIGEST": f"sha256:{'0' * 64}", "PULUMI_SHA256": "0" * 64, "PULUMI_AWS_SHA256": "1" * 64}


def pinned(lock: str) -> dict[str, str]:
    """Package → version of a lock file."""
    return dict(re.findall(r"^([\w.-]+)==(\S+?)(?:\s|;|$)", (ROOT / lock).read_text(), re.MULTILINE))


def default(argument: str) -> str:
    [found] = re.findall(rf"^ARG {argument}=(\S+)$", TEXT, re.MULTILINE)
    return str(found)


def test_engine_and_provider_are_the_versions_of_the_tree() -> None:
    binaries = tomllib.loads((ROOT / "tools" / "binaries.toml").read_text())
    packages = pinned("requirements.lock")
    assert default("PULUMI_VERSION") == binaries["pulumi"]["version"] == packages["pulumi"]
    assert default("PULUMI_AWS_VERSION") == packages["pulumi-aws"]


def test_what_only_whoever_builds_can_vouch_for_is_asked_for_and_nothing_else() -> None:
    assert FILE.required() == images.REQUIRED.keys()
    bases = [stage.base for stage in FILE.stages if stage.base not in {each.name for each in FILE.stages}]
    assert bases == ["docker.io/library/python:3.11-slim-bookworm@${PYTHON_DIGEST}"]
    added = [each for stage in FILE.stages for each in stage.instructions if each.word == "ADD"]
    assert [each.flags["checksum"] for each in added] == [
        "sha256:${PULUMI_SHA256}",
        "sha256:${PULUMI_AWS_SHA256}",
    ]


def test_it_starts_as_nobody_without_an_entry_point_that_would_stay_before_a_runs_command() -> None:
    common = {each.word: each.rest for each in FILE.stage("tradai").instructions}
    assert common["USER"] == "65532:65532"
    assert common["ENTRYPOINT"] == "[]"
    commands = {name: FILE.stage(name).instructions[-1].listed for name in ("operator", "runner")}
    assert commands == {
        "operator": ["python", "-m", "tradai_operator"],
        "runner": ["python", "-m", "tradai_iac.runner"],
    }
    assert FILE.stages[-1].name == "operator"


def test_its_lock_has_what_the_operator_declares_in_the_versions_of_the_tree_and_nothing_for_tests_or_sandbox() -> None:
    image, whole = pinned("requirements-image.lock"), pinned("requirements.lock")
    assert image.items() <= whole.items()
    declared = {Requirement(each).name for each in PROJECT["project"]["dependencies"]}
    assert declared <= image.keys()
    others = PROJECT["project"]["optional-dependencies"]
    extra = {Requirement(each).name.lower() for part in others.values() for each in part}
    assert image.keys() & (extra - declared) <= {"grpcio", "packaging"}, "which packages of its own need"
    assert pinned("requirements-image-build.lock") == {"setuptools": whole["setuptools"]}


@pytest.mark.parametrize("name", DIGESTS)
@pytest.mark.parametrize("said", [None, "", "latest", "sha256:short"])
def test_it_is_not_built_without_a_digest_that_is_one(
    name: str, said: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    given = {key: value for key, value in DIGESTS.items() if key != name} | ({name: said} if said is not None else {})
    assert images.main(["registry.example.com/tradai:1"], given) == 1
    told = capsys.readouterr().err
    assert f"  {name}: {images.REQUIRED[name][0]}" in told
    assert all(other not in told for other in DIGESTS if other not in {name, f"{name}_AWS"})


def test_without_a_container_engine_it_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert images.main(["registry.example.com/tradai:1"], DIGESTS) == 1
    assert capsys.readouterr().err == "no container engine is on PATH: docker, podman, buildah can build it\n"


def test_the_engine_is_asked_for_one_target_with_every_digest(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    engine = tmp_path / "podman"
    engine.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {tmp_path}/asked\nexit 3\n')
    engine.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert images.main(["registry.example.com/tradai:1", "--target", "runner"], DIGESTS) == 3
    asked = (tmp_path / "asked").read_text().splitlines()
    assert asked[0] == "build"
    assert asked[-1] == str(ROOT)
    assert {f"{name}={value}" for name, value in DIGESTS.items()} <= set(asked)
    assert asked[asked.index("--target") + 1] == "runner"


STATUS = """Package: libc6
Status: install ok installed
Architecture: amd64
Version: 2.36-9+deb12u10

Package: gone
Status: deinstall ok config-files
Architecture: amd64
Version: 1
"""


def test_the_parts_list_has_packages_binaries_and_the_systems_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import setuptools  # noqa: F401 - which brings packages of its own along, to be found behind the installed ones

    engine, status = tmp_path / "engine", tmp_path / "status"
    engine.mkdir()
    (engine / "pulumi").write_bytes(b"engine")
    status.write_text(STATUS)
    assert sbom.main(["--binaries", str(engine), "--system", str(status)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["bomFormat"], found["specVersion"], found["version"]) == ("CycloneDX", "1.6", 1)
    purls = [component["purl"] for component in found["components"]]
    assert purls == sorted(set(purls))
    assert f"pkg:pypi/kopf@{pinned('requirements.lock')['kopf']}" in purls
    assert [purl for purl in purls if purl.startswith("pkg:deb/")] == [
        "pkg:deb/debian/libc6@2.36-9+deb12u10?arch=amd64"
    ]
    [binary] = [component for component in found["components"] if component["type"] == "application"]
    assert binary["name"] == "pulumi"
    assert binary["hashes"][0]["content"] in binary["purl"]
