"""The bootstrap takes exactly what is pinned, from wherever it can be had."""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tools.provision import binaries, golang, pins, stamp, venv
from tools.provision.say import LackError, ProvisionError

CHECKOUT = Path(__file__).parents[3]


def _binary(version: str = "1.35.4") -> pins.Binary:
    return pins.Binary("thing", version, ("--version",), pins.Module("m", ".", ""))


def _script(path: Path, prints: str, code: int = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho '{prints}'\nexit {code}\n")
    path.chmod(0o755)
    return path


BUILT = [row for row in pins.table(CHECKOUT, "plan9-mips") if row.source]


@pytest.mark.parametrize("row", BUILT, ids=lambda row: row.name)
def test_each_binary_that_is_built_has_a_pinned_module(row: pins.Binary) -> None:
    assert isinstance(row.source, pins.Module)
    module = CHECKOUT / "tools" / row.source.name
    assert (module / "go.mod").exists()
    assert f"v{row.version}" in (module / "go.mod").read_text()
    assert (module / "go.sum").exists()
    assert "{" not in row.source.ldflags


@pytest.mark.parametrize(
    ("prints", "fits"),
    [
        ("Kubernetes v1.35.4", True),
        ("etcd Version: 1.35.4", True),
        ("1.35.4", True),
        ("v1.35.4-rc.1", False),
        ("v1.35.40", False),
        ("v11.35.4", False),
        ("v1.35.4+k3s1", False),
        ("v1.32.4-dispatcher", False),
    ],
)
def test_a_binary_fits_only_when_it_tells_exactly_the_version(tmp_path: Path, prints: str, *, fits: bool) -> None:
    assert binaries.tells(_script(tmp_path / "thing", prints), _binary()) is fits


def test_a_binary_that_fails_does_not_fit(tmp_path: Path) -> None:
    assert not binaries.tells(_script(tmp_path / "thing", "v1.35.4", code=1), _binary())


def test_a_fitting_binary_on_path_is_taken_even_behind_one_of_another_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _script(tmp_path / "old" / "thing", "v1.32.4")
    fitting = _script(tmp_path / "new" / "thing", "v1.35.4")
    (tmp_path / "env" / "bin").mkdir(parents=True)
    monkeypatch.setenv("PATH", f"{tmp_path / 'old'}:{tmp_path / 'new'}:/usr/bin:/bin")
    binaries.ensure(CHECKOUT, tmp_path / "env", tmp_path / "cache", [_binary()])
    assert (tmp_path / "env" / "bin" / "thing").resolve() == fitting
    assert binaries.linked(tmp_path / "env", _binary())


@pytest.mark.parametrize(
    ("text", "version"), [("go version go1.26.8 linux/amd64", (1, 26, 8)), ("go 1.25.0", (1, 25, 0)), ("", (0,))]
)
def test_versions_are_read_out_of_sentences(text: str, version: tuple[int, ...]) -> None:
    assert golang.parse(text) == version


def test_a_go_that_is_new_enough_is_taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    go = _script(tmp_path / "go", "go version go1.99.0 linux/amd64")
    monkeypatch.setattr(shutil, "which", lambda _name: str(go))
    assert golang.ensure(CHECKOUT, tmp_path / "cache", Path(sys.executable)) == go


def test_a_go_that_is_too_old_is_replaced_by_the_pinned_package(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    go = _script(tmp_path / "go", "go version go1.19.0 linux/amd64")
    pinned = ".".join(map(str, golang.parse((CHECKOUT / "requirements-go.lock").read_text())))
    packaged = _script(tmp_path / "cache" / f"go-{pinned}" / "go" / "bin" / "go", "go")
    monkeypatch.setattr(shutil, "which", lambda _name: str(go))
    assert golang.ensure(CHECKOUT, tmp_path / "cache", Path(sys.executable)) == packaged


def test_the_stamp_changes_with_any_pin(tmp_path: Path) -> None:
    (tmp_path / "requirements.lock").write_text("a==1")
    before = stamp.digest(tmp_path)
    assert stamp.digest(tmp_path) == before
    (tmp_path / "requirements.lock").write_text("a==2")
    assert stamp.digest(tmp_path) != before


def test_an_environment_without_stamp_does_not_fit(tmp_path: Path) -> None:
    assert not stamp.fits(tmp_path, "packages", "x")
    stamp.write(tmp_path, "packages", "x")
    assert stamp.fits(tmp_path, "packages", "x")
    assert not stamp.fits(tmp_path, "binaries", "x")


@pytest.mark.parametrize("lock", sorted(CHECKOUT.glob("requirements*.lock")), ids=lambda path: path.name)
def test_lock_files_have_hashes_and_no_address(lock: Path) -> None:
    text = lock.read_text()
    assert "--hash=sha256:" in text
    assert "://" not in text
    assert "index" not in text


def _refusing_uv(commands: list[str], error: ProvisionError) -> Callable[..., str]:
    def run(command: list[str], environment: object = None) -> str:
        commands.append(" ".join(command))
        if "requirements-bootstrap.lock" in commands[-1]:
            raise error
        return ""

    return run


def test_pip_takes_over_where_uv_cannot_be_had(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    commands: list[str] = []
    monkeypatch.setattr(venv, "run", _refusing_uv(commands, ProvisionError("no such package")))
    venv.ensure(tmp_path, tmp_path / ".venv")
    locked, project = commands[-2:]
    assert "-m pip install" in locked
    assert "--require-hashes" in locked
    assert "--editable" in project


def test_an_index_that_does_not_answer_is_asked_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    commands: list[str] = []
    monkeypatch.setattr(venv, "run", _refusing_uv(commands, LackError("no network")))
    with pytest.raises(LackError, match="no network"):
        venv.ensure(tmp_path, tmp_path / ".venv")
    assert "requirements-bootstrap.lock" in commands[-1]
