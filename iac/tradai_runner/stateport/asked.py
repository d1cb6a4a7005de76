"""What an engine asks of its state's bucket, as far as the port tells requests apart.

Pure. Must never guess: what it does not know is passed on as it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final
from urllib.parse import parse_qsl, unquote

from tradai_runner.bucket.keys import locks_prefix, opened_key, state_key, unsaved_key

_COPY: Final = "x-amz-copy-source"
#: Who asks for less than the whole object, or for a certain one, is answered by the bucket.
_PARTLY: Final = frozenset({"range", "if-match", "if-none-match", "if-modified-since", "if-unmodified-since"})
#: What a listing may say that is answered from memory; with anything else the bucket is asked.
_LISTING: Final = frozenset({"list-type", "delimiter", "max-keys", "prefix", "x-id"})


@dataclass(frozen=True)
class Asked:
    """One request, without the port's token: `key` within the bucket, header names in lower case, the body whole."""

    method: str
    key: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def source(self) -> str | None:
        """What is to be copied, as `bucket/key`; None for what is no copy."""
        found = self.headers.get(_COPY)
        return None if found is None else unquote(found).lstrip("/").partition("?")[0]

    @property
    def words(self) -> dict[str, str]:
        """The query's."""
        return dict(parse_qsl(self.query, keep_blank_values=True))


class Kind(Enum):
    """What a request is to the lineage of a state."""

    LOCK = "takes the stack's lock"
    UNLOCK = "gives it back"
    SAVE = "writes the state"
    BACKUP = "copies the state to what it was before"
    LOOK = "asks whether the state is there, and of what size"
    READ = "reads the state"
    LIST = "asks which files the state has"
    PARTS = "writes the state in parts"
    OTHER = "anything else"


@dataclass(frozen=True)
class Place:
    """One stack in its bucket; `prefix` is the backend's folder, '' or 'folder/'."""

    bucket: str
    prefix: str
    project: str
    stack: str

    @property
    def state(self) -> str:
        """The key of its state."""
        return self.prefix + state_key(self.project, self.stack)

    @property
    def locks(self) -> str:
        """Below what its locks are."""
        return self.prefix + locks_prefix(self.project, self.stack)

    def unsaved(self, run_id: str) -> str:
        """Where a state goes that may not be saved since somebody else has written."""
        return self.prefix + unsaved_key(self.project, self.stack, run_id)

    def opened(self, run_id: str) -> str:
        """Where it is noted that a run has begun to write the state, and has not said yet that all of it is there."""
        return self.prefix + opened_key(self.project, self.stack, run_id)

    def rests_on_state(self, asked: Asked) -> bool:
        """Whether the bucket's answer, or what it does, depends on what its state is."""
        return asked.key.startswith(self.state) or asked.source == f"{self.bucket}/{self.state}"

    def kind(self, asked: Asked) -> Kind:
        """What a request is to this stack."""
        if asked.key.startswith(self.locks):
            return {"PUT": Kind.LOCK, "DELETE": Kind.UNLOCK}.get(asked.method, Kind.OTHER)
        if asked.key == f"{self.state}.bak" and asked.source == f"{self.bucket}/{self.state}":
            return Kind.BACKUP
        plain = asked.source is None and not set(asked.words) - {"x-id"} and not _PARTLY & set(asked.headers)
        if asked.key == self.state and {"uploads", "uploadId"} & set(asked.words):
            return Kind.PARTS
        if asked.key == self.state and plain:
            return {"PUT": Kind.SAVE, "HEAD": Kind.LOOK, "GET": Kind.READ}.get(asked.method, Kind.OTHER)
        if asked.method == "GET" and not asked.key and asked.words.get("prefix") == self.state:
            return Kind.LIST if set(asked.words) <= _LISTING else Kind.OTHER
        return Kind.OTHER
