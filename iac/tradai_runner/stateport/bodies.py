"""A request's body, whole, as clients send it: of a known length, in chunks, or in AWS's own chunks.

Must never take more than a state can have.
"""

from collections.abc import Mapping
from typing import IO, Final

#: 512 MiB: a thousand times a state.
LIMIT: Final = 512 * 1024**2
_AWS_CHUNKED: Final = "aws-chunked"
#: Headers that told how the chunks were sent, and what of checksum stood behind them.
TOLD: Final = frozenset(
    {"x-amz-decoded-content-length", "x-amz-trailer", "x-amz-sdk-checksum-algorithm", "content-encoding"}
)


class TooLargeError(Exception):
    """More than anything that belongs to a state."""


def read(stream: IO[bytes], headers: Mapping[str, str]) -> bytes:
    """The body; raises TooLargeError, ValueError for what is no body."""
    if "chunked" in headers.get("transfer-encoding", "").lower():
        body = _chunks(stream)
    else:
        length = int(headers.get("content-length") or 0)
        if length > LIMIT:
            raise TooLargeError
        body = stream.read(length)
        if len(body) < length:
            raise ValueError("the client hung up")
    return _unwrapped(body) if is_wrapped(headers) else body


def is_wrapped(headers: Mapping[str, str]) -> bool:
    """Whether the body comes in AWS's own chunks, with their signatures or a checksum behind them."""
    return _AWS_CHUNKED in headers.get("content-encoding", "")


def _chunks(stream: IO[bytes]) -> bytes:
    parts: list[bytes] = []
    total = 0
    while size := int(stream.readline().split(b";")[0], 16):
        total += size
        if total > LIMIT:
            raise TooLargeError
        parts.append(stream.read(size))
        stream.readline()
    while stream.readline().strip():
        pass
    return b"".join(parts)


def _unwrapped(body: bytes) -> bytes:
    parts: list[bytes] = []
    at = 0
    while True:
        end = body.index(b"\r\n", at)
        size = int(body[at:end].split(b";")[0], 16)
        if not size:
            return b"".join(parts)
        parts.append(body[end + 2 : end + 2 + size])
        at = end + 2 + size + 2
