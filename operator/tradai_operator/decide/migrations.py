"""Which changes of what never changes a run may make: each word of a person permits one, and no second.

Pure. Must never give a word again that a run has used, nor give one that a failed run may have used to a run of
other inputs.
"""

from tradai_operator.model import Environment, EnvironmentStatus
from tradai_operator.model.approval_status import MIGRATIONS, Migration


def permitted(env: Environment, status: EnvironmentStatus, layer: str, inputs_digest: str) -> tuple[str, ...]:
    """The words of the annotation that a run of the layer with these inputs may be given."""
    words = dict.fromkeys(env.annotations.migrations[:MIGRATIONS])
    barred = {found.word for found in status.migrations if _bars(found, layer, inputs_digest)}
    return tuple(word for word in words if word not in barred)


def remembered(env: Environment, status: EnvironmentStatus) -> EnvironmentStatus:
    """The status with no more words than it can hold: those that nobody has written go first, the oldest of them."""
    if (surplus := len(status.migrations) - MIGRATIONS) <= 0:
        return status
    written = set(env.annotations.migrations[:MIGRATIONS])
    gone = [found for found in status.migrations if found.word not in written][:surplus]
    kept = tuple(found for found in status.migrations if found not in gone)
    return status.model_copy(update={"migrations": kept[-MIGRATIONS:]})


def _bars(found: Migration, layer: str, inputs_digest: str) -> bool:
    return found.used or (found.layer == layer and found.inputs_digest != inputs_digest)
