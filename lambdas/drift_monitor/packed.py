"""A window as bytes: gzip of a CSV in UTF-8.

Must never unpack more than memory holds, nor take half an object for a whole one.
"""

import csv
import gzip
import io
import zlib
from collections.abc import Iterator, Sequence
from typing import Final

#: Limits of one object, packed and unpacked.
PACKED_BYTES: Final = 16 * 1024 * 1024
UNPACKED_BYTES: Final = 64 * 1024 * 1024
COLUMNS: Final = 100
NAME_CHARACTERS: Final = 100


class MalformedError(Exception):
    """An object that is no window, in a sentence."""


def unpacked(packed: bytes) -> bytes:
    """The CSV; raises MalformedError."""
    if len(packed) > PACKED_BYTES:
        raise MalformedError(f"it is larger than {PACKED_BYTES} bytes")
    try:
        found = gzip.GzipFile(fileobj=io.BytesIO(packed)).read(UNPACKED_BYTES + 1)
    except (OSError, EOFError, zlib.error):
        raise MalformedError("it is no whole gzip file") from None
    if len(found) > UNPACKED_BYTES:
        raise MalformedError(f"it unpacks to more than {UNPACKED_BYTES} bytes")
    return found


def table(data: bytes) -> tuple[list[str], Iterator[list[str]]]:
    """Header and lines; raises MalformedError, and the iterator does."""
    found = _read(data)
    header = next(found, [])
    if not header or len(set(header)) != len(header) or not all(0 < len(name) <= NAME_CHARACTERS for name in header):
        raise MalformedError(f"its header needs names, each once and of at most {NAME_CHARACTERS} characters")
    if len(header) > COLUMNS:
        raise MalformedError(f"it has {len(header)} columns, at most {COLUMNS} are looked at")
    return header, _fitting(header, found)


def counted(data: bytes) -> int:
    """How many lines there are, all of which fit the header; raises MalformedError."""
    return sum(1 for _ in table(data)[1])


def _read(data: bytes) -> Iterator[list[str]]:
    try:
        yield from csv.reader(io.TextIOWrapper(io.BytesIO(data), "utf-8", newline=""), strict=True)
    except (csv.Error, UnicodeDecodeError):
        raise MalformedError("it is no CSV in UTF-8") from None


def _fitting(header: Sequence[str], found: Iterator[list[str]]) -> Iterator[list[str]]:
    for at, line in enumerate(found, start=2):
        if line and len(line) != len(header):
            raise MalformedError(f"line {at} has {len(line)} cells, its header {len(header)}")
        if line:
            yield line
