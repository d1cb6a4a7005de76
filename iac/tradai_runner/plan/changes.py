"""What a preview found that an update would do, resource by resource, and the digest that an approval binds to.

Pure: the engine's events in, a plan out. The engine has masked what it knows to be secret before an event is seen here,
and the run's mask takes out what else it was given. Must never
depend on the order in which resources are visited, nor on when the preview ran: equal changes that bind the engine to
the same have equal digests.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, Literal

from pydantic import ConfigDict, ValidationError

from tradai_iac.base import Value
from tradai_iac.blueprint import Blueprint
from tradai_runner.contract import DESTRUCTIVE_SHOWN, PlanSummary
from tradai_runner.journal.mask import Mask
from tradai_runner.plan.differences import ABSENT, differences, known, text
from tradai_runner.plan.providers import PROVIDER, Providers
from tradai_runner.plan.safeguards import Lowered, lowered
from tradai_runner.state.checkpoint import NO_CLOUD

PlannedOperation = Literal["create", "update", "replace", "delete"]

#: Engine operation → ours. The steps that a replacement consists of tell nothing beyond `replace`.
_OPERATIONS: Final[Mapping[str, PlannedOperation]] = {
    "create": "create",
    "import": "create",
    "update": "update",
    "replace": "replace",
    "delete": "delete",
}


class Kept(Value):
    """What lies in the state bucket: another version may have written more than this one knows."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class PropertyChange(Kept):
    """One property: values as JSON text, None where it is absent; a secret is `"[secret]"` on both sides."""

    path: str
    old: str | None = None
    new: str | None = None
    replaces: bool = False


class ResourceChange(Kept):
    """One resource that a run would touch; `destroys` says whether something of it would be lost, now or later.

    Later is by what it `lowers`: it keeps data for less long than before, or less safely.

    Of a deletion alone: `id` is AWS's, `confirm` the name by which a person lets its data go, `leaves` what AWS keeps
    of it, `protected` whether something refuses its deletion that has to be taken away first.
    """

    urn: str
    type: str
    operation: PlannedOperation
    id: str = ""
    properties: tuple[PropertyChange, ...] = ()
    bears_data: bool = False
    destroys: bool = False
    confirm: str = ""
    leaves: str = ""
    protected: bool = False
    lowers: tuple[Lowered, ...] = ()

    @property
    def content(self) -> dict[str, Any]:
        """What an approval binds to; what an older version did not know is left out where it says nothing."""
        return self.model_dump(exclude=None if self.lowers else {"lowers"})

    @property
    def name(self) -> str:
        """`aws:ecr/repository:Repository momentum`, for people."""
        return f"{self.type} {self.urn.rpartition('::')[2]}"


class Plan(Kept):
    """Everything that a run of one layer would do to what the state of that version holds.

    `binds` names the content of what holds the engine to it; empty where the engine takes no plan, as for a destroy.
    """

    run_id: str
    layer: str
    environment: str
    state_version: str
    binds: str = ""
    changes: tuple[ResourceChange, ...] = ()

    @property
    def digest(self) -> str:
        """`sha256:<hex>` over the changes, the state's version and what binds the engine."""
        bound = {"binds": self.binds} if self.binds else {}
        content = {"state": self.state_version, "changes": [change.content for change in self.changes], **bound}
        return hashed(json.dumps(content, sort_keys=True).encode())

    @property
    def destructive(self) -> tuple[ResourceChange, ...]:
        """The changes that destroy something, those to data first."""
        found = [change for change in self.changes if change.destroys]
        return tuple(sorted(found, key=lambda change: (not change.bears_data, change.urn)))

    def summary(self) -> PlanSummary:
        """Counts and the first of what is destroyed."""
        operations = [change.operation for change in self.changes]
        destructive = self.destructive
        return PlanSummary(
            digest=self.digest,
            create=operations.count("create"),
            update=operations.count("update"),
            replace=operations.count("replace"),
            delete=operations.count("delete"),
            destructive=tuple(map(sentence, destructive[:DESTRUCTIVE_SHOWN])),
            destructive_total=len(destructive),
            data=tuple(change.confirm for change in destructive if change.confirm)[:DESTRUCTIVE_SHOWN],
        )


def hashed(body: bytes) -> str:
    """`sha256:<hex>`, which stands for just these bytes."""
    return "sha256:" + hashlib.sha256(body).hexdigest()


