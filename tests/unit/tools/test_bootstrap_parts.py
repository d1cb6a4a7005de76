"""The bootstrap can be had in parts, so that other work goes on while binaries are built."""

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tools import bootstrap
from tools.provision import binaries, pins, stamp, venv


@pytest.fixture
def done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A fresh clone, and what has been done to it."""
    did: list[str] = []
    environment = tmp_path / ".venv"

    def note(what: str) -> Callable[..., None]:
        def act(*_: object) -> None:
            environment.mkdir(exist_ok=True)
            did.append(what)

        return act

    monkeypatch.setattr(bootstrap, "CHECKOUT", tmp_path)
    monkeypatch.setattr(bootstrap, "ENVIRONMENT", environment)
    monkeypatch.setenv("TRADAI_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(bootstrap, "_heed_signals", lambda: None)
    monkeypatch.setattr(pins, "table", lambda *_, **__: [])
    monkeypatch.setattr(venv, "ensure", note("packages"))
    monkeypatch.setattr(binaries, "ensure", note("binaries"))
    return did


def test_packages_alone_builds_nothing_and_is_done_once(done: list[str]) -> None:
    assert [bootstrap.main(["--packages"]), bootstrap.main(["--packages"])] == [0, 0]
    assert done == ["packages"]


def test_binaries_go_on_where_packages_ended(done: list[str]) -> None:
    bootstrap.main(["--packages"])
    assert [bootstrap.main(["--binaries"]), bootstrap.main(["--binaries"]), bootstrap.main([])] == [0, 0, 0]
    assert done == ["packages", "binaries"]


@pytest.mark.parametrize("arguments", [[], ["--binaries"]])
def test_without_packages_binaries_begin_with_them(done: list[str], arguments: list[str]) -> None:
    assert bootstrap.main(arguments) == 0
    assert done == ["packages", "binaries"]


def test_what_only_tests_run_comes_with_them_and_not_before(done: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def table(*_: object, users: object) -> list[pins.Binary]:
        asked.append(users)
        return []

    monkeypatch.setattr(pins, "table", table)
    bootstrap.main([])
    assert [bootstrap.main(["--tests"]), bootstrap.main(["--tests"])] == [0, 0]
    assert done == ["packages", "binaries", "binaries"]
    assert asked == [("sandbox",), *[("sandbox", "tests")] * 2]


def test_a_changed_pin_renews_both(done: list[str], tmp_path: Path) -> None:
    bootstrap.main([])
    (tmp_path / "requirements.lock").write_text("a==2")
    bootstrap.main([])
    assert done == ["packages", "binaries"] * 2


def test_a_binary_that_is_gone_is_brought_back_alone(
    done: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bootstrap.main([])
    gone = pins.Binary("thing", "1.0.0", ("--version",), None)
    monkeypatch.setattr(pins, "table", lambda *_, **__: [gone])
    assert stamp.fits(tmp_path / ".venv", "binaries", stamp.digest(tmp_path))
    bootstrap.main([])
    assert done == ["packages", "binaries", "binaries"]


def test_one_waits_for_another_that_changes_the_same_environment(tmp_path: Path) -> None:
    with venv.alone(tmp_path):
        other = os.open(tmp_path, os.O_RDONLY)
        with pytest.raises(BlockingIOError):
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.close(other)
