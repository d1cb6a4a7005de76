"""Folders of runs: only this user's, never outside their root, and swept when their run is dead."""

import os
import time
from pathlib import Path

import pytest

from tradai_operator.adapters.runs.private import checked, hidden_below, private_folder, sweep
from tradai_runner.journal.local import ProcessMark, RunJournal
from tradai_runner.process.alive import process_start


@pytest.mark.parametrize(
    "handle",
    ["", "/", "../../etc/x", "a/b", "a/b/c/d", "a/../c", "/a/b/c", "a//c", "a/b/.c", "a/b/c\n", "a\\b/c/d", "a b/c/d"],
)
def test_a_handle_that_is_none_leads_nowhere(handle: str) -> None:
    assert checked(handle) == "no/such/run"


def test_a_handle_stays_what_it_is() -> None:
    handle = "6f1c9a52-0000-4000-8000-000000000001/foundation/20261121T100000-1a2b"
    assert checked(handle) == handle


def test_a_folder_is_made_for_this_user_alone_and_one_too_open_is_closed(tmp_path: Path) -> None:
    folder = tmp_path / "made"
    assert private_folder(folder).stat().st_mode & 0o777 == 0o700
    folder.chmod(0o755)
    assert private_folder(folder).stat().st_mode & 0o777 == 0o700


def test_a_link_that_somebody_laid_there_is_refused(tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "theirs")
    with pytest.raises(PermissionError, match="is not ours"):
        private_folder(tmp_path / "link")


def test_a_folder_of_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 4242)
    with pytest.raises(PermissionError, match="is not ours"):
        private_folder(tmp_path / "folder")


def run_of(root: Path, name: str, started: int | None) -> None:
    """A journal below `root`, of a process that began then; without one, of none."""
    folder = root / "uid" / "layer" / name
    folder.mkdir(parents=True)
    if started is not None:
        RunJournal(folder).mark(ProcessMark(pid=os.getpid(), started=started))


def secrets_of(hidden: Path, name: str, age: float = 0.0) -> None:
    folder = hidden / f"uid_layer_{name}"
    folder.mkdir(parents=True)
    (folder / "passphrase").write_text("open sesame")
    os.utime(folder, (time.time() - age, time.time() - age))


def test_whatever_works_no_more_leaves_no_secret(tmp_path: Path) -> None:
    root, now = tmp_path / "journals", process_start(os.getpid()) or 0
    hidden = hidden_below(tmp_path, root)
    for name, started in {"dead": 1, "alive": now, "never-began": None, "beginning": None}.items():
        run_of(root, name, started)
        secrets_of(hidden, name, age=3600.0 if name == "never-began" else 0.0)
    secrets_of(hidden, "without-a-journal", age=3600.0)
    sweep(hidden, root)
    assert {path.name for path in hidden.iterdir()} == {"uid_layer_alive", "uid_layer_beginning"}
    sweep(tmp_path / "never-was", root)


def test_the_secrets_of_another_operator_and_of_versions_before_are_told_apart(tmp_path: Path) -> None:
    mine, theirs = tmp_path / "mine", tmp_path / "theirs"
    hidden = hidden_below(tmp_path, mine)
    assert hidden != hidden_below(tmp_path, theirs)
    run_of(mine, "dead", 1)
    for name in ("dead", "another-operators"):
        secrets_of(hidden.parent, name, age=3600.0)
    secrets_of(hidden_below(tmp_path, theirs), "dead", age=3600.0)
    sweep(hidden, mine)
    assert {path.name for path in hidden.parent.glob("*_*_*")} == {"uid_layer_another-operators"}
    assert len(list(hidden_below(tmp_path, theirs).iterdir())) == 1
