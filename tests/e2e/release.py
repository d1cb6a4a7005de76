"""Another release of the product, as whoever upgrades the operator has it: a version of its own, and another program.

It lies before the installed one on the path of a process. Must never change the installed one.
"""

import shutil
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path

import tradai_blueprints

_METADATA = "Metadata-Version: 2.1\nName: tradai-environments\nVersion: {}\n"


@dataclass(frozen=True)
class Release:
    """A folder that a process finds by its PYTHONPATH."""

    folder: Path
    version: str

    @property
    def variables(self) -> dict[str, str]:
        """What makes an operator, and the runners that it starts, one of this release."""
        return {"PYTHONPATH": str(self.folder)}


def release(folder: Path, version: str, file: str, old: str, new: str) -> Release:
    """The installed stack programs under another version, with `old` in one file of theirs become `new`."""
    programs = folder / "tradai_blueprints"
    shutil.copytree(Path(tradai_blueprints.__file__).parent, programs, ignore=shutil.ignore_patterns("__pycache__"))
    changed = programs / file
    text = changed.read_text()
    assert text.count(old) == 1, f"{file} does not say {old!r} once"
    changed.write_text(text.replace(old, new))
    metadata = folder / f"tradai_environments-{version}.dist-info" / "METADATA"
    metadata.parent.mkdir()
    metadata.write_text(_METADATA.format(version))
    # what a release says of itself hides what the installed one says: its blueprints are found by its own words
    metadata.with_name("entry_points.txt").write_text(
        distribution("tradai-environments").read_text("entry_points.txt") or ""
    )
    return Release(folder, version)
