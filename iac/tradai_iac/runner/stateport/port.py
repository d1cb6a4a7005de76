"""Answers the requests of the engines of one run: from memory, from the bucket, or by a conditional write to it.

The memory begins with the lock of a stack and ends with it. Must never answer from memory what this engine has not
written itself, nor acknowledge a save that the bucket does not have.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Protocol

from tradai_iac.runner.stateport import lineage, wire
from tradai_iac.runner.stateport.asked import Asked, Kind, Place
from tradai_iac.runner.stateport.lineage import Base, Mark, Verdict
from tradai_iac.runner.stateport.parts import Parts
from tradai_iac.runner.stateport.wire import Answer, Item, Object

#: Between two tries, in seconds: longer each time.
_PAUSES: Final = (0.2, 0.5, 1.0, 2.0, 5.0)
#: What the engine's own client may have said of its body: it holds for what the bucket is sent, too.
_CHECKSUMS: Final = (
    "x-amz-checksum-crc32",
    "x-amz-checksum-crc32c",
    "x-amz-checksum-sha256",
    "x-amz-checksum-crc64nvme",
)
_KEPT: Final = ("content-type", "cache-control", "x-amz-sdk-checksum-algorithm", *_CHECKSUMS)
_WRITES: Final = frozenset({Kind.LOCK, Kind.SAVE, Kind.PARTS, Kind.BACKUP, Kind.UNLOCK})
_BUSY: Final = frozenset({429, 500, 502, 503, 504})
_NOT_FOUND: Final = 404


class Bucket(Protocol):
    """The real bucket; raises UnreachableError where no answer came."""

    def ask(self, asked: Asked) -> Answer:
        """Its answer."""


class UnreachableError(Exception):
    """The bucket gave no answer: whether it has done what it was asked is not known."""


@dataclass
class Memory:
    """What one engine has seen and done since it took the lock; `base` is None before it knows what it replaces."""

    base: Base | None = None
    own: Object | None = None
    beside: tuple[Item, ...] = ()

    def learn(self, answer: Answer) -> None:
        """What the first answer about the state says of what a save will replace; later ones change nothing."""
        if self.base is None and answer.done and answer.etag:
            self.base = Base(answer.etag)
        elif self.base is None and answer.status == _NOT_FOUND:
            self.base = Base(None)


@dataclass
class Port:
    """All requests of one run; `patience` is for how many seconds it waits for a bucket that fails.

    `foreign` says who else has written the state, once somebody has: nothing is acknowledged from then on.
    """

    place: Place
    run_id: str
    bucket: Bucket
    patience: float
    now: Callable[[], float] = time.time
    pause: Callable[[float], object] = time.sleep
    foreign: str = ""
    _sequence: int = 0
    _memory: Memory | None = None
    _parts: Parts = field(default_factory=Parts)
    _turn: threading.RLock = field(default_factory=threading.RLock)

    def answer(self, asked: Asked) -> Answer:
        """The answer to one request; never raises for what a bucket may do wrong."""
        kind = self.place.kind(asked)
        if kind is Kind.OTHER:
            return self._passed(asked)
        with self._turn:
            return self._refused() if self.foreign and kind in _WRITES else self._about_the_state(kind, asked)

    def _about_the_state(self, kind: Kind, asked: Asked) -> Answer:
        match kind:
            case Kind.LOCK:
                return self._lock(asked)
            case Kind.UNLOCK:
                self._memory = None
                return self._passed(asked)
            case Kind.SAVE:
                return self._save(asked)
            case Kind.BACKUP:
                return self._back_up(asked)
            case Kind.PARTS:
                return self._part(asked)
            case _:
                return self._look(kind, asked)

    def _lock(self, asked: Asked) -> Answer:
        """What was known before may have been changed by whoever had the lock until now."""
        self._memory = None
        answer = self._passed(asked)
        if answer.done:
            self._memory = Memory()
        return answer

    def _look(self, kind: Kind, asked: Asked) -> Answer:
        memory = self._memory
        if memory and memory.own:
            return self._from_memory(kind, asked, memory, memory.own)
        answer = self._passed(asked)
        if memory and kind is Kind.LIST:
            memory.beside = tuple(item for item in wire.items_of(answer) if item.key != self.place.state)
        elif memory:
            memory.learn(answer)
        return answer

    def _from_memory(self, kind: Kind, asked: Asked, memory: Memory, own: Object) -> Answer:
        if kind is Kind.LIST:
            items = (*memory.beside, own.item(self.place.state))
            return wire.listing(self.place.bucket, self.place.state, asked.words.get("delimiter", ""), items)
        return own.look() if kind is Kind.LOOK else own.read()

    def _back_up(self, asked: Asked) -> Answer:
        """The state before this engine's first save, once: what follows is in the bucket's versions."""
        memory = self._memory
        if memory and memory.own:
            return wire.copied(memory.own.etag, memory.own.at)
        return self._passed(asked)

    def _save(self, asked: Asked) -> Answer:
        memory = self._memory
        if memory is None:  # an engine that holds no lock writes as it always did
            return self._passed(asked)
        if memory.base is None:
            memory.learn(found := self._passed(Asked("HEAD", self.place.state)))
            if memory.base is None:
                return found
        self._sequence += 1
        answer = self._written(asked, memory.base, Mark(self.run_id, self._sequence))
        if answer.done and answer.etag:
            checksums = {name: asked.headers[name] for name in _CHECKSUMS if name in asked.headers}
            memory.base = Base(answer.etag)
            memory.own = Object(answer.etag, asked.body, self.now(), checksums)
        elif self.foreign:
            self._passed(Asked("PUT", self.place.unsaved(self.run_id), "", {}, asked.body))
        return answer

    def _part(self, asked: Asked) -> Answer:
        """A large state comes in parts: it is one save once all of them are there."""
        whole = self._parts.take(asked)
        if isinstance(whole, Answer):
            return whole
        answer = self._save(whole)
        return wire.completed(whole.key, answer.etag) if answer.done and answer.etag else answer

    def _written(self, asked: Asked, base: Base, mark: Mark) -> Answer:
        """The bucket's answer to a conditional write; what is doubtful is looked up before anything is sent again."""
        kept = {name: asked.headers[name] for name in _KEPT if name in asked.headers} | mark.headers()
        condition, tries = base.condition(), self._tries()
        while True:
            answer = self._sent(Asked("PUT", asked.key, "", kept | condition, asked.body))
            if answer and lineage.takes_no_conditions(answer):
                condition = {}  # the look that follows is all that there is
            elif answer and not lineage.doubtful(answer):
                return answer
            verdict, found = self._judged(base, mark, tries)
            if verdict is Verdict.DONE:
                return wire.saved((found.etag if found else None) or "")
            if verdict is Verdict.FOREIGN:
                self.foreign = lineage.writer(found)
                return self._refused()
            if verdict is Verdict.UNKNOWN:
                return _given_up(answer)

    def _judged(self, base: Base, mark: Mark, tries: "_Tries") -> tuple[Verdict, Answer | None]:
        """What became of a save: looked up until the bucket tells, or until it was waited for long enough."""
        while tries.pause():
            found = self._sent(Asked("HEAD", self.place.state))
            if (verdict := lineage.judge(base, mark, found)) is not Verdict.UNKNOWN:
                return verdict, found
        return Verdict.UNKNOWN, None

    def _passed(self, asked: Asked) -> Answer:
        """The bucket's answer; one that is busy, broken or out of reach is asked again."""
        tries = self._tries()
        while True:
            answer = self._sent(asked)
            if answer and answer.status not in _BUSY:
                return answer
            if not tries.pause():
                return _given_up(answer)

    def _sent(self, asked: Asked) -> Answer | None:
        try:
            return self.bucket.ask(asked)
        except UnreachableError:
            return None

    def _tries(self) -> "_Tries":
        return _Tries(self.now() + self.patience, self.now, self.pause)

    def _refused(self) -> Answer:
        return wire.refusal(412, "PreconditionFailed", f"the state was changed under this run: {self.foreign}")


@dataclass
class _Tries:
    """Pauses between tries until a moment is over."""

    until: float
    now: Callable[[], float]
    pause_: Callable[[float], object]
    count: int = 0

    def pause(self) -> bool:
        """Whether there is time for another try, after a pause."""
        seconds = _PAUSES[min(self.count, len(_PAUSES) - 1)]
        self.count += 1
        if self.now() + seconds > self.until:
            return False
        self.pause_(seconds)
        return True


def _given_up(answer: Answer | None) -> Answer:
    """Of a status that the engine's client does not try again: it was tried for long enough."""
    said = f"it said {answer.status}" if answer else "it gave no answer"
    return wire.refusal(507, "StateBucketFails", f"the state bucket was asked for a while: {said}")
