"""Folders of runs: only this user's, never outside their root, and swept when their run is dead."""

import os
from pathlib import Path

import pytest

from tradai_operator.adapters.runs.private import checked, private_folder, sweep
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


def test_only_secrets_of_our_own_dead_runs_are_swept(tmp_path: Path) -> None:
    hidden, root = tmp_path / "hidden", tmp_path / "journals"
    alive = ProcessMark(pid=os.getpid(), started=process_start(os.getpid()) or 0)
    marks = {"dead": ProcessMark(pid=os.getpid(), started=1), "alive": alive}
    for run, mark in marks.items():
        (hidden / f"uid_layer_{run}").mkdir(parents=True)
        (root / "uid" / "layer" / run).mkdir(parents=True)
        RunJournal(root / "uid" / "layer" / run).mark(mark)
    (hidden / "uid_layer_another-operators").mkdir()
    (hidden / "something").mkdir()
    sweep(hidden, root)
    assert {path.name for path in hidden.iterdir()} == {"uid_layer_alive", "uid_layer_another-operators", "something"}
    sweep(tmp_path / "never-was", root)
