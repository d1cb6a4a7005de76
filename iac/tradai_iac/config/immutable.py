"""What never changes after the first deployment (002 "Immutable Values"; DESIGN §5), and how a change is told.

A row a property: what the state recorded is held against what the program registers. Pure. Must never forgive a
change by itself: only a migration that somebody named permits it.
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


_VPC: Final = "aws:ec2/vpc:Vpc"
_SUBNET: Final = "aws:ec2/subnet:Subnet"
_TABLE: Final = "aws:dynamodb/table:Table"
_BUCKET: Final = "aws:s3/bucket:Bucket"
_POOL: Final = "aws:cognito/userPool:UserPool"

_NETWORK: Final = "everything in that network would be built anew"
_TABLE_LOSS: Final = "the table would be replaced and its items lost"
_BUCKET_LOSS: Final = "the bucket would be replaced and its objects lost"
_POOL_LOSS: Final = "the user pool would get another id, and its users would be lost"


def _rows(type_: str, migration: str, why: str, *properties: str) -> tuple[Immutable, ...]:
    return tuple(Immutable(type=type_, property=name, migration=migration, why=why) for name in properties)


#: For the user pool, whose id AWS chooses: what makes AWS choose another.
IMMUTABLE: Final = (
    *_rows(_VPC, "vpc-cidr", _NETWORK, "cidrBlock"),
    *_rows(_SUBNET, "subnet-cidr", _NETWORK, "cidrBlock", "availabilityZone"),
    *_rows(_TABLE, "table-key", _TABLE_LOSS, "hashKey", "rangeKey"),
    *_rows(_TABLE, "table-name", _TABLE_LOSS, "name"),
    *_rows(_BUCKET, "bucket-name", _BUCKET_LOSS, "bucket"),
    *_rows(_POOL, "user-pool", _POOL_LOSS, "usernameAttributes", "aliasAttributes", "usernameConfiguration"),
)

#: What must stay declared at all; leaving one out would delete it.
LASTING: Final = (
    *_rows(_VPC, "vpc", "it would be deleted with all in it", ""),
    *_rows(_SUBNET, "subnet", "it would be deleted with all in it", ""),
    *_rows(_TABLE, "table", "it would be deleted with its items", ""),
    *_rows(_BUCKET, "bucket", "it would be deleted with its objects", ""),
    *_rows(_POOL, "user-pool", "it would be deleted with its users", ""),
)

_LEFT_BEHIND: Final = "what stands there would be deleted or left behind, and made anew without its data"

#: Where a stack stands at all: held against its state and its owner marker instead of its registrations.
PLACE: Final = tuple(
    Immutable(type="place", property=name, migration=name, why=_LEFT_BEHIND)
    for name in ("account", "region", "blueprint")
)

Registered = Mapping[tuple[str, str], Mapping[str, Any]]


def changes(recorded: Sequence[Known], registered: Registered, permitted: Collection[str]) -> tuple[Change, ...]:
    """What `registered` (type and name → inputs in camelCase) would change of `recorded`, save what is permitted."""
    found = [change for known in recorded for change in _of(known, registered)]
    return tuple(change for change in found if change.migration not in permitted)


def _of(known: Known, registered: Registered) -> list[Change]:
    now = registered.get((known.type, known.name))
    if now is None:
        rules = [rule for rule in LASTING if rule.type == known.type and not known.retained]
        return [Change(name=known.name, rule=rule, old=known.id, new=None) for rule in rules]
    return [
        Change(name=known.name, rule=rule, old=known.inputs.get(rule.property), new=now.get(rule.property))
        for rule in IMMUTABLE
        if rule.type == known.type and known.inputs.get(rule.property) != now.get(rule.property)
    ]
