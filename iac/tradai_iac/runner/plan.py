"""What a preview found that an update would do, resource by resource, and the digest that an approval binds to.

Pure: the engine's events in, a plan out. The engine has masked every secret before an event is seen here. Must never
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
from tradai_iac.runner.checkpoint import NO_CLOUD
from tradai_iac.runner.contract import DESTRUCTIVE_SHOWN, PlanSummary
from tradai_iac.runner.lowering import UNKNOWN, Lowered, lowered

PlannedOperation = Literal["create", "update", "replace", "delete"]

#: Engine operation → ours. The steps that a replacement consists of tell nothing beyond `replace`.
_OPERATIONS: Final[Mapping[str, PlannedOperation]] = {
    "create": "create",
    "import": "create",
    "update": "update",
    "replace": "replace",
    "delete": "delete",
}
#: What the engine writes for a value that only the update will know.
_ENGINE_UNKNOWN: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


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
    forcing = [found.path for found in change.properties if found.replaces]
    why = f", since {', '.join(forcing[:3])} changes" if change.operation == "replace" and forcing else ""
    kept = f", leaving {change.leaves}" if change.leaves else ""
    return f"{change.operation}s {change.name}{data}{why}{kept}"


class Planner:
    """Collects the engine's events of one preview."""

    def __init__(self, blueprint: Blueprint) -> None:
        self._blueprint = blueprint
        self._changes: dict[tuple[str, str], ResourceChange] = {}

    def observe(self, event: Any) -> None:
        """Takes one engine event (pulumi.automation.events.EngineEvent)."""
        if not event.resource_pre_event:
            return
        step = event.resource_pre_event.metadata
        operation = _OPERATIONS.get(step.op.value)
        if operation and not step.type.startswith(NO_CLOUD):
            self._changes[step.urn, operation] = self._change(step, operation)

    def changes(self) -> tuple[ResourceChange, ...]:
        """All that was seen, by URN."""
        return tuple(self._changes[key] for key in sorted(self._changes))

    def _change(self, step: Any, operation: PlannedOperation) -> ResourceChange:
        lost = operation in {"replace", "delete"} and not (step.old and step.old.retain_on_delete)
        revision = operation == "replace" and step.type in self._blueprint.revisions
        old, new = (_known(dict(side.inputs or {}) if side else {}) for side in (step.old, step.new))
        lowers = lowered(self._blueprint.safeguards, step.type, operation, old, new)
        return ResourceChange(
            urn=step.urn,
            type=step.type,
            operation=operation,
            properties=tuple(_properties(step)),
            bears_data=step.type in self._blueprint.data_bearing,
            destroys=(lost and not revision) or bool(lowers),
            lowers=lowers,
        )


def _properties(step: Any) -> Iterator[PropertyChange]:
    """What differs between the inputs, and what the provider names as changed beyond that (a secret, for instance)."""
    old, new = (dict(side.inputs or {}) if side else {} for side in (step.old, step.new))
    forcing = {_top(key) for key in step.keys or ()}
    named: set[str] = set()
    for path, was, will in _differences(old, new):
        named.add(_top(path))
        yield PropertyChange(path=path, old=_text(was), new=_text(will), replaces=_top(path) in forcing)
    for name in sorted(_changed_names(step) - named):
        was, will = old.get(name, _ABSENT), new.get(name, _ABSENT)
        yield PropertyChange(path=name, old=_text(was), new=_text(will), replaces=name in forcing)


_ABSENT: Final = object()


def _changed_names(step: Any) -> set[str]:
    return {_top(path) for path in (*(step.diffs or ()), *(step.detailed_diff or {}), *(step.keys or ()))}


def _top(path: str) -> str:
    return path.partition(".")[0].partition("[")[0]


def _differences(old: Any, new: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """(path, old, new) of every leaf that differs; documents inside a text (policies) are looked into."""
    old, new = _document(old, new), _document(new, old)
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in sorted({*old, *new}):
            inner = f"{path}.{key}" if path else key
            yield from _differences(old.get(key, _ABSENT), new.get(key, _ABSENT), inner)
    elif isinstance(old, list) and isinstance(new, list):
        for index in range(max(len(old), len(new))):
            yield from _differences(_at(old, index), _at(new, index), f"{path}[{index}]")
    elif old != new:
        yield path, old, new


def _at(items: list[Any], index: int) -> Any:
    return items[index] if index < len(items) else _ABSENT


def _document(value: Any, other: Any) -> Any:
    """A JSON document that is compared with another one, opened; any other value as it is."""
    if not (_looks_like_json(value) and _looks_like_json(other)):
        return value
    try:
        json.loads(other)
        return json.loads(value)
    except ValueError:
        return value


def _looks_like_json(value: Any) -> bool:
    return isinstance(value, str) and value[:1] in {"{", "["}


def _text(value: Any) -> str | None:
    return None if value is _ABSENT else json.dumps(_known(value), sort_keys=True, ensure_ascii=False)


def _known(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _known(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_known(item) for item in value]
    return UNKNOWN if value == _ENGINE_UNKNOWN else value


def in_order(changes: Iterable[ResourceChange]) -> list[ResourceChange]:
    """As people want to read them: what is lost first, then what is replaced, updated, deleted, created."""
    rank = {"replace": 0, "update": 1, "delete": 2, "create": 3}
    return sorted(
        changes, key=lambda found: (not found.destroys, not found.bears_data, rank[found.operation], found.urn)
    )
