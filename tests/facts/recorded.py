"""Which calls the official plug-in was heard to make, as `just smoke-account --record` wrote them on real accounts.

A file a recording in `recorded/`, where there is none before somebody has played that day. Must never hold a recording
of anything but AWS, nor one that was written by hand.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tools.recording.recording import Recording, read

FOLDER: Final = Path(__file__).parent / "recorded"


def recordings(folder: Path = FOLDER) -> Iterator[Recording]:
    """Raises ValueError for a recording of a sandbox: it tells nothing about AWS or its plug-in."""
    for path in sorted(folder.glob("*.json")):
        found = read(path)
        if found.origin.kind != "account":
            raise ValueError(
                f"{path.name} was recorded in a {found.origin.kind}: only an account's recordings are facts"
            )
        yield found
