"""Answers the requests of the engines of one run: from memory, from the bucket, or by a conditional write to it.

The memory begins with the lock of a stack and ends with it. Must never answer from memory what this engine has not
written itself, acknowledge a begin that the bucket does not have, nor let a lock go before all is there.
"""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import md5
from typing import Final

from tradai_runner.stateport import grouping, lineage, wire
from tradai_runner.stateport.asked import Asked, Kind, Place
from tradai_runner.stateport.grouping import Begun, Types
from tradai_runner.stateport.hostlock import HostLock
from tradai_runner.stateport.lineage import Base, Mark
from tradai_runner.stateport.parts import Parts
from tradai_runner.stateport.sending import Bucket, Sender
from tradai_runner.stateport.wire import Answer, Item, Object

#: What the engine's own client may have said of its body: it holds for what the bucket is sent, too.
_CHECKSUMS: Final = (
    "x-amz-checksum-crc32",
    "x-amz-checksum-crc32c",
    "x-amz-checksum-sha256",
    "x-amz-checksum-crc64nvme",
)
_KEPT: Final = ("content-type", "cache-control", "x-amz-sdk-checksum-algorithm", *_CHECKSUMS)
_READS: Final = frozenset({"GET", "HEAD"})
#: What a fenced engine is refused; its saves are, too, but what they have is kept.
_FENCED: Final = frozenset({Kind.LOCK, Kind.BACKUP, Kind.UNLOCK})


@dataclass
class Memory:
    """What one engine has seen and done since it took the lock; `base` is None before it knows what it replaces.

    `opened`: it is noted in the bucket that it has begun to write.
    `waiting` is a save that the bucket does not have yet, `begun` what the newest one says to be under way.
    """

    base: Base | None = None
    own: Object | None = None
    beside: tuple[Item, ...] = ()
    waiting: Asked | None = None
    begun: Begun = None
    opened: bool = False

    def learn(self, answer: Answer) -> None:
        """What the first answer about the state says of what a save will replace; later ones change nothing."""
        if self.base is None and answer.done and answer.etag:
            self.base = Base(answer.etag)
        elif self.base is None and answer.status == lineage.NOT_FOUND:
            self.base = Base(None)

    def forget(self) -> None:
        """Something else than a save has changed the state."""
        self.base, self.own, self.begun = None, None, None

    def holds(self, asked: Asked, etag: str, at: float) -> None:
        """This is what the engine has written last."""
        checksums = {name: asked.headers[name] for name in _CHECKSUMS if name in asked.headers}
        self.own = Object(etag, asked.body, at, checksums)


