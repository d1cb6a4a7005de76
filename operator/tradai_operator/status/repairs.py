"""The audit of repairs: what runs put right, kept in the status for people.

Pure. Must never grow without bound: the oldest make room.
"""

from collections.abc import Sequence

from tradai_iac.runner.contract import Repair as Repaired
from tradai_operator.model import EnvironmentStatus
from tradai_operator.model.status import REPAIRS, Repair
from tradai_operator.model.times import moment


def audited(status: EnvironmentStatus, layer: str, repairs: Sequence[Repaired]) -> EnvironmentStatus:
    """The status with the repairs of one run added."""
    if not repairs:
        return status
    fresh = tuple(Repair(at=moment(found.at), layer=layer, what=found.what) for found in repairs)
    return status.model_copy(update={"repairs": (*status.repairs, *fresh)[-REPAIRS:]})
