"""Creations that AWS refused because something of that name is there: which of them is ours after all.

An answer that was lost, or a look that came too early, leaves a thing that this stack made and its state lacks. Its tag
says so, and so does its age: whoever knows a stack's name can work its tags out, so that a thing which is older than
the state is not taken over. Must never take what this stack cannot have made.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

from tradai_iac.core.tagging import urn_tag_of
from tradai_iac.failure import Failure
from tradai_runner.journal.progress import short_name
from tradai_runner.repair.answer import Present
from tradai_runner.repair.find import Find, Found
from tradai_runner.repair.judge import SKEW_SECONDS, entries_of, kin, seconds
from tradai_runner.repair.pending import Pending

#: The name is taken by the one that waits for its deletion, too: the engine deletes it after what it cannot create.
_OURS: Final = frozenset({"apart", "reborn", "held"})
_CREATES: Final = frozenset({"create", "create-replacement"})
_STACK_TYPE: Final = "pulumi:pulumi:Stack"
#: What the engine's events have in place of a secret.
_HIDDEN: Final = '"[secret]"'


class Collisions:
    """The creations of one attempt that failed, as the state would have them."""

    def __init__(self) -> None:
        self._failed: dict[str, dict[str, Any]] = {}

    def observe(self, event: Any) -> None:
        """Takes one engine event (pulumi.automation.events.EngineEvent)."""
        step = event.res_op_failed_event.metadata if event.res_op_failed_event else None
        if step and step.op.value in _CREATES and step.new:
            self._failed[step.urn] = creation_of(step.new)

    def of(self, urns: Collection[str]) -> list[dict[str, Any]]:
        """Those of these URNs."""
        return [raw for urn, raw in self._failed.items() if urn in urns]


def creation_of(new: Any) -> dict[str, Any]:
    """A resource as the state has it before it is made; without inputs that hold a secret, which an update writes."""
    inputs = {key: value for key, value in (new.inputs or {}).items() if _HIDDEN not in json.dumps(value)}
    named = {"urn": new.urn, "type": new.type, "custom": bool(new.custom), "inputs": inputs}
    return named | {key: value for key in ("parent", "provider") if (value := getattr(new, key))}


def stood_since(resources: Iterable[Mapping[str, Any]]) -> float | None:
    """Since when a state stands, in seconds since the epoch; None where it does not tell."""
    return next((seconds(raw.get("created")) for raw in resources if raw["type"] == _STACK_TYPE), None)


def ours(
    pending: Pending, row: Find, found: Sequence[Found], resources: Sequence[Mapping[str, Any]]
) -> Present | Failure | None:
    """What is in the way, where this stack made it; why not, where it only bears its tag; None for another's."""
    tag, entries = urn_tag_of(pending.urn), entries_of(resources, row)
    tagged = [one for one in found if one.mark == tag and kin(pending, row, one, entries) in _OURS]
    if len(tagged) != 1:
        return None
    since, made = stood_since(resources), tagged[0].made
    if since is None or made is None or made < since - SKEW_SECONDS:
        why = "is older than its state" if made and since else "does not tell when it was made"
        return _unproven(pending, tagged[0], why)
    return Present(tagged[0].id, tagged[0].more) if tagged[0].ready else None


def _unproven(pending: Pending, found: Found, why: str) -> Failure:
    return Failure(
        kind="Conflict",
        error=f"{short_name(pending.urn)} is in AWS already ({found.id}), with the tag of this very stack, and {why}",
        urn=pending.urn,
        hint="Another state has it, or this state lost it. Look for an older state (`tradai state list`), which "
        "`tradai state restore` brings back; otherwise remove the thing itself from AWS, then `tradai retry`.",
    )
