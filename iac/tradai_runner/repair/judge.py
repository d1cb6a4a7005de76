"""Decides what AWS's answer says of one interrupted creation: a pure table over what was found and what the state has.

Must never take an old thing for the new one where both may stand. Of one name there is only one: whichever run made
it, it is what the creation asks for, and the engine reads it and changes what differs.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from tradai_iac.core.tagging import urn_tag_of
from tradai_iac.failure import Failure
from tradai_iac.tags import URN_TAG
from tradai_runner.journal.progress import short_name
from tradai_runner.repair.answer import Absent, Answer, Look, Present, Unknown
from tradai_runner.repair.find import AGREES, Find, Found
from tradai_runner.repair.pending import Pending

#: How far the clocks of AWS and of a machine of ours may differ.
SKEW_SECONDS: Final = 60.0

#: What something found is to the state: `apart` from all that it has, `known`, `reborn` under the name of one that is
#: gone, `held`: it, or the one before it, under a name whose last bearer waits for its deletion; or `unclear`: the same
#: of one that may have been elsewhere.
Kin = Literal["apart", "known", "reborn", "held", "unclear"]


@dataclass(frozen=True)
class Entry:
    """One resource of the state; `gone`: deleted to make room; `dying`: it waits for its deletion; `place`: a name.

    `made`: when, in seconds since the epoch.
    """

    id: str
    arn: str | None = None
    gone: bool = False
    dying: bool = False
    place: str | None = None
    urn: str = ""
    made: float | None = None

    def is_of(self, found: Found) -> bool:
        """Revisions of a task definition share their id, databases of one name their ARN: both have to be the same."""
        return found.id == self.id and (not (found.arn and self.arn) or found.arn == self.arn)


def entries_of(resources: Iterable[Mapping[str, Any]], row: Find) -> tuple[Entry, ...]:
    """What a state has of the row's type, from its raw resources."""
    return tuple(
        Entry(
            id=raw.get("id", ""),
            arn=(raw.get("outputs") or {}).get("arn"),
            gone=bool(raw.get("pendingReplacement")),
            dying=bool(raw.get("delete")),
            place=row.place(raw.get("inputs") or {}),
            urn=raw["urn"],
            made=seconds(raw.get("created")),
        )
        for raw in resources
        if raw["type"] == row.type
    )


def seconds(text: str | None) -> float | None:
    """A time of the state (RFC 3339) in seconds since the epoch, None where there is none."""
    try:
        return datetime.fromisoformat(text).timestamp() if text else None
    except ValueError:
        return None


def settles(
    resources: Iterable[Mapping[str, Any]],
    rows: Mapping[str, Find],
    now: float,
    longest: float,
    deleted: Mapping[str, float],
) -> float:
    """Seconds until AWS shows all of these as they are: read too early, a new one is gone, and a deleted one stands.

    `deleted`: when the deletion of a URN was begun.
    """
    waits = [0.0]
    for raw in resources:
        age = min(rows[raw["type"]].agrees if raw["type"] in rows else AGREES, longest)
        times = (seconds(raw.get("modified") or raw.get("created")), deleted.get(raw["urn"]))
        at = max((time for time in times if time is not None), default=None)
        waits.append(min(age, at + age - now) if at is not None and raw.get("custom") else 0.0)
    return max(waits)


def kin(pending: Pending, row: Find, found: Found, entries: Sequence[Entry]) -> Kin:
    """What it is to the state. An id that is AWS's own never comes twice; a name does: once the old one is gone, and
    under another parent, as stages of two APIs.
    """
    place = None if row.own_ids else row.place(pending.inputs)
    same = [entry for entry in entries if entry.is_of(found) and (place is None or entry.place in {None, place})]
    if not same:
        return "apart"
    if row.own_ids or any(not (entry.gone or entry.dying) for entry in same):
        return "known"
    dying = {entry.place for entry in same if entry.dying}
    if not dying:
        return "reborn"
    return "held" if place is not None and dying == {place} else "unclear"


