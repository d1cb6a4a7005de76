"""What of an environment under deletion stands, and is its own.

Pure. Must never call a layer another's on less than the owner marker's own word, which a run of this deletion read.
"""

from tradai_operator.model import Environment, LayerStatus
from tradai_operator.reconcile.consent import teardown_digest


def stands(env: Environment, layer: LayerStatus) -> bool:
    """Whether anything of the layer may be in AWS that is this resource's to destroy."""
    return layer.run is not None or (layer.touched and not anothers(env, layer))


def anothers(env: Environment, layer: LayerStatus) -> bool:
    """Whether the last plan of its destroy, or the destroy, was refused since the stack belongs to another resource."""
    if layer.run or layer.failure is None or layer.failure.kind != "Owner":
        return False
    planned = layer.plan is not None and layer.plan.inputs_digest == teardown_digest(env, layer.name)
    return layer.operation == "destroy" or (layer.operation == "preview" and planned)
