"""Collects what a client uploads in parts, so that a large state is one save as every other.

Must never keep parts of an upload that was given up.
"""

from dataclasses import dataclass, field
from hashlib import md5
from uuid import uuid4

from tradai_runner.stateport import wire
from tradai_runner.stateport.asked import Asked
from tradai_runner.stateport.wire import Answer


@dataclass
class Parts:
    """Uploads under way: id → part number → its bytes, and the headers with which the upload began."""

    uploads: dict[str, dict[int, bytes]] = field(default_factory=dict)
    headers: dict[str, dict[str, str]] = field(default_factory=dict)

    def take(self, asked: Asked) -> Answer | Asked:
        """The answer to one of its requests; for the last one, the save that it amounts to."""
        words = asked.words
        if "uploads" in words:
            return self._begin(asked)
        upload = words["uploadId"]
        parts = self.uploads.get(upload)
        if parts is None:
            return wire.refusal(404, "NoSuchUpload", "there is no such upload")
        if asked.method == "PUT":
            parts[int(words["partNumber"])] = asked.body
            return wire.saved(f'"{md5(asked.body, usedforsecurity=False).hexdigest()}"')
        del self.uploads[upload]
        headers = self.headers.pop(upload)
        if asked.method == "DELETE":
            return Answer(204)
        return Asked("PUT", asked.key, "", headers, b"".join(body for _, body in sorted(parts.items())))

    def _begin(self, asked: Asked) -> Answer:
        upload = uuid4().hex
        self.uploads[upload] = {}
        self.headers[upload] = {"content-type": asked.headers.get("content-type", "application/json")}
        return wire.begun(asked.key, upload)