def judge(pending: Pending, row: Find, found: Sequence[Found], entries: Sequence[Entry], look: Look) -> Answer:
    """The answer. Whatever rests on AWS having forgotten the old or not yet knowing the new waits until it agrees."""
    tag = urn_tag_of(pending.urn)
    related = [(one, kin(pending, row, one, entries)) for one in found if _marked(row, one, tag) or one.mark == ""]
    new = [(one, how) for one, how in related if how != "known"]
    ours = [(one, how) for one, how in new if _marked(row, one, tag)]
    anew = _made_since(pending, entries) if ours else None
    if len(ours) == 1 and ours[0][1] == "apart" and not row.own_ids and not anew:
        return _present(pending, ours[0][0])  # of an id of AWS's own, an earlier one that was deleted may show still
    if wait := look.remaining(row.agrees):
        return Unknown(_unseen(pending, wait), wait)
    if len(ours) > 1:
        names = ", ".join(one.id for one, _ in ours)
        return Unknown(unresolved(pending, f"AWS has {names}, and one was made"))
    if ours and anew:
        why = f"AWS has {ours[0][0].id}, and {anew.id} was made since, which is the one that the state has"
        return Unknown(unresolved(pending, why))
    if ours and ours[0][1] == "unclear":
        return Unknown(unresolved(pending, f"{ours[0][0].id} is there, or still there: one is to be deleted"))
    if ours:
        return _present(pending, ours[0][0])
    if new:
        return Unknown(unresolved(pending, f"{new[0][0].id} is there without the tag {URN_TAG}={tag}"))
    return Absent("nothing of it is in AWS")


def _made_since(pending: Pending, entries: Sequence[Entry]) -> Entry | None:
    """What somebody without our port made in its place; what a replacement has to replace is older than that."""
    if (since := pending.since) is None:
        return None
    same = [entry for entry in entries if entry.urn == pending.urn and not (entry.gone or entry.dying)]
    return next((entry for entry in same if entry.made is not None and entry.made >= since), None)


def _marked(row: Find, found: Found, tag: str) -> bool:
    return found.mark in {None, tag} or (row.tagged_later and found.mark == "")


def _present(pending: Pending, found: Found) -> Answer:
    return Present(found.id, found.more) if found.ready else Unknown(_unfinished(pending, found))


def _unseen(pending: Pending, wait: float) -> Failure:
    return Failure(
        kind="Unseen",
        error=f"a run died while it created {short_name(pending.urn)}, and AWS may not show yet whether it exists",
        urn=pending.urn,
        hint=f"Nothing is done until AWS can tell: it is looked up again automatically, in {wait:.0f} s or later.",
    )


def unread(urn: str, wait: float) -> Failure:
    """Why what a repair has taken over, or not come to, is not read yet."""
    return Failure(
        kind="Unseen",
        error=f"a run died while it worked on {short_name(urn)}, and AWS may not show yet how far it came",
        urn=urn,
        hint=f"It is in the state, and is read again automatically, in {wait:.0f} s or later.",
    )


def _unfinished(pending: Pending, found: Found) -> Failure:
    return Failure(
        kind="Unfinished",
        error=f"AWS is still creating {short_name(pending.urn)} ({found.id}), which was begun by a run that died",
        urn=pending.urn,
        hint="It is taken over as soon as AWS is done with it.",
    )


def unresolved(pending: Pending, why: str) -> Failure:
    """What only a person can tell, and how they say it."""
    return Failure(
        kind="Unresolved",
        error=f"a run died while it created {short_name(pending.urn)}, and it is not known whether that exists: {why}",
        urn=pending.urn,
        hint="Look for it in the AWS console (Resource Groups, tag "
        f"{URN_TAG} = {urn_tag_of(pending.urn)}, or by its name). Remove what is there, then give the operation up: "
        f"`tradai infra refresh LAYER ENV --clear-pending '{pending.urn}'`, and `tradai retry`.",
    )
