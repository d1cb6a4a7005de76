"""Another release of the product, as whoever upgrades the operator has it: a version of its own, and another program.

It lies before the installed one on the path of a process. Must never change the installed one.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

import tradai_iac

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
    programs = folder / "tradai_iac"
    shutil.copytree(Path(tradai_iac.__file__).parent, programs, ignore=shutil.ignore_patterns("__pycache__"))
    changed = programs / file
    text = changed.read_text()
    assert text.count(old) == 1, f"{file} does not say {old!r} once"
    changed.write_text(text.replace(old, new))
    metadata = folder / f"tradai_environments-{version}.dist-info" / "METADATA"
    metadata.parent.mkdir()
    metadata.write_text(_METADATA.format(version))
    return Release(folder, version)
