"""The report of one look: resource by resource, what was expected and what was found.

Pure: the engine's events in, a report out. A preview says what an update would do; the same read backwards is what
drifted. What only follows from something missing (its id is unknown until it is made again) is no drift of its own.
Must never show a value of which one side is secret.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, Literal

from tradai_iac.base import Frozen
from tradai_iac.blueprint import Blueprint
from tradai_runner.contract.drift import DRIFT_SHOWN, DriftSummary, IgnoreRule
from tradai_runner.drift.globs import matches
from tradai_runner.journal.mask import Mask
from tradai_runner.plan.changes import Planner, PropertyChange, ResourceChange
from tradai_runner.plan.safeguards import UNKNOWN
from tradai_runner.state.checkpoint import SECRET

Kind = Literal["missing", "unexpected", "changed"]

_KINDS: Final[dict[str, Kind]] = {
    "create": "missing",
    "delete": "unexpected",
    "update": "changed",
    "replace": "changed",
}
_ORDER: Final = ("missing", "unexpected", "changed")
_UNKNOWN_TEXT: Final = json.dumps(UNKNOWN)
_SECRET_TEXT: Final = json.dumps(SECRET)
_VALUE: Final = 60
#: A path covers itself and what lies below it; brackets are part of property paths.
_BELOW: Final = ("", ".*", "[*")


class PropertyDrift(Frozen):
    """One property: values as JSON text, None where it is absent; `ignored` is the reason of a rule that covers it."""

    path: str
    expected: str | None = None
    found: str | None = None
    ignored: str | None = None


class ResourceDrift(Frozen):
    """One resource that is not as declared.

    Of a missing one `in_state` says whether the state had it, so that it is gone from AWS alone. `replaces` says
    whether putting it back replaces it; `ignored` is the reason of a rule that covers it as a whole.
    """

    urn: str
    type: str
    kind: Kind
    properties: tuple[PropertyDrift, ...] = ()
    in_state: bool = True
    replaces: bool = False
    ignored: str | None = None

    @property
    def name(self) -> str:
        """`aws:ecr/repository:Repository momentum`, for people."""
        return f"{self.type} {self.urn.rpartition('::')[2]}"

    @property
    def counts(self) -> bool:
        """Whether it is drift, which is not where rules ignore all of it."""
        return not self.ignored and (self.kind != "changed" or any(not found.ignored for found in self.properties))


class DriftReport(Frozen):
    """Everything that one look at a layer found; `checked_at` in seconds since the epoch."""

    run_id: str
    layer: str
    environment: str
    stack: str
    checked_at: float
    resources: tuple[ResourceDrift, ...] = ()

    def summary(self) -> DriftSummary:
        """Counts and the first sentences."""
        drifted = [found for found in self.resources if found.counts]
        kinds = [found.kind for found in drifted]
        content = [[found.urn, found.kind, [p.path for p in found.properties if not p.ignored]] for found in drifted]
        return DriftSummary(
            digest="sha256:" + hashlib.sha256(json.dumps(content).encode()).hexdigest(),
            changed=kinds.count("changed"),
            missing=kinds.count("missing"),
            unexpected=kinds.count("unexpected"),
            ignored=len(self.resources) - len(drifted),
            first=tuple(map(sentence, drifted[:DRIFT_SHOWN])),
        )


def sentence(found: ResourceDrift) -> str:
    """`aws:sqs/queue:Queue jobs: tags.Owner is "me", not "platform-team"`."""
    if found.kind == "missing":
        return f"{found.name} {'is gone from AWS' if found.in_state else 'is not in the state'}"
    if found.kind == "unexpected":
        return f"{found.name} exists, though nothing declares it"
    told = [_told(item) for item in found.properties if not item.ignored]
    more = f" and {len(told) - 2} more" if len(told) > 2 else ""
    return f"{found.name}: {'; '.join(told[:2])}{more}"


def _told(found: PropertyDrift) -> str:
    if found.expected == found.found:
        return f"{found.path} differs"
    if found.found is None:
        return f"{found.path} is absent, not {_short(found.expected)}"
    if found.expected is None:
        return f"{found.path} is {_short(found.found)}, not absent"
    return f"{found.path} is {_short(found.found)}, not {_short(found.expected)}"


def _short(text: str | None) -> str:
    return text if text is None or len(text) <= _VALUE else f"{text[:_VALUE]}…"  # type: ignore[return-value]


class Looker:
    """Collects the engine's events of one look; `mask` goes over all values."""

    def __init__(self, blueprint: Blueprint, rules: Sequence[IgnoreRule], mask: Mask = str) -> None:
        self._planner = Planner(blueprint, mask)
        self._rules = tuple(rules)
        self._known: set[str] = set()

    def observe(self, event: Any) -> None:
        """Takes one engine event (pulumi.automation.events.EngineEvent)."""
        if is_reading(event):
            self._known.add(_step(event).urn)
        else:
            self._planner.observe(event)

    def resources(self) -> tuple[ResourceDrift, ...]:
        """All that is not as declared, what is missing first."""
        found = list(self._found(self._planner.changes()))
        return tuple(sorted(found, key=lambda item: (_ORDER.index(item.kind), item.urn)))

    def _found(self, changes: Iterable[ResourceChange]) -> Iterator[ResourceDrift]:
        for change in changes:
            kind = _KINDS[change.operation]
            properties = tuple(self._properties(change)) if kind == "changed" else ()
            if kind == "changed" and not properties:
                continue
            yield ResourceDrift(
                urn=change.urn,
                type=change.type,
                kind=kind,
                properties=properties,
                in_state=change.urn in self._known,
                replaces=change.operation == "replace",
                ignored=self._reason(change, None),
            )

    def _properties(self, change: ResourceChange) -> Iterator[PropertyDrift]:
        for item in change.properties:
            if item.new is None or _UNKNOWN_TEXT not in item.new:
                expected, found = _masked(item)
                yield PropertyDrift(
                    path=item.path, expected=expected, found=found, ignored=self._reason(change, item.path)
                )

    def _reason(self, change: ResourceChange, path: str | None) -> str | None:
        return next((rule.reason for rule in self._rules if covers(rule, change.urn, change.type, path)), None)


def _masked(item: PropertyChange) -> tuple[str | None, str | None]:
    """Expected and found; AWS tells values that the program knows as secret, so that one mask hides both."""
    if any(side and _SECRET_TEXT in side for side in (item.old, item.new)):
        return _SECRET_TEXT, _SECRET_TEXT
    return item.new, item.old


def covers(rule: IgnoreRule, urn: str, type_: str, path: str | None) -> bool:
    """Whether a rule is about this property, or with None about the resource as a whole."""
    if not _matches(rule.urn, urn) or not _matches(rule.type, type_):
        return False
    if path is None or rule.path is None:
        return path is None and rule.path is None
    return any(matches(f"{rule.path}{below}", path) for below in _BELOW)


def _matches(glob: str | None, text: str) -> bool:
    return glob is None or matches(glob, text)


def is_reading(event: Any) -> bool:
    """Whether the event is about reading a resource's real state, ahead of what is to be done."""
    step = _step(event)
    return step is not None and step.op.value == "refresh"


def _step(event: Any) -> Any:
    told = event.resource_pre_event or event.res_outputs_event
    return told.metadata if told else None
