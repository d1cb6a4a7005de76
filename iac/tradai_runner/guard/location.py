"""Where a stack stands (account, region, blueprint), and what opens it, against what a run is asked for: neither ever
changes (DESIGN §4).

Pure: state and owner marker in, a refusal out. With another region everything would be deleted in the one and made
empty in the other, so it is looked at before anything is registered. Must never forgive a move that nobody named.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from tradai_iac.failure import Failure
from tradai_iac.immutable import PLACE, Change
from tradai_runner.contract import Owner, RunRequest
from tradai_runner.state.checkpoint import Checkpoint, Recorded
from tradai_runner.state.kms import opened_otherwise

_PROVIDER: Final = "pulumi:providers:aws"
_ARN: Final = re.compile(r"arn:aws[a-z-]*:[a-z0-9-]+:([a-z0-9-]*):([0-9]{12}):")


def moved(request: RunRequest, checkpoint: Checkpoint, owner: Owner | None) -> Failure | None:
    """Why the run may not go on; None where the stack stands where it shall, or nothing does and it opens."""
    there = checkpoint.stands or checkpoint.interrupted
    changes = _changes(request, checkpoint, owner) if there else ()
    found = [change for change in changes if change.migration not in request.migrations]
    if not found:
        return opened_otherwise(request, checkpoint)
    names = ",".join(change.migration for change in found)
    back = " and ".join(f"{change.rule.property} {change.old}" for change in found)
    return Failure(
        kind="Immutable",
        error="; ".join(map(str, found)),
        hint=f"Nothing was touched. Make the resource again with {back} (with deletionPolicy: Retain, deleting this "
        f"one takes nothing). A planned move is permitted by name: annotation tradai.io/migrate: {names} and "
        "`tradai retry`.",
    )


def _changes(request: RunRequest, checkpoint: Checkpoint, owner: Owner | None) -> Iterator[Change]:
    wanted = {"account": request.account_id, "region": request.region, "blueprint": request.blueprint}
    noted = {"account": owner.account, "region": owner.region, "blueprint": owner.blueprint} if owner else {}
    recorded = {"account": set(_accounts(checkpoint)), "region": set(_regions(checkpoint))}
    for rule in PLACE:
        new = wanted[rule.property]
        seen = recorded.get(rule.property, set())
        strays = {place for place in (noted.get(rule.property),) if place and place != new}
        # a move that was permitted and died half-way stands in both
        strays |= seen if new not in seen else set()
        for old in sorted(strays):
            yield Change(name=old, rule=rule, old=old, new=new)


def _accounts(checkpoint: Checkpoint) -> Iterator[str]:
    for resource in checkpoint.resources:
        if resource.type == _PROVIDER:
            yield from _listed(resource.inputs.get("allowedAccountIds"))
        elif arn := _arn(resource):
            yield arn[2]


def _regions(checkpoint: Checkpoint) -> Iterator[str]:
    """The providers' alone where they say it: certificates and web ACLs of a CDN have ARNs of another region."""
    told = [resource.inputs.get("region") for resource in checkpoint.resources if resource.type == _PROVIDER]
    arns = [arn[1] for resource in checkpoint.resources if (arn := _arn(resource))]
    yield from (region for region in (list(filter(None, told)) or arns) if region)


def _arn(resource: Recorded) -> re.Match[str] | None:
    arn = resource.outputs.get("arn") if resource.holds_data else None
    return _ARN.match(arn) if isinstance(arn, str) else None


def _listed(value: Any) -> list[str]:
    """A provider's lists are JSON in a text."""
    listed = json.loads(value) if isinstance(value, str) and value.startswith("[") else value
    return [str(each) for each in listed] if isinstance(listed, list) else []
