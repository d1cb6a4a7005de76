"""The folder of one recording: the plug-in that stands before the other, and what was heard.

Must never be put on PATH for a run that is not to be recorded: it does one thing at a time.
"""

import os
import shlex
import shutil
import sys
from pathlib import Path
from typing import Final

from tools.recording.recording import LINES

NAME: Final = "pulumi-resource-aws"
_CHECKOUT: Final = Path(__file__).parents[2]
_PLACES: Final = ("", "iac", "operator")


def begin(folder: Path, *, anew: bool = True) -> Path:
    """Makes the folder, `anew` with nothing heard yet; the folder of it that goes first on PATH."""
    (place := folder / "bin").mkdir(parents=True, exist_ok=True)
    for old in folder.glob(LINES) if anew else ():
        old.unlink()
    command = shlex.join([sys.executable, "-m", "tools.recording", str(folder.resolve())])
    script = place / NAME
    script.write_text(f'#!/bin/sh\nPYTHONPATH={shlex.quote(_paths())} exec {command} "$@"\n')
    script.chmod(0o755)
    return place.resolve()


def _paths() -> str:
    return os.pathsep.join(str(_CHECKOUT / place) for place in _PLACES)


def plugin(folder: Path, path: str) -> Path:
    """What is to be recorded, by this PATH; raises FileNotFoundError with what to do where there is none."""
    own = (folder / "bin").resolve()
    others = [place for place in path.split(os.pathsep) if place and Path(place).resolve() != own]
    if found := shutil.which(NAME, path=os.pathsep.join(others)):
        return Path(found)
    home = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")
    wanted = _version()
    installed = home / "plugins" / f"resource-aws-v{wanted}" / NAME
    if not installed.is_file():
        raise FileNotFoundError(f"{installed} is not there: `pulumi plugin install resource aws {wanted}`")
    return installed


def _version() -> str:
    """That of the programs' package, which the engine would take."""
    from importlib.metadata import version

    return version("pulumi-aws")
