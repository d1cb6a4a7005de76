"""The pending operations of a state file, and the state file without them.

Pure: JSON in, JSON out. Must never change anything but the entries that it was given a verdict on.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from tradai_runner.repair.answer import Absent, Present
from tradai_runner.repair.kinds import CREATING
from tradai_runner.state.checkpoint import masked

#: How the engine marks one that it deletes to make room for another: from before it begins with that.
_ROOM: Final = "pendingReplacement"


@dataclass(frozen=True)
class Pending:
    """One interrupted operation; `inputs` in camelCase, secret values masked; a component is not `custom`.

    `mark` tells one interruption from another of the same URN. It did not begin before `since`, in seconds since the
    epoch, where that is known.
    """

    kind: str
    urn: str
    type: str
    inputs: Mapping[str, Any] = field(default_factory=dict)
    custom: bool = True
    mark: str = field(default="", compare=False)
    since: float | None = field(default=None, compare=False)


#: Present: it goes into the state. Absent: nothing that the state would lose is there, and the entry goes.
Verdict = Present | Absent


def pending_of(body: Mapping[str, Any]) -> tuple[Pending, ...]:
    """All pending operations of a state file."""
    return tuple(_parsed(entry) for entry in _latest(body).get("pending_operations") or ())


def resources_of(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The raw resources of a state file, those that wait for their deletion included."""
    return list(_latest(body).get("resources") or ())


def written(body: Mapping[str, Any]) -> str | None:
    """When the state was written (RFC 3339): whatever is pending in it had begun by then."""
    time: str | None = (_latest(body).get("manifest") or {}).get("time")
    return time


def mend(
    body: Mapping[str, Any], verdicts: Mapping[str, Verdict], unsure: Collection[str] = (), now: str | None = None
) -> dict[str, Any]:
    """The state file with every `creating` entry of a URN in `verdicts` imported or cleared, at `now` (RFC 3339).

    `unsure` are URNs whose deletion was interrupted: they count as standing until they are read anew. The engine takes
    what it deleted to make room for gone, from before it has begun, and would leave it behind.
    """
    latest = _latest(body)
    entries = latest.get("pending_operations") or []
    decided = [entry for entry in entries if entry["type"] == CREATING and entry["resource"]["urn"] in verdicts]
    resources = [_standing(raw) if raw["urn"] in unsure else raw for raw in resources_of(body)]
    for raw in {entry["resource"]["urn"]: entry["resource"] for entry in decided}.values():
        verdict = verdicts[raw["urn"]]
        if isinstance(verdict, Present):
            resources = _with(resources, _imported(raw, verdict, written(body), now))
    rest = [entry for entry in entries if entry not in decided]
    changed = {**latest, "resources": resources, "pending_operations": rest}
    return {**body, "checkpoint": {**body["checkpoint"], "latest": changed}}


def with_resources(body: Mapping[str, Any], resources: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The state file with these resources in place of its own."""
    return {**body, "checkpoint": {**body["checkpoint"], "latest": {**_latest(body), "resources": list(resources)}}}


def creating_of(raw: Mapping[str, Any]) -> Pending:
    """The creation of one resource, as the state would note it."""
    return _parsed({"resource": raw, "type": CREATING})


def with_creations(body: Mapping[str, Any], raws: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The state file with these creations noted, as the engine does before it begins."""
    latest = _latest(body)
    noted = [{"resource": dict(raw), "type": CREATING} for raw in raws]
    entries = [*(latest.get("pending_operations") or []), *noted]
    return {**body, "checkpoint": {**body["checkpoint"], "latest": {**latest, "pending_operations": entries}}}


def _latest(body: Mapping[str, Any]) -> Mapping[str, Any]:
    return body.get("checkpoint", {}).get("latest") or {}


def _parsed(entry: Mapping[str, Any]) -> Pending:
    raw = entry["resource"]
    shown = masked(entry)
    return Pending(
        kind=entry["type"],
        urn=raw["urn"],
        type=raw["type"],
        inputs=masked(raw.get("inputs") or {}),
        custom=bool(raw.get("custom")),
        mark=hashlib.sha256(json.dumps(shown, sort_keys=True).encode()).hexdigest()[:32],
    )


def _standing(raw: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in raw.items() if key != _ROOM}


def _imported(raw: Mapping[str, Any], verdict: Present, began: str | None, now: str | None) -> dict[str, Any]:
    """As the engine has it right after a create; the refresh that follows reads the rest, once AWS shows it to all.

    It may have been made at any moment between the two, so that its age counts from the later one.
    """
    outputs = {**(raw.get("inputs") or {}), **(raw.get("outputs") or {}), **verdict.more}
    times = {"created": began or now, "modified": now or began}
    return {**raw, "id": verdict.id, "outputs": outputs} | {name: time for name, time in times.items() if time}


def _with(resources: list[dict[str, Any]], new: dict[str, Any]) -> list[dict[str, Any]]:
    """The new one after all that it needs: at the end, or before the one of its URN that it was to replace.

    The engine has what a run is through with before what it has not come to yet, so that everything which a
    replacement needs stands before what it replaces. The old one waits for its deletion then.
    """
    resources = [old for old in resources if not _took_its_place(new, old)]
    place = next((n for n, old in enumerate(resources) if old["urn"] == new["urn"] and not old.get("delete")), None)
    if place is None:
        return [*resources, new]
    return [*resources[:place], new, *_replaced(resources[place]), *resources[place + 1 :]]


def _took_its_place(new: Mapping[str, Any], old: Mapping[str, Any]) -> bool:
    """What still waits for its deletion under the id of the new one is gone: deleting it would take the new one."""
    arns = {(one.get("outputs") or {}).get("arn") for one in (new, old)} - {None}
    same = (old["type"], old.get("id")) == (new["type"], new["id"]) and len(arns) < 2
    return bool(old.get("delete")) and same


def _replaced(old: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """An old one that was deleted first is gone already."""
    if not old.get(_ROOM):
        yield {**old, "delete": True}