@dataclass
class Port:
    """All requests of one run; `wait_seconds` is for how many seconds it waits for a bucket that fails.

    `types`: as far as these say, ends may wait for the next begin, a moment at most (`lingering` is set while one
    does); without them nothing waits. `foreign` says who else has written the state, once somebody has: nothing is
    acknowledged from then on.
    """

    place: Place
    run_id: str
    bucket: Bucket
    wait_seconds: float
    now: Callable[[], float] = time.time
    pause: Callable[[float], object] = time.sleep
    host: HostLock | None = None
    types: Types | None = None
    foreign: str = ""
    lingering: threading.Event = field(default_factory=threading.Event)
    #: Set once `foreign` says something.
    fenced: threading.Event = field(default_factory=threading.Event)
    _sequence: int = 0
    _confirmed: int = 0
    _memory: Memory | None = None
    _parts: Parts = field(default_factory=Parts)
    #: The newest state that may not be saved, and whether it is kept.
    _aside: bytes = b""
    _is_kept: bool = False
    _turn: threading.RLock = field(default_factory=threading.RLock)

    def __post_init__(self) -> None:
        self._sender = Sender(self.bucket, self.wait_seconds, self.now, self.pause)

    def answer(self, asked: Asked) -> Answer:
        """The answer to one request; never raises for what a bucket may do wrong."""
        kind = self.place.kind(asked)
        if kind is Kind.OTHER and not self.place.rests_on_state(asked):
            return self._sender.passed(asked)
        with self._turn:
            return self._refused() if self.foreign and kind in _FENCED else self._about_the_state(kind, asked)

    @property
    def held(self) -> bool:
        """Whether an engine has begun to write the state, and has not given its lock back."""
        memory = self._memory
        return memory is not None and memory.opened

    def flush(self) -> Answer | None:
        """What waits goes into the bucket; the refusal where it does not, and then it waits on."""
        with self._turn:
            if self.foreign:
                return self._put_aside(self._aside)
            memory = self._memory
            if memory is None or memory.waiting is None:
                self.lingering.clear()
                return None
            answer = self._delivered(memory, memory.waiting)
            return None if answer.done else answer

    def _about_the_state(self, kind: Kind, asked: Asked) -> Answer:
        match kind:
            case Kind.SAVE:
                return self._save(asked)
            case Kind.BACKUP:
                return self._back_up(asked)
            case Kind.PARTS:
                return self._part(asked)
            case Kind.LIST | Kind.LOOK | Kind.READ:
                return self._look(kind, asked)
        if refused := self.flush():
            return refused
        match kind:
            case Kind.LOCK:
                return self._lock(asked)
            case Kind.UNLOCK:
                return self._unlock(asked)
            case _:
                if self._memory and asked.key == self.place.state and asked.method not in _READS:
                    self._memory.forget()
                return self._sender.passed(asked)

    def _lock(self, asked: Asked) -> Answer:
        """What was known before may have been changed by whoever had the lock until now."""
        self._memory = None
        try:
            taken = self.host is None or self.host.take(self.wait_seconds, self.now, self.pause)
        except OSError as error:
            return wire.refusal(507, "NoNotes", f"this machine keeps no notes of writers: {type(error).__name__}")
        if not taken:
            return wire.refusal(409, "OperationAborted", "an earlier run of this machine still saves its last state")
        answer = self._sender.passed(asked)
        if answer.done:
            self._memory = Memory()
        return answer

    def _unlock(self, asked: Asked) -> Answer:
        """All is in the bucket, which says so before anybody else may come."""
        memory = self._memory
        if memory and memory.opened:
            closed = self._sender.passed(Asked("DELETE", self.place.opened(self.run_id)))
            if not closed.done:
                return closed
        answer = self._sender.passed(asked)
        if answer.done:
            self._memory = None
            if self.host:
                self.host.give_back()
        return answer

    def _look(self, kind: Kind, asked: Asked) -> Answer:
        memory = self._memory
        if memory and memory.own:
            return self._from_memory(kind, asked, memory, memory.own)
        answer = self._sender.passed(asked)
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
        return self._sender.passed(asked)

    def _save(self, asked: Asked) -> Answer:
        memory = self._memory
        if self.foreign:
            return self._put_aside(asked.body)
        if memory is None:  # an engine that holds no lock writes as it always did
            return self._sender.passed(asked)
        if memory.own is None and (refused := self._begins(memory)):
            return refused
        types = self.types
        begun = grouping.begun(asked.body) if types else None
        waits = types and memory.own and not grouping.has_to_be_there(memory.begun, begun, types)
        answer = self._taken(memory, asked) if waits else self._delivered(memory, asked)
        if answer.done:
            memory.begun = begun
        return answer

    def _begins(self, memory: Memory) -> Answer | None:
        """Ahead of an engine's first save: what it replaces is known, and that it has begun is noted in the bucket."""
        if memory.base is None:
            memory.learn(found := self._sender.passed(Asked("HEAD", self.place.state)))
            if memory.base is None:
                return found
        note = json.dumps({"since": self.now()}).encode()
        noted = self._sender.passed(Asked("PUT", self.place.opened(self.run_id), "", {}, note))
        memory.opened = memory.opened or noted.done
        return None if noted.done else noted

    def _taken(self, memory: Memory, asked: Asked) -> Answer:
        """It waits for the next begin, or for a moment."""
        etag = f'"{md5(asked.body, usedforsecurity=False).hexdigest()}"'
        memory.waiting = asked
        memory.holds(asked, etag, self.now())
        self.lingering.set()
        return wire.saved(etag)

    def _delivered(self, memory: Memory, asked: Asked) -> Answer:
        """It is in the bucket, and with it what waited; or refused, and kept beside where somebody else has written.

        What the bucket did not take comes before the lock goes, though its engine gives it up: a first save has begun
        nothing.
        """
        assert memory.base  # noqa: S101 - known since the first save
        self._sequence += 1
        kept = {name: asked.headers[name] for name in _KEPT if name in asked.headers}
        mark = Mark(self.run_id, self._sequence, self._confirmed)
        written = self._sender.write(self.place.state, kept, asked.body, memory.base, mark)
        self.types = self.types if written.conditional else None
        answer = written.answer
        if answer.done and answer.etag:
            memory.base = Base(answer.etag)
            memory.waiting = None
            self._confirmed = self._sequence
            memory.holds(asked, answer.etag, self.now())
            self.lingering.clear()
        elif written.foreign:
            self.foreign = written.foreign
            self.fenced.set()
            return self._put_aside(asked.body)
        elif memory.own:
            memory.waiting = asked
        return answer

    def _put_aside(self, body: bytes) -> Answer:
        """The refusal, once the newest state of a fenced engine is kept; tried again wherever the bucket failed."""
        self._is_kept = self._is_kept and body == self._aside
        self._aside = body
        if not self._is_kept:
            self._is_kept = self._sender.passed(Asked("PUT", self.place.unsaved(self.run_id), "", {}, body)).done
        return self._refused()

    def _part(self, asked: Asked) -> Answer:
        """A large state comes in parts: it is one save once all of them are there."""
        whole = self._parts.take(asked)
        if isinstance(whole, Answer):
            return whole
        answer = self._save(whole)
        return wire.completed(whole.key, answer.etag) if answer.done and answer.etag else answer

    def _refused(self) -> Answer:
        return wire.refusal(412, "PreconditionFailed", f"the state was changed under this run: {self.foreign}")
