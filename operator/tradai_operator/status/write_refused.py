"""What is said of a resource about which the API server takes no write: why, as conditions.

Pure. Must never say that a run is over: the layers stay as they were last seen.
"""

from tradai_operator.model import EnvironmentStatus, Metadata
from tradai_operator.status.compose import compose
from tradai_operator.status.phases import Phase

REASON = "WriteRefused"


def refused_status(status: EnvironmentStatus, meta: Metadata, why: str, now: float) -> EnvironmentStatus:
    """The status of a resource that waits until `why` is mended."""
    return compose(
        status,
        generation=meta.generation,
        layers=tuple(layer.name for layer in status.layers),
        phase=Phase.WAITING,
        reason=REASON,
        message=f"the API server refuses what has to be written: {why}",
        notes={},
        retry_seen="",
        now=now,
        plan=status.plan,
    )
