"""A bucket as the state port sees it, in memory: conditional writes, versions, and answers that come late or never.

Each request that writes the state takes the next word of `faults`. Must never decide for the port: it only plays S3.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import md5
from typing import Final

from tradai_runner.stateport import wire
from tradai_runner.stateport.asked import Asked
from tradai_runner.stateport.sending import UnreachableError
from tradai_runner.stateport.wire import Answer, Item

#: What may become of a write: done; done without an answer; on its way for a while; not done, with and without answer.
FAULTS: Final = ("done", "unanswered", "late", "busy", "lost")


@dataclass
class Kept:
    """One version of one object."""

    body: bytes
    headers: dict[str, str]

    @property
    def etag(self) -> str:
        """Of its body."""
        return f'"{md5(self.body, usedforsecurity=False).hexdigest()}"'


@dataclass
class FakeBucket:
    """Objects by key; `state` is the key that faults are about, `conditions` whether it knows conditional writes."""

    state: str
    name: str = "b"
    conditions: bool = True
    faults: list[str] = field(default_factory=list)
    objects: dict[str, Kept] = field(default_factory=dict)
    #: Every body that the state has ever had, oldest first.
    history: list[bytes] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    late: list[Callable[[], object]] = field(default_factory=list)

    def put(self, key: str, body: bytes) -> None:
        """Somebody else writes."""
        self._keep(key, Kept(body, {}))

    def body(self) -> bytes | None:
        """The state."""
        return self.objects[self.state].body if self.state in self.objects else None

    def arrive(self) -> None:
        """What was on its way arrives."""
        while self.late:
            self.late.pop(0)()

    def ask(self, asked: Asked) -> Answer:
        """As S3 answers; raises UnreachableError."""
        self.asked.append(f"{asked.method} {asked.key or asked.words.get('prefix', '')}")
        if asked.method == "PUT" and asked.key == self.state:
            return self._saved(asked)
        return self._answer(asked)

    def _saved(self, asked: Asked) -> Answer:
        fault = self.faults.pop(0) if self.faults else "done"
        if fault == "busy":
            return wire.refusal(503, "SlowDown", "slow down")
        if fault == "lost":
            raise UnreachableError("lost")
        if fault == "late":
            self.late.append(lambda: self._answer(asked))
            raise UnreachableError("late")
        answer = self._answer(asked)
        if fault == "unanswered":
            raise UnreachableError("unanswered")
        return answer

    def _answer(self, asked: Asked) -> Answer:
        match asked.method:
            case "PUT":
                return self._put(asked)
            case "DELETE":
                self.objects.pop(asked.key, None)
                return Answer(204)
            case "GET" if not asked.key:
                return self._list(asked)
            case _:
                return self._get(asked)

    def _put(self, asked: Asked) -> Answer:
        if asked.source:
            source = self.objects.get(asked.source.partition("/")[2])
            if source is None:
                return wire.refusal(404, "NoSuchKey", "nothing to copy")
            self._keep(asked.key, source)
            return wire.copied(source.etag, 0.0)
        condition = {"if-match", "if-none-match"} & set(asked.headers)
        if condition and not self.conditions:
            return wire.refusal(501, "NotImplemented", "a header is not implemented")
        there = self.objects.get(asked.key)
        if "if-match" in condition and there is None:
            return wire.refusal(404, "NoSuchKey", "there is no such key")
        if "if-match" in condition and there and there.etag != asked.headers["if-match"]:
            return wire.refusal(412, "PreconditionFailed", "it is another by now")
        if "if-none-match" in condition and there is not None:
            return wire.refusal(412, "PreconditionFailed", "it is there by now")
        meta = {name: value for name, value in asked.headers.items() if name.startswith("x-amz-meta-")}
        self._keep(asked.key, kept := Kept(asked.body, meta))
        return wire.saved(kept.etag)

    def _get(self, asked: Asked) -> Answer:
        there = self.objects.get(asked.key)
        if there is None:
            return wire.refusal(404, "NoSuchKey", "there is no such key")
        size = {"content-length": str(len(there.body))}
        return Answer(200, {"etag": there.etag, **size, **there.headers}, there.body if asked.method == "GET" else b"")

    def _list(self, asked: Asked) -> Answer:
        prefix = asked.words["prefix"]
        items = [
            Item(key, kept.etag, len(kept.body), "2026-11-29T22:00:00.000Z")
            for key, kept in self.objects.items()
            if key.startswith(prefix)
        ]
        return wire.listing(self.name, prefix, "/", items)

    def _keep(self, key: str, kept: Kept) -> None:
        self.objects[key] = kept
        if key == self.state:
            self.history.append(kept.body)
