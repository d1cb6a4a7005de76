"""Bodies as the API server sends them: cut down to what a turn reads, and what they tell of what was written.

Pure. Must never judge a body.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from tradai_operator.model import keys


@dataclass(frozen=True)
class Stored:
    """What the API server has: version of the object (0: not known), digest of its status, term of who wrote that."""

    version: int = 0
    status: str = ""
    term: int = 0


def stored(body: Mapping[str, Any]) -> Stored:
    """What that body says of it."""
    status, metadata = body.get("status"), body.get("metadata") or {}
    text = json.dumps(status or None, sort_keys=True)
    term = status.get("term") if isinstance(status, Mapping) else 0
    return Stored(
        int(metadata.get("resourceVersion") or 0),
        hashlib.blake2b(text.encode(), digest_size=16).hexdigest(),
        term if isinstance(term, int) else 0,
    )


@dataclass(frozen=True)
class Kept:
    """A body between two turns, as text: as objects it would take six times the memory, a thousand times."""

    text: bytes

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> Self:
        """That body without what no turn reads: the status, which is ours, and who has set which field."""
        metadata = {key: value for key, value in body["metadata"].items() if key != "managedFields"}
        slim = {key: value for key, value in body.items() if key != "status"} | {"metadata": metadata}
        return cls(json.dumps(slim, separators=(",", ":")).encode())

    def body(self) -> dict[str, Any]:
        """The body again."""
        found: dict[str, Any] = json.loads(self.text)
        return found


def retry_of(body: Mapping[str, Any]) -> Any:
    """The annotation that asks to try again."""
    return ((body.get("metadata") or {}).get("annotations") or {}).get(keys.RETRY)
