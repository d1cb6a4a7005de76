"""What a destroy would take now, from the state alone: the plan of a deletion, and what binds the destroy to it.

Pure: a checkpoint in, changes and refusals out. Must never ask the engine, so that a deletion can be planned when the
program, its inputs or everything upstream are gone already.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

from tradai_iac.blueprint import Blueprint
from tradai_iac.failure import Failure
from tradai_runner.contract import ALL_DATA, DESTRUCTIVE_SHOWN
from tradai_runner.plan.changes import Plan, ResourceChange
from tradai_runner.state.checkpoint import Checkpoint, Recorded
from tradai_runner.teardown.protection import obstacles


def _database(inputs: Mapping[str, Any]) -> str:
    return "" if inputs.get("skipFinalSnapshot") else f"the final snapshot {inputs.get('finalSnapshotIdentifier')}"


def _secret(inputs: Mapping[str, Any]) -> str:
    days = inputs.get("recoveryWindowInDays")
    return f"the secret for {days:g} days" if days else ""


#: Type → what AWS keeps of such a resource after its deletion, given its inputs; empty for nothing.
_LEAVES: Final[Mapping[str, Callable[[Mapping[str, Any]], str]]] = {
    "aws:rds/instance:Instance": _database,
    "aws:secretsmanager/secret:Secret": _secret,
}


def deletions(checkpoint: Checkpoint, blueprint: Blueprint) -> tuple[ResourceChange, ...]:
    """Everything of a cloud that a destroy would delete, by URN; what is retained is there and destroys nothing."""
    refusing = set(obstacles(checkpoint).targets)
    found = [resource for resource in checkpoint.resources if resource.holds_data]
    return tuple(_deletion(each, blueprint, each.urn in refusing) for each in sorted(found, key=lambda each: each.urn))


def _deletion(found: Recorded, blueprint: Blueprint, protected: bool) -> ResourceChange:
    data = found.type in blueprint.data_bearing and not found.retained
    leaves = _LEAVES.get(found.type)
    return ResourceChange(
        urn=found.urn,
        type=found.type,
        operation="delete",
        id=found.id,
        bears_data=data,
        destroys=not found.retained,
        confirm=confirmation(found.type, found.name) if data else "",
        leaves=leaves(found.inputs) if leaves else "",
        protected=protected,
    )


def confirmation(type_: str, name: str) -> str:
    """The name under which a person confirms that a resource goes with its data, `instance/database` for instance."""
    return f"{type_.rpartition(':')[2].lower()}/{name}"


def unconfirmed(checkpoint: Checkpoint, blueprint: Blueprint, confirmed: Collection[str] | None) -> Failure | None:
    """Why the destroy may not begin: data that nobody has confirmed by name; None where it may.

    `confirmed` is None for a person who runs the engine by hand and was asked there.
    """
    if confirmed is None or ALL_DATA in confirmed:
        return None
    names = [found.confirm for found in deletions(checkpoint, blueprint) if found.confirm]
    if not (missing := [name for name in names if name not in confirmed]):
        return None
    shown = ",".join(missing[:DESTRUCTIVE_SHOWN])
    return Failure(
        kind="Unconfirmed",
        error=f"it holds data: {shown}{f' and {rest} more' if (rest := len(missing) - DESTRUCTIVE_SHOWN) > 0 else ''}",
        hint=f"To let it go, confirm it by name: tradai.io/confirm-destroy={shown}",
    )


def exceeds(plan: Plan, checkpoint: Checkpoint, blueprint: Blueprint) -> Failure | None:
    """Why a destroy is not the one that was planned; None while all that stands is in the plan, as it was.

    What is gone already is no difference, so that a destroy which died half-way goes on under the same approval.
    """
    agreed = {_identity(change) for change in plan.changes}
    strange = [change for change in deletions(checkpoint, blueprint) if _identity(change) not in agreed]
    if not strange:
        return None
    return Failure(
        kind="Plan",
        error=f"{strange[0].name} is not as it was when run {plan.run_id} planned the deletion",
        urn=strange[0].urn,
        hint="It is planned again automatically.",
    )


def _identity(change: ResourceChange) -> tuple[str, str, bool, str]:
    """What makes it the same loss: which thing in AWS, whether it goes, what it leaves. Not whether it is protected."""
    return change.urn, change.id, change.destroys, change.leaves
