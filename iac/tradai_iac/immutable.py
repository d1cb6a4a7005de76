"""What never changes after the first deployment (002 "Immutable Values"; DESIGN §5), and how a change is told.

A row a property, which a blueprint declares: what the state recorded is held against what the program registers. Pure.
Must never forgive a change by itself: only a migration that somebody named permits it.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, Protocol

from tradai_iac.base import Frozen


class Immutable(Frozen):
    """One property of one type, in the state's spelling; an empty one stands for the resource itself.

    `migration` names the kind of change, `why` says what it would cost.
    """

    type: str
    property: str
    migration: str
    why: str


class Change(Frozen):
    """One change to what never changes; `new` is None where the resource is no longer declared."""

    name: str
    rule: Immutable
    old: Any
    new: Any

    @property
    def migration(self) -> str:
        """The name that permits just this change, `table-key:deployments` for instance."""
        return f"{self.rule.migration}:{self.name}"

    def __str__(self) -> str:
        kind = self.rule.type.rpartition(":")[2]
        if not self.rule.property:
            return f"{kind} {self.name} ({self.old}) is no longer declared; {self.rule.why} ({self.migration})"
        changed = f"{self.rule.property} would change from {self.old!r} to {self.new!r}"
        return f"{kind} {self.name}: {changed}; {self.rule.why} ({self.migration})"


class Known(Protocol):
    """A resource as the state has it."""

    @property
    def type(self) -> str:
        """Its type token."""

    @property
    def name(self) -> str:
        """Its Pulumi name."""

    @property
    def id(self) -> str:
        """Its id in AWS."""

    @property
    def inputs(self) -> Mapping[str, Any]:
        """Its inputs in camelCase."""

    @property
    def retained(self) -> bool:
        """Whether it outlives its deletion."""


def rows(type_: str, migration: str, why: str, *properties: str) -> tuple[Immutable, ...]:
    """A row a property of one type; without any, the row that the resource must stay declared at all."""
    return tuple(Immutable(type=type_, property=name, migration=migration, why=why) for name in properties or ("",))


_LEFT_BEHIND: Final = "what stands there would be deleted or left behind, and made anew without its data"

#: Where a stack stands at all: held against its state and its owner marker instead of its registrations.
PLACE: Final = tuple(
    Immutable(type="place", property=name, migration=name, why=_LEFT_BEHIND)
    for name in ("account", "region", "blueprint")
)

Registered = Mapping[tuple[str, str], Mapping[str, Any]]


def changes(
    rules: Sequence[Immutable], recorded: Sequence[Known], registered: Registered, permitted: Collection[str]
) -> tuple[Change, ...]:
    """What `registered` (type and name → inputs in camelCase) would change of `recorded`, save what is permitted."""
    found = [change for known in recorded for change in _of(rules, known, registered)]
    return tuple(change for change in found if change.migration not in permitted)


def _of(rules: Sequence[Immutable], known: Known, registered: Registered) -> list[Change]:
    now = registered.get((known.type, known.name))
    ours = [rule for rule in rules if rule.type == known.type]
    if now is None:
        lasting = [rule for rule in ours if not rule.property and not known.retained]
        return [Change(name=known.name, rule=rule, old=known.id, new=None) for rule in lasting]
    return [
        Change(name=known.name, rule=rule, old=known.inputs.get(rule.property), new=now.get(rule.property))
        for rule in ours
        if rule.property and known.inputs.get(rule.property) != now.get(rule.property)
    ]
