"""What S3's objects contain, beside moto's memory: a large body is a file of the sandbox, open only while it is used.

moto keeps every version of every object in memory, and copies them all for a listing. Must never hold a file open
between two calls (versions are thousands), nor remove a file that is no body.
"""

import itertools
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

from moto.s3 import models

from tradai_sandbox.moto_ext.gaps.patching import add, wrap

#: Bytes; what is smaller stays in memory.
LARGE: Final = 16 * 1024
_SUFFIX: Final = ".body"


def keep_bodies(folder: Path) -> None:
    """Let moto keep bodies in `folder` from now on; those of an endpoint that was there before are removed."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for left in folder.glob(f"*{_SUFFIX}"):
        left.unlink(missing_ok=True)
    # moto takes a spooled file for each body, and nothing else of that module.
    wrap(models, tempfile=lambda _: SimpleNamespace(SpooledTemporaryFile=partial(Body, folder)))
    add(models.FakeKey, __deepcopy__)


class Body:
    """One body, as far as moto uses a file: written whole, read from a position on."""

    _numbers: Final = itertools.count()

    def __init__(self, folder: Path, max_size: int = 0) -> None:  # noqa: ARG002 - moto's own threshold
        self._path = folder / f"{next(self._numbers)}{_SUFFIX}"
        self._small: bytes | None = b""
        self._at = 0
        self._closed = False

    def seek(self, position: int) -> None:
        """Where to read next, in bytes from the start."""
        self._at = position

    def truncate(self) -> None:
        """What is written next replaces everything, so that nothing is to be cut."""

    def write(self, content: bytes) -> None:
        """The whole body. Raises OSError where the disk is full."""
        large = len(content) >= LARGE
        if large:
            self._path.write_bytes(content)
        elif self._small is None:
            self._path.unlink()
        self._small = None if large else bytes(content)

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes, all that is left by default. Raises ValueError once the body is closed."""
        found = self._read(size)
        self._at += len(found)
        return found

    def close(self) -> None:
        """The object is gone, and its body with it."""
        self._closed = True
        if self._small is None:
            self._path.unlink(missing_ok=True)
        self._small = b""

    def _read(self, size: int) -> bytes:
        if self._small is not None:
            if self._closed:
                raise ValueError("read of a closed body")
            return self._small[self._at : None if size < 0 else self._at + size]
        with self._path.open("rb") as file:
            file.seek(self._at)
            return file.read(size)


class _Lent:
    """Somebody else's body, which its borrower cannot close."""

    def __init__(self, body: Any) -> None:
        self.seek = body.seek
        self.read = body.read

    def close(self) -> None:
        """Leaves it open."""


def __deepcopy__(self: Any, _memo: Any) -> Any:  # noqa: N807 - becomes the method of moto's class
    """An object as a listing shows it: all that is known of it, and the body lent."""
    twin = object.__new__(type(self))
    twin.__dict__ |= {**self.__dict__, "_value_buffer": _Lent(self._value_buffer), "multipart": None, "disposed": True}
    return twin
