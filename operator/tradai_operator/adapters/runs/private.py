"""Folders that only this user can look into, and what a run that died left in them.

Must never follow a name that leads out of its folder: handles come from a status, which others may be able to write.
"""

import os
import re
import shutil
import stat
from pathlib import Path
from typing import Final

from tradai_runner.journal.local import RunJournal, is_alive
from tradai_runner.process.writes import point

#: `<uid>/<layer>/<run>`, none of them hidden or climbing.
_HANDLE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*(/[A-Za-z0-9][A-Za-z0-9.-]*){2}")
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


def sweep(hidden: Path, root: Path) -> None:
    """Removes the secrets of runs below `root` whose process is gone: an operator that was killed could not.

    Others share the folder; what has no journal below `root` is theirs.
    """
    for folder in hidden.glob("*_*_*"):
        handle = checked(folder.name.replace("_", "/"))
        journal = RunJournal(root / handle)
        if journal.process() and not is_alive(journal.process()):
            with point("run.swept"):
                shutil.rmtree(folder, ignore_errors=True)
