"""What is under way in one plug-in, and what was heard meanwhile: a line each, as soon as it is heard.

A play that stops half-way keeps what it has heard. Must never write a line twice.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any, Final

from tools.recording.heard import HeardCall

#: Who calls where no resource's type is concerned: who it is, its session, its regions.
ITSELF: Final = "provider"
_SESSIONS: Final = "sts:"


class Notes:
    """`file` is this plug-in's own."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._at_work, self._writing = Lock(), Lock()
        self._what = (ITSELF, "configure")
        self._written: set[str] = set()

    @contextmanager
    def under_way(self, type_: str, operation: str) -> Iterator[None]:
        """One thing at a time: what is heard meanwhile is heard because of it."""
        with self._at_work:
            before, self._what = self._what, (type_, operation)
            try:
                yield
            finally:
                self._what = before

    def hear(self, found: HeardCall) -> None:
        """Whoever renews a session does it for itself, whatever is under way."""
        of_session = found.call.startswith(_SESSIONS)
        type_, operation = (ITSELF, "configure") if of_session else self._what
        self._write({"type": type_, "operation": operation, **vars(found)})

    def is_version(self, version: str) -> None:
        """Which version the plug-in says it is."""
        self._write({"provider": version})

    def _write(self, line: dict[str, Any]) -> None:
        text = json.dumps(line, sort_keys=True)
        with self._writing:
            if text not in self._written:
                self._written.add(text)
                with self._file.open("a", encoding="utf-8") as file:
                    file.write(f"{text}\n")
