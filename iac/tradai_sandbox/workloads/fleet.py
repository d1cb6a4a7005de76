"""All warm processes of functions: which one takes an event, when another one starts, when the idle ones end.

The bounds are those of `bounds`. Must never end a process that works, nor keep one whose function has changed.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from tradai_sandbox.workloads.bounds import Bounds
from tradai_sandbox.workloads.instance import Instance, Start


class ThrottledError(Exception):
    """No process was free, and there was no place for another one."""


@dataclass(frozen=True)
class Kind:
    """Which processes are alike: those of one function (`arn`) as it was deployed once (`version`)."""

    arn: str
    version: str


@dataclass
class _Place:
    """One process and whether it works; `instance` is None while it starts."""

    kind: Kind
    instance: Instance | None = None
    busy: bool = True
    since: float = field(default_factory=time.monotonic)

    @property
    def gone(self) -> bool:
        return self.instance is not None and self.instance.ended


class Fleet:
    """The processes of one endpoint."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._places: list[_Place] = []
        self._changed = threading.Condition()
        self._watching = False

    def take(self, kind: Kind, start: Callable[[], Start], most: int | None = None) -> "Taken":
        """A process of that kind, warm or new, at most `most` at once; raises ThrottledError and what `start` does."""
        place = self._place(kind, min(most or self._bounds.instances, self._bounds.instances))
        if place.instance is None:
            try:
                place.instance = Instance(start(), self._bounds.init_s)
            except BaseException:
                self._leave(place)
                raise
        return Taken(place.instance, lambda: self._leave(place))

    def forget(self, arn: str) -> None:
        """The function has changed or gone: what is idle ends now, what works does when it is done."""
        with self._changed:
            for place in self._places:
                if place.kind.arn == arn:
                    place.kind = Kind(arn, "")
            self._end_idle(lambda place: place.kind == Kind(arn, ""))

    def close(self) -> None:
        """Ends every process."""
        with self._changed:
            for place in self._places:
                if place.instance:
                    place.instance.end()
            self._places.clear()

    def running(self) -> int:
        """How many processes there are."""
        with self._changed:
            return len(self._alive())

    def _place(self, kind: Kind, most: int) -> _Place:
        with self._changed:
            found: list[_Place] = []
            if not self._changed.wait_for(lambda: self._found(kind, most, found), self._bounds.wait_s):
                raise ThrottledError
            self._watch()
            return found[0]

    def _found(self, kind: Kind, most: int, found: list[_Place]) -> bool:
        """Whether there is one to take: an idle one, else a new one where there is room."""
        self._end_idle(lambda place: place.kind.arn == kind.arn and place.kind != kind)
        alive = self._alive()
        ours = [place for place in alive if place.kind.arn == kind.arn]
        idle = next((place for place in ours if not place.busy), None)
        if idle:
            idle.busy = True
            found.append(idle)
        elif len(ours) < most and self._make_room():
            found.append(_Place(kind))
            self._places.append(found[0])
        return bool(found)

    def _make_room(self) -> bool:
        """Ends the idlest until another one fits."""
        while self._is_full():
            idle = sorted((place for place in self._alive() if not place.busy), key=lambda place: place.since)
            if not idle:
                return False
            self._end(idle[0])
        return True

    def _is_full(self) -> bool:
        alive = self._alive()
        resident = sum(place.instance.resident_mib() for place in alive if place.instance)
        return len(alive) >= self._bounds.processes or resident >= self._bounds.resident_mib

    def _leave(self, place: _Place) -> None:
        """It is free for the next one, or over."""
        with self._changed:
            place.busy, place.since = False, time.monotonic()
            if place.instance is None or place.instance.ended:
                self._places = [each for each in self._places if each is not place]
            elif not place.kind.version:
                self._end(place)
            self._changed.notify_all()

    def _alive(self) -> list[_Place]:
        self._places = [place for place in self._places if not place.gone or place.busy]
        return self._places

    def _end_idle(self, which: Callable[[_Place], bool]) -> None:
        for place in [each for each in self._places if not each.busy and which(each)]:
            self._end(place)

    def _end(self, place: _Place) -> None:
        self._places = [each for each in self._places if each is not place]
        if place.instance:
            place.instance.end()

    def _watch(self) -> None:
        if not self._watching:
            self._watching = True
            threading.Thread(target=self._look, name="fleet", daemon=True).start()

    def _look(self) -> None:
        """While there are processes: ends those with too much memory, and those that have been idle for long."""
        while True:
            with self._changed:
                self._end_idle(lambda place: place.since < time.monotonic() - self._bounds.idle_s)
                alive = list(self._alive())
                if not alive:
                    self._watching = False
                    return
                self._changed.wait(self._bounds.look_s if any(place.busy for place in alive) else _SLOWLY)
            for place in alive:
                if place.busy and place.instance:
                    place.instance.look()


#: How often is looked for idle ones while nothing works.
_SLOWLY: Final = 1.0


@dataclass(frozen=True)
class Taken:
    """A process for one event; `leave` it afterwards."""

    instance: Instance
    leave: Callable[[], None]
