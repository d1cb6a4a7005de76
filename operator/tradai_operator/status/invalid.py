"""What is said of a resource that cannot be acted upon: every problem in a sentence, as a condition.

Pure. Must never crash on a body of another schema.
"""

from tradai_operator.model import EnvironmentStatus, InvalidResource, Metadata
from tradai_operator.status.compose import compose
from tradai_operator.status.phases import Phase


def settle_invalid(status: EnvironmentStatus, meta: Metadata, error: InvalidResource, now: float) -> EnvironmentStatus:
    """The status of an invalid resource; its layers stay as they were last seen."""
    return compose(
        status,
        generation=meta.generation,
        layers=tuple(layer.name for layer in status.layers),
        phase=Phase.INVALID,
        reason="InvalidSpec",
        message=str(error),
        notes={},
        retry_seen="",
        now=now,
    )
