"""What to tell of things in AWS that are not this stack's and stand in its way: which they are, and what can be done.

One that holds what is to be deleted is named with what it is. One that has a name of ours can be adopted or removed.
Must never write anything, nor hide what AWS itself said.
"""

import re
from collections.abc import Callable, Sequence
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from tradai_iac.failure import Failure
from tradai_runner.journal.progress import short_name
from tradai_runner.repair.find import Clients
from tradai_runner.repair.holders import Holder, holders_of
from tradai_runner.state.checkpoint import Recorded

_HELD: Final = re.compile(r"DependencyViolation|dependent object|has dependencies", re.IGNORECASE)
_TAKEN: Final = re.compile(r"Already ?Exist|AlreadyOwnedByYou|Duplicate|NameExists|ResourceExists", re.IGNORECASE)
_SHOWN: Final = 5
_MAX_ERROR: Final = 2000
_PROVIDER: Final = "pulumi:providers:aws"


def explained(failure: Failure, resources: Sequence[Recorded], clients: Callable[[], Clients]) -> Failure:
    """The failure with what stands in the way, where it is about such a thing; as it is where nothing can be told."""
    if failure.kind != "Conflict" or not failure.urn:
        return failure
    known = next((found for found in resources if found.urn == failure.urn), None)
    if known is None:
        return _adoptable(failure, resources) if _TAKEN.search(failure.error) else failure
    return _held(failure, known, resources, clients) if _HELD.search(failure.error) else failure


def _held(failure: Failure, known: Recorded, resources: Sequence[Recorded], clients: Callable[[], Clients]) -> Failure:
    ours = {found.id for found in resources}
    try:
        holders = [found for found in holders_of(known.type, known.id, clients()) if found.id not in ours]
    except (ClientError, BotoCoreError) as error:
        return _with(failure, f"it is {known.id} in AWS; what holds it could not be looked up: {error}", failure.hint)
    if not holders:
        return _with(failure, f"it is {known.id} in AWS", failure.hint)
    strangers = [found for found in holders if not found.marked] or holders
    names = _listed(strangers)
    return _with(
        failure,
        f"{short_name(failure.urn)} is {known.id} in AWS and is held by {names}, not of this stack",
        f"Nothing of this stack will take {_these(strangers)} away: find out whose it is, detach or delete it in AWS, "
        "then `tradai retry`.",
    )


def _adoptable(failure: Failure, resources: Sequence[Recorded]) -> Failure:
    _, _, rest = failure.urn.partition("::")
    chain, _, name = rest.partition("::")[2].rpartition("::")
    parents, _, type_ = chain.rpartition("$")
    parent = [found for found in resources if parents and found.urn.split("::")[-2] == parents]
    provider = [found for found in resources if found.type == _PROVIDER and not found.name.startswith("default")]
    words = [f"pulumi import {type_} {name} ID"]
    words += [f"--parent parent='{parent[0].urn}'"] if len(parent) == 1 else []
    words += [f"--provider aws='{provider[0].urn}'"] if len(provider) == 1 else []
    return _with(
        failure,
        f"{short_name(failure.urn)} is in AWS already, and this stack did not make it",
        f"To keep it, adopt it (docs/ADOPTION.md): `{' '.join(words)} --protect=false --generate-code=false` in the "
        "layer's folder, ID being its id in AWS. Where nobody needs it, delete it in AWS. Then `tradai retry`.",
    )


def _with(failure: Failure, more: str, hint: str) -> Failure:
    said = failure.error.rstrip(". ")
    return failure.model_copy(update={"error": f"{more}: {said}"[:_MAX_ERROR], "hint": hint})


def _listed(holders: Sequence[Holder]) -> str:
    shown = ", ".join(map(str, holders[:_SHOWN]))
    return f"{shown} and {len(holders) - _SHOWN} more" if len(holders) > _SHOWN else shown


def _these(holders: Sequence[Holder]) -> str:
    return holders[0].id if len(holders) == 1 else "these"