def opened(body: bytes) -> Plan | None:
    """The plan that was kept as these bytes, None where they are none."""
    try:
        return Plan.model_validate_json(body)
    except ValidationError:
        return None


def sentence(change: ResourceChange) -> str:
    """`replaces aws:dynamodb/table:Table deployments with its data, since hashKey changes`."""
    if change.lowers:
        return "; ".join(found.of(change.name) for found in change.lowers)
    data = " with its data" if change.bears_data else ""
    forcing = [_told(found) for found in change.properties if found.replaces]
    why = f", since {', '.join(forcing[:3])}" if change.operation == "replace" and forcing else ""
    kept = f", leaving {change.leaves}" if change.leaves else ""
    return f"{change.operation}s {change.name}{data}{why}{kept}"


def _told(found: PropertyChange) -> str:
    """`hashKey changes`; of the region, from where to where: that is what such a replacement is about."""
    if found.path == "region" and found.old and found.new:
        return f"region changes from {json.loads(found.old)} to {json.loads(found.new)}"
    return f"{found.path} changes"


class Planner:
    """Collects the engine's events of one preview; `mask` goes over all values."""

    def __init__(self, blueprint: Blueprint, mask: Mask = str) -> None:
        self._blueprint = blueprint
        self._mask = mask
        self._steps: dict[tuple[str, PlannedOperation], Any] = {}
        self._providers = Providers()

    def observe(self, event: Any) -> None:
        """Takes one engine event (pulumi.automation.events.EngineEvent)."""
        if not event.resource_pre_event:
            return
        step = event.resource_pre_event.metadata
        self._providers.note(step)
        operation = _OPERATIONS.get(step.op.value)
        if operation and not step.type.startswith(NO_CLOUD):
            self._steps[step.urn, operation] = step

    def changes(self) -> tuple[ResourceChange, ...]:
        """All that was seen, by URN."""
        made = frozenset(
            (step.type, value)
            for (_, operation), step in self._steps.items()
            if operation == "create" and step.new
            for value in (step.new.inputs or {}).values()
            if isinstance(value, str)
        )
        return tuple(self._change(self._steps[key], key[1], made) for key in sorted(self._steps))

    def _change(self, step: Any, operation: PlannedOperation, made: frozenset[tuple[str, str]]) -> ResourceChange:
        lost = operation in {"replace", "delete"} and not (step.old and step.old.retain_on_delete)
        revision = operation == "replace" and step.type in self._blueprint.revisions
        old, new = (known(dict(side.inputs or {}) if side else {}) for side in (step.old, step.new))
        lowers = lowered(self._blueprint.safeguards, step.type, operation, old, new, made)
        return ResourceChange(
            urn=step.urn,
            type=step.type,
            operation=operation,
            properties=tuple(_properties(step, self._providers, self._mask)),
            bears_data=step.type in self._blueprint.data_bearing,
            destroys=(lost and not revision) or bool(lowers),
            lowers=lowers,
        )


def _properties(step: Any, providers: Providers, mask: Mask) -> Iterator[PropertyChange]:
    """What differs between the inputs, and what the provider names as changed beyond that (a secret, for instance)."""
    old, new = (dict(side.inputs or {}) if side else {} for side in (step.old, step.new))
    forcing = {_top(key) for key in step.keys or ()}
    named: set[str] = set()
    for path, was, will in differences(old, new):
        named.add(_top(path))
        yield PropertyChange(path=path, old=text(was, mask), new=text(will, mask), replaces=_top(path) in forcing)
    for name in sorted(_changed_names(step) - named):
        pairs = [(name, old.get(name, ABSENT), new.get(name, ABSENT))]
        for path, was, will in (providers.changes(step) if name == PROVIDER else []) or pairs:
            yield PropertyChange(path=path, old=text(was, mask), new=text(will, mask), replaces=name in forcing)


def _changed_names(step: Any) -> set[str]:
    return {_top(path) for path in (*(step.diffs or ()), *(step.detailed_diff or {}), *(step.keys or ()))}


def _top(path: str) -> str:
    return path.partition(".")[0].partition("[")[0]


def in_order(changes: Iterable[ResourceChange]) -> list[ResourceChange]:
    """As people want to read them: what is lost first, then what is replaced, updated, deleted, created."""
    rank = {"replace": 0, "update": 1, "delete": 2, "create": 3}
    return sorted(
        changes, key=lambda found: (not found.destroys, not found.bears_data, rank[found.operation], found.urn)
    )
