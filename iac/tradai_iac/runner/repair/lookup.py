"""Decides about one interrupted creation: look it up in AWS, then import it, clear it, or refuse.

Must never decide by likeness: what carries our tag, or has the one name that it can have, is ours; all else is not.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from tradai_iac.config.tags import URN_TAG
from tradai_iac.core.tagging import urn_tag_of
from tradai_iac.runner.contract import Failure
from tradai_iac.runner.progress import short_name
from tradai_iac.runner.repair.find import Find, Found
from tradai_iac.runner.repair.pending import Clear, Import, Pending, Verdict
from tradai_iac.runner.repair.rows import FINDS, is_again


class Ask(Protocol):
    """Who looks things up."""

    def ask(self, row: Find, inputs: Mapping[str, Any], tag: str) -> list[Found]:
        """All that a row finds; raises KeyError where it needs an input that is not there."""


class UndecidedError(Exception):
    """What became of a creation cannot be told, or not yet; `failure` says what to do."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.error)
        self.failure = failure


@dataclass(frozen=True)
class Known:
    """What the state has of one type already: ids and ARNs."""

    ids: frozenset[str]
    arns: frozenset[str]

    @staticmethod
    def of(resources: Iterable[Mapping[str, Any]], type_: str) -> "Known":
        """From the raw resources of a state."""
        same = [resource for resource in resources if resource["type"] == type_]
        arns = (resource.get("outputs", {}).get("arn") for resource in same)
        return Known(frozenset(found.get("id", "") for found in same), frozenset(arn for arn in arns if arn))

    def has(self, found: Found) -> bool:
        """An ARN tells more than an id, which revisions of a task definition share."""
        return found.arn in self.arns if found.arn and self.arns else found.id in self.ids


def decide(pending: Pending, resources: Collection[Mapping[str, Any]], asker: Ask, cleared: Collection[str]) -> Verdict:
    """What to do about a `creating` entry; `cleared` are URNs that a person gave up.

    Raises UndecidedError, and whatever the asker raises for AWS.
    """
    if pending.urn in cleared:
        return Clear("cleared by hand")
    if not pending.custom:
        return Clear("a component is nothing in AWS")
    if is_again(pending.type):
        return Clear("creating it again writes the same over it")
    row = FINDS.get(pending.type)
    if row is None:
        raise UndecidedError(_unresolved(pending, "there is no way to look up that type"))
    tag = urn_tag_of(pending.urn)
    try:
        found = asker.ask(row, pending.inputs, tag)
    except KeyError as error:
        raise UndecidedError(_unresolved(pending, f"its input {error} is not known")) from error
    known = Known.of(resources, pending.type)
    return _judged(pending, row, tag, [one for one in found if not known.has(one)])


def _judged(pending: Pending, row: Find, tag: str, found: list[Found]) -> Verdict:
    ours = [one for one in found if one.mark in {None, tag} or (row.tagged_later and one.mark == "")]
    bare = [one for one in found if one.mark == "" and not row.tagged_later]
    if len(ours) > 1:
        raise UndecidedError(_unresolved(pending, f"AWS has {', '.join(one.id for one in ours)}, and one was made"))
    if ours and not ours[0].ready:
        raise UndecidedError(_unfinished(pending, ours[0]))
    if ours:
        return Import(ours[0].id, ours[0].more)
    if bare:
        raise UndecidedError(_unresolved(pending, f"{bare[0].id} is there without the tag {URN_TAG}={tag}"))
    return Clear("nothing of it is in AWS")


def _unfinished(pending: Pending, found: Found) -> Failure:
    return Failure(
        kind="Unfinished",
        error=f"AWS is still making {short_name(pending.urn)} ({found.id}), which a run began that died",
        urn=pending.urn,
        hint="It is taken over as soon as AWS is done with it.",
    )


def _unresolved(pending: Pending, why: str) -> Failure:
    return Failure(
        kind="Unresolved",
        error=f"a run died while it made {short_name(pending.urn)}, and whether that exists cannot be told: {why}",
        urn=pending.urn,
        hint="Look for it in the AWS console (Resource Groups, tag "
        f"{URN_TAG} = {urn_tag_of(pending.urn)}, or by its name). Remove what is there, then give the operation up: "
        f"`tradai infra refresh LAYER ENV --clear-pending '{pending.urn}'`, and `tradai retry`.",
    )
