"""The places for runs that all environments of one operator share: who has one, who waits, and who is told.

Each loop says in its turn what runs and what it would start; what has no place yet becomes a note. Places are in memory
alone: a leader reads them off the statuses before anything begins. Must never start or stop a run.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import count
from typing import Any, Final

from tradai_iac.blueprint import Blueprint
from tradai_iac.blueprints import BLUEPRINTS
from tradai_operator.decide.decision import Decision, StartDestroy, StartDriftCheck, StartPlan, StartRun, StartUpdate
from tradai_operator.model import Environment, EnvironmentStatus
from tradai_operator.schedule.queue import Taken, Ticket, admit, line
from tradai_operator.status.drift import looks
from tradai_operator.status.phases import LayerNote, Phase

#: MiB that one run takes at its peak where its blueprint says nothing: runner, engine and provider together (measured).
DEFAULT_WEIGHT: Final = 525
_QUEUED: Final = "waits for a free place"

_Group = tuple[str, ...]
_Key = tuple[str, _Group]


@dataclass
class _Waiter:
    """Who waits, and which place in the line its status tells (0: none yet)."""

    ticket: Ticket
    wake: Callable[[], None]
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
        """Whatever runs already has its place, before anybody else gets one; `bodies` by uid."""
        self._taken.clear()
        self._waiters.clear()
        self._since.clear()
        for uid, body in bodies.items():
            blueprint = BLUEPRINTS.get((body.get("spec") or {}).get("blueprint") or "")
            status = body.get("status") or {}
            for layer in [*(status.get("layers") or ()), *((status.get("drift") or {}).get("layers") or ())]:
                if layer.get("run"):  # unparsed: a thousand statuses are parsed soon enough, each by its own loop
                    name = layer["name"]
                    self._taken[uid, name] = Taken(uid, name, weight_of(blueprint, name))

    def gone(self, uid: str) -> None:
        """The environment is no more, or is not ours to run."""
        self._keep(uid, frozenset(), ())
        self._call("")

    def settle(
        self, env: Environment, status: EnvironmentStatus, decision: Decision, now: float, wake: Callable[[], None]
    ) -> Decision:
        """The decision as far as there are places; `wake` is called when there is one for what waits."""
        groups = _groups(status, decision)
        live = frozenset(layer.name for layer in status.layers if layer.run) | {look.name for look in looks(status)}
        self._keep(env.uid, live.union(*groups), groups)
        for group in groups:
            self._want(env, group, now, wake)
        self._call(env.uid)
        for group in groups:
            if (env.uid, group) not in self._waiters and (env.uid, group) in self._since:
                self._waited(now - self._since.pop((env.uid, group)))
        return _held_back(decision, status, self._notes(env.uid))

    def _keep(self, uid: str, layers: frozenset[str], groups: tuple[_Group, ...]) -> None:
        """Gives back what an environment has no use for any more."""
        for place in [place for place in self._taken if place[0] == uid and place[1] not in layers]:
            del self._taken[place]
            self._moved = True
        for key in [key for key in self._since if key[0] == uid and key[1] not in groups]:
            del self._since[key]
            self._moved |= self._waiters.pop(key, None) is not None

    def _want(self, env: Environment, group: _Group, now: float, wake: Callable[[], None]) -> None:
        """A place for each that has none; whoever waits already keeps their place in the line."""
        key = (env.uid, group)
        if key in self._waiters or all((env.uid, name) in self._taken for name in group):
            return
        weight = sum(weight_of(env.spec.declaration, name) for name in group)
        self._waiters[key] = _Waiter(Ticket(env.uid, group, weight, next(self._numbers)), wake)
        self._since[key] = now
        self._moved = True

    def _call(self, asks: str) -> None:
        """Gives places to those whose turn it is; all but the environment that asks are woken to take them."""
        if not self._moved or not self._waiters:
            return
        self._moved = False
        tickets = [waiter.ticket for waiter in self._waiters.values()]
        for ticket in tickets if self.budget is None else admit(tickets, tuple(self._taken.values()), self.budget):
            waiter = self._waiters.pop((ticket.environment, ticket.layers))
            for name in ticket.layers:
                place = Taken(ticket.environment, name, ticket.weight // len(ticket.layers))
                self._taken[ticket.environment, name] = place
            if ticket.environment != asks:
                waiter.wake()
        self._tell(asks)

    def _tell(self, asks: str) -> None:
        """Notes who is how far in the line; told anew each time it has halved, so that waiting costs few writes."""
        queue = line((waiter.ticket for waiter in self._waiters.values()), self._taken.values())
        for position, ticket in enumerate(queue, start=1):
            waiter = self._waiters[ticket.environment, ticket.layers]
            if waiter.told and position > waiter.told // 2:
                continue
            waiter.told, waiter.text = position, f"{_QUEUED}: {_ordinal(position)} of {len(queue)}"
            if ticket.environment != asks:
                waiter.wake()

    def _notes(self, uid: str) -> dict[str, str]:
        """Layer → why it waits."""
        return {name: waiter.text for (owner, group), waiter in self._waiters.items() if owner == uid for name in group}


def _groups(status: EnvironmentStatus, decision: Decision) -> tuple[_Group, ...]:
    """The layers that would start; what an approval permits as one begins as one, so that none asks for it again."""
    starts = [action for action in decision.actions if isinstance(action, StartRun)]
    together = tuple(start.layer for start in starts if _is_bound(start) and _spends(status, decision))
    alone = tuple((start.layer,) for start in starts if start.layer not in together)
    return (together, *alone) if together else alone


def _spends(status: EnvironmentStatus, decision: Decision) -> bool:
    """Whether the decision uses an approval up."""
    before = status.plan.used_digest if status.plan else ""
    return decision.plan is not None and decision.plan.used_digest != before


def _held_back(decision: Decision, status: EnvironmentStatus, held: Mapping[str, str]) -> Decision:
    """The decision without the starts of the layers in `held`, which maps each to why it waits.

    Such a layer is Pending: what it is tried again for is thereby not forgotten, nor is an approval used up. A look
    that nothing waits for says nothing of its layer.
    """
    if not held:
        return decision
    back = [action for action in decision.actions if isinstance(action, StartRun) and action.layer in held]
    actions = tuple(action for action in decision.actions if action not in back)
    beside = {start.layer for start in back if _is_beside(start)}
    notes = {**decision.notes, **{name: LayerNote("Pending", held[name]) for name in held if name not in beside}}
    unspent = _spends(status, decision) and any(map(_is_bound, back))
    decision = replace(
        decision,
        actions=actions,
        notes=notes,
        plan=status.plan if unspent else decision.plan,
        granted=() if unspent else decision.granted,
        retry_seen=""
        if any(start.operation == "preview" and start.layer not in beside for start in back)
        else decision.retry_seen,
    )
    idle = not any(isinstance(action, StartRun) for action in actions) and not any(x.run for x in status.layers)
    if idle and decision.phase is Phase.BUILDING:
        return replace(decision, reason="Queued", message=f"{_QUEUED}: other runs take the memory that there is")
    return decision


def _is_bound(start: StartRun) -> bool:
    """Whether it does what was planned, and nothing else."""
    return isinstance(start, StartUpdate | StartDestroy) and start.plan is not None


def _is_beside(start: StartRun) -> bool:
    """Whether nothing of the layer waits for it."""
    return isinstance(start, StartDriftCheck) or (isinstance(start, StartPlan) and start.aside)


def weight_of(blueprint: Blueprint | None, layer: str) -> int:
    """MiB that a run of the layer is reckoned to take, also where nobody knows its blueprint any more."""
    if blueprint is None or layer not in blueprint.layer_names:
        return DEFAULT_WEIGHT
    return blueprint.layer(layer).weight or DEFAULT_WEIGHT


def _ordinal(number: int) -> str:
    teens = number % 100 in {11, 12, 13}
    return f"{number}{'th' if teens else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"
