"""The places for runs that all environments of one operator share: who has one, who waits, and who is told.

Each loop says in its turn what runs and what it would start, and hears of each whether it may. Places are in memory
alone: a leader reads them and the line off the statuses before anything begins, and whoever stood there before keeps
their turn until they have been asked. Must never start or stop a run, nor see a decision.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any, Final

from tradai_iac.blueprint import Blueprint
from tradai_iac.blueprints import BLUEPRINTS
from tradai_operator.schedule.queue import Taken, Ticket, admit, line

#: MiB that one run takes at its peak where its blueprint says nothing: runner, engine and provider together (measured).
DEFAULT_WEIGHT: Final = 525

_Group = tuple[str, ...]
_Key = tuple[str, _Group]


@dataclass(frozen=True)
class Wants:
    """What one environment (its uid) has: layers with a run that goes on, and groups that would begin as one each.

    `queued` says of layers since when they wait, seconds since the epoch, where they did so before.
    """

    environment: str
    blueprint: Blueprint | None = None
    live: frozenset[str] = frozenset()
    groups: tuple[_Group, ...] = ()
    queued: Mapping[str, float] = field(default_factory=dict)


@dataclass
class _Waiter:
    """Who waits, and which place in the line its status tells (0: none yet); `wake` is None before it has asked."""

    ticket: Ticket
    wake: Callable[[], None] | None
    told: int = 0
    text: str = ""


class Places:
    """The places of one operator; without a `budget` (MiB) nobody waits. `waited` is told how many seconds each did."""

    def __init__(self, budget: int | None = None, waited: Callable[[float], None] = lambda _: None) -> None:
        self.budget = budget
        self._waited = waited
        self._taken: dict[tuple[str, str], Taken] = {}
        self._waiters: dict[_Key, _Waiter] = {}
        self._since: dict[_Key, float] = {}
        self._numbers = count(1)
        self._moved = False

    @property
    def used(self) -> int:
        """MiB that the runs with a place are reckoned to take."""
        return sum(run.weight for run in self._taken.values())

    @property
    def waiting(self) -> int:
        """How many runs wait."""
        return sum(len(waiter.ticket.layers) for waiter in self._waiters.values())

    def begin(self, bodies: Mapping[str, Mapping[str, Any]]) -> None:
        """Whatever runs or waits already has its place, before anybody else gets one; `bodies` by uid."""
        self._taken.clear()
        self._waiters.clear()
        self._since.clear()
        for uid, body in bodies.items():
            blueprint = BLUEPRINTS.get((body.get("spec") or {}).get("blueprint") or "")
            status = body.get("status") or {}
            for layer in [*(status.get("layers") or ()), *((status.get("drift") or {}).get("layers") or ())]:
                # unparsed: a thousand statuses are parsed soon enough, each by its own loop
                name, weight = layer["name"], weight_of(blueprint, layer["name"])
                if layer.get("run"):
                    self._taken[uid, name] = Taken(uid, name, weight)
                elif self.budget is not None and (since := _seconds(layer.get("queuedAt"))):
                    self._join(Ticket(uid, (name,), weight, next(self._numbers), since), None)

    def gone(self, uid: str) -> None:
        """The environment is no more, or is not ours to run."""
        self.account(uid, frozenset())

    def account(self, uid: str, live: frozenset[str]) -> None:
        """The environment has runs of the layers in `live` and wants no more: what else it has a place for has none."""
        self._keep(uid, live, ())
        self._call("")

    def ask(self, wants: Wants, now: float, wake: Callable[[], None]) -> Mapping[str, str]:
        """Of the layers that would start, those that may not yet, each with its place in the line: `3rd of 8`.

        All others have a place, and keep it as long as they run. `wake` is called when there is one for what waits, or
        when its place in the line has become a much better one.
        """
        uid = wants.environment
        self._keep(uid, wants.live.union(*wants.groups), wants.groups)
        for group in wants.groups:
            self._want(wants, group, now, wake)
        self._call(uid)
        for group in wants.groups:
            if (uid, group) not in self._waiters and (uid, group) in self._since:
                self._waited(now - self._since.pop((uid, group)))
        return {name: waiter.text for (owner, group), waiter in self._waiters.items() if owner == uid for name in group}

    def _keep(self, uid: str, layers: frozenset[str], groups: tuple[_Group, ...]) -> None:
        """Gives back what an environment has no use for any more."""
        for place in [place for place in self._taken if place[0] == uid and place[1] not in layers]:
            del self._taken[place]
            self._moved = True
        for key in [key for key in self._since if key[0] == uid and key[1] not in groups]:
            del self._since[key]
            self._moved |= self._waiters.pop(key, None) is not None

    def _want(self, wants: Wants, group: _Group, now: float, wake: Callable[[], None]) -> None:
        """A place for each that has none; whoever waits already keeps their place in the line."""
        uid, key = wants.environment, (wants.environment, group)
        if (waiter := self._waiters.get(key)) is not None:
            self._moved |= waiter.wake is None
            waiter.wake = wake
        elif not all((uid, name) in self._taken for name in group):
            weight = sum(weight_of(wants.blueprint, name) for name in group)
            since = min((wants.queued.get(name, now) for name in group), default=now)
            self._join(Ticket(uid, group, weight, next(self._numbers), min(since, now)), wake)

    def _join(self, ticket: Ticket, wake: Callable[[], None] | None) -> None:
        key = (ticket.environment, ticket.layers)
        self._waiters[key], self._since[key] = _Waiter(ticket, wake), ticket.since
        self._moved = True

    def _call(self, asks: str) -> None:
        """Gives places to those whose turn it is; all but the environment that asks are woken to take them."""
        if not self._moved or not self._waiters:
            return
        self._moved = False
        tickets = [waiter.ticket for waiter in self._waiters.values()]
        for ticket in tickets if self.budget is None else admit(tickets, tuple(self._taken.values()), self.budget):
            if self._waiters[ticket.environment, ticket.layers].wake is None:
                break  # its loop has yet to say whether it wants it still
            waiter = self._waiters.pop((ticket.environment, ticket.layers))
            for name in ticket.layers:
                place = Taken(ticket.environment, name, ticket.weight // len(ticket.layers))
                self._taken[ticket.environment, name] = place
            if ticket.environment != asks and waiter.wake:
                waiter.wake()
        self._tell(asks)

    def _tell(self, asks: str) -> None:
        """Notes who is how far in the line; told anew each time it has halved, so that waiting costs few writes."""
        queue = line((waiter.ticket for waiter in self._waiters.values()), self._taken.values())
        for position, ticket in enumerate(queue, start=1):
            waiter = self._waiters[ticket.environment, ticket.layers]
            if waiter.told and position > waiter.told // 2:
                continue
            waiter.told, waiter.text = position, f"{_ordinal(position)} of {len(queue)}"
            if ticket.environment != asks and waiter.wake:
                waiter.wake()


def _seconds(text: Any) -> float | None:
    """A moment of a status as Kubernetes spells it, None for anything else."""
    try:
        return datetime.fromisoformat(text).timestamp()
    except (TypeError, ValueError):
        return None


def weight_of(blueprint: Blueprint | None, layer: str) -> int:
    """MiB that a run of the layer is reckoned to take, also where nobody knows its blueprint any more."""
    if blueprint is None or layer not in blueprint.layer_names:
        return DEFAULT_WEIGHT
    return blueprint.layer(layer).weight or DEFAULT_WEIGHT


def _ordinal(number: int) -> str:
    teens = number % 100 in {11, 12, 13}
    return f"{number}{'th' if teens else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"
