"""Folders that only this user can look into, and what a run that died left in them.

Must never follow a name that leads out of its folder: handles come from a status, which others may be able to write.
"""

import hashlib
import os
import re
import shutil
import stat
import time
from pathlib import Path
from typing import Final

from tradai_runner.journal.local import RunJournal, is_alive
from tradai_runner.process.writes import point

#: `<uid>/<layer>/<run>`, none of them hidden or climbing.
_HANDLE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*(/[A-Za-z0-9][A-Za-z0-9.-]*){2}")
#: A handle as the name of a folder.
_RUNS: Final = "*_*_*"
#: A process is started within that time, however busy the machine is.
_BEGINS_SECONDS: Final = 600.0
#: Where a handle leads that is none: no run was ever there.
_NOWHERE: Final = "no/such/run"


def checked(handle: str) -> str:
    """The handle, or one of a run that never was."""
    return handle if _HANDLE.fullmatch(handle) else _NOWHERE


def private_folder(path: Path) -> Path:
    """Makes it, or finds it; raises PermissionError where it is another user's or no folder."""
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise PermissionError(f"{path} is not ours: no secret is written there")
    path.chmod(0o700)
    return path


def hidden_below(base: Path, root: Path) -> Path:
    """Where the secrets of the runs below `root` are: a folder of its own, so that nobody else's are in it."""
    name = hashlib.sha256(str(root.absolute()).encode()).hexdigest()[:12]
    return base / f"tradai-{os.getuid()}" / name


def sweep(hidden: Path, root: Path) -> None:
    """Removes the secrets of runs below `root` that work no more: an operator that was killed could not, and some runs
    end when their resource, or its operator, is gone.

    Versions before had them one folder above, which all operators of the user share: there, only what has a journal
    below `root` is ours.
    """
    for folder in hidden.glob(_RUNS):
        mark = _journal(folder, root).process()
        if is_alive(mark) if mark else _is_young(folder):
            continue
        _remove(folder)
    for folder in hidden.parent.glob(_RUNS):
        mark = _journal(folder, root).process()
        if mark and not is_alive(mark):
            _remove(folder)


def _journal(folder: Path, root: Path) -> RunJournal:
    return RunJournal(root / checked(folder.name.replace("_", "/")))


def _is_young(folder: Path) -> bool:
    """Whether a run without a process may be just beginning."""
    try:
        return time.time() - folder.stat().st_mtime < _BEGINS_SECONDS
    except FileNotFoundError:
        return True


def _remove(folder: Path) -> None:
    with point("run.swept"):
        shutil.rmtree(folder, ignore_errors=True)
