"""The audit of repairs: what runs put right, kept in the status for people.

Pure. Must never grow without bound: the oldest make room.
"""

from collections.abc import Sequence

from tradai_operator.model import EnvironmentStatus
from tradai_operator.model.records import REPAIRS, Repair
from tradai_operator.model.times import moment
from tradai_runner.contract import Repair as Repaired


def audited(status: EnvironmentStatus, layer: str, repairs: Sequence[Repaired]) -> EnvironmentStatus:
    """The status with the repairs of one run added; its first, such as a lock's, are not pushed out by its last."""
    if not repairs:
        return status
    fresh = tuple(Repair(at=moment(found.at), layer=layer, what=found.what) for found in repairs)
    if len(fresh) > REPAIRS:
        kept, rest = fresh[: REPAIRS - 1], fresh[REPAIRS - 1 :]
        fresh = (*kept, rest[-1].model_copy(update={"what": f"{len(rest)} more, each in the run's log"}))
    return status.model_copy(update={"repairs": (*status.repairs, *fresh)[-REPAIRS:]})
