"""Looks one interrupted creation up in AWS: what is there, what is not, and what cannot be told.

Must never decide by likeness: what carries our tag, or has the one name that it can have, is ours; all else is not.
A look that AWS refuses, throttles or cuts short tells nothing.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from tradai_iac.core.tagging import urn_tag_of
from tradai_iac.failure import Failure, classify
from tradai_runner.repair.answer import Absent, Answer, Look, Unknown
from tradai_runner.repair.find import CutShortError, Find, Found
from tradai_runner.repair.judge import entries_of, judge, unresolved
from tradai_runner.repair.pending import Pending
from tradai_runner.repair.rows import FINDS, is_again


class Ask(Protocol):
    """Who looks things up."""

    def ask(self, row: Find, inputs: Mapping[str, Any], tag: str) -> list[Found]:
        """All that a row finds; raises KeyError where it needs an input that is not there."""


class UndecidedError(Exception):
    """What became of a creation cannot be told, or not yet; `failure` says what to do."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.error)
        self.failure = failure


def look_up(
    pending: Pending, resources: Sequence[Mapping[str, Any]], asker: Ask, cleared: Collection[str], look: Look
) -> Answer:
    """What became of a `creating` entry; `cleared` are URNs that a person gave up. Never raises for what AWS says."""
    if pending.urn in cleared:
        return Absent("cleared by hand")
    if not pending.custom:
        return Absent("a component is nothing in AWS")
    if is_again(pending.type):
        return Absent("creating it again writes the same over it")
    row = FINDS.get(pending.type)
    if row is None:
        return Unknown(unresolved(pending, "there is no way to look up that type"))
    found = asked(pending, row, asker)
    if isinstance(found, Unknown):
        return found
    return judge(pending, row, found, entries_of(resources, row), look)


def asked(pending: Pending, row: Find, asker: Ask) -> list[Found] | Unknown:
    """What AWS has of it by its row."""
    try:
        return asker.ask(row, pending.inputs, urn_tag_of(pending.urn))
    except KeyError as error:
        return Unknown(unresolved(pending, f"its input {error} is not known"))
    except (ClientError, BotoCoreError, CutShortError, ValueError) as error:
        return Unknown(_refused(pending, error))


def _refused(pending: Pending, error: Exception) -> Failure:
    answer = error.response if isinstance(error, ClientError) else {}
    request = answer.get("ResponseMetadata", {}).get("RequestId", "")
    told = classify(f"{type(error).__name__}: {error}" if not request else str(error), pending.urn)
    return told.model_copy(update={"request_id": told.request_id or request})
