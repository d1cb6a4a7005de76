"""The pending operations of a state file, and the state file without them.

Pure: JSON in, JSON out. Must never change anything but the entries that it was given a verdict on.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from tradai_iac.runner.checkpoint import masked

#: The one kind that the engine neither settles nor forgets by itself: it might make the resource twice.
CREATING: Final = "creating"
#: Interrupted work on a resource that the state knows: reading the resource anew says how far it came. The engine
#: then forgets the entry by itself.
KNOWN: Final = frozenset({"updating", "deleting"})
#: Interrupted reading changed nothing.
HARMLESS: Final = frozenset({"reading", "importing"})


@dataclass(frozen=True)
class Pending:
    """One interrupted operation; `inputs` in camelCase, secret values masked; a component is not `custom`."""

    kind: str
    urn: str
    type: str
    inputs: Mapping[str, Any] = field(default_factory=dict)
    custom: bool = True


@dataclass(frozen=True)
class Import:
    """The resource is there: it goes into the state under this id; `more` are outputs beside its inputs."""

    id: str
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Clear:
    """Nothing that the state would lose is there: the entry goes."""

    why: str


Verdict = Import | Clear


def pending_of(body: Mapping[str, Any]) -> tuple[Pending, ...]:
    """All pending operations of a state file."""
    return tuple(_parsed(entry) for entry in _latest(body).get("pending_operations") or ())


def resources_of(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The raw resources of a state file, those that wait for their deletion included."""
    return list(_latest(body).get("resources") or ())


def mend(body: Mapping[str, Any], verdicts: Mapping[str, Verdict]) -> dict[str, Any]:
    """The state file with every `creating` entry of a URN in `verdicts` imported or cleared."""
    latest = _latest(body)
    entries = latest.get("pending_operations") or []
    decided = [entry for entry in entries if entry["type"] == CREATING and entry["resource"]["urn"] in verdicts]
    resources = resources_of(body)
    for raw in {entry["resource"]["urn"]: entry["resource"] for entry in decided}.values():
        verdict = verdicts[raw["urn"]]
        if isinstance(verdict, Import):
            resources = _with(resources, _imported(raw, verdict))
    rest = [entry for entry in entries if entry not in decided]
    changed = {**latest, "resources": resources, "pending_operations": rest}
    return {**body, "checkpoint": {**body["checkpoint"], "latest": changed}}


def _latest(body: Mapping[str, Any]) -> Mapping[str, Any]:
    return body.get("checkpoint", {}).get("latest") or {}


def _parsed(entry: Mapping[str, Any]) -> Pending:
    raw = entry["resource"]
    return Pending(
        kind=entry["type"],
        urn=raw["urn"],
        type=raw["type"],
        inputs=masked(raw.get("inputs") or {}),
        custom=bool(raw.get("custom")),
    )


def _imported(raw: Mapping[str, Any], verdict: Import) -> dict[str, Any]:
    """As the engine has it right after a create; the refresh that follows reads the rest."""
    outputs = {**(raw.get("inputs") or {}), **(raw.get("outputs") or {}), **verdict.more}
    return {**raw, "id": verdict.id, "outputs": outputs}


def _with(resources: list[dict[str, Any]], new: dict[str, Any]) -> list[dict[str, Any]]:
    """The new one after all that it needs: at the end, or before the one of its URN that it was to replace.

    The engine has what a run is through with before what it has not come to yet, so that everything which a
    replacement needs stands before what it replaces. The old one waits for its deletion then.
    """
    place = next((n for n, old in enumerate(resources) if old["urn"] == new["urn"] and not old.get("delete")), None)
    if place is None:
        return [*resources, new]
    return [*resources[:place], new, *_replaced(resources[place]), *resources[place + 1 :]]


def _replaced(old: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """An old one that was deleted first is gone already."""
    if not old.get("pendingReplacement"):
        yield {**old, "delete": True}
