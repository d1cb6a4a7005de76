"""The resource: its typed models, the CRD generated from them, and the names of both.

Pure data. Must never import kopf, Pulumi, Kubernetes, boto3 or the clock.
"""

from tradai_operator.model import keys
from tradai_operator.model.durations import parse_duration
from tradai_operator.model.environment import Annotations, Environment, Metadata
from tradai_operator.model.errors import InvalidResource
from tradai_operator.model.layers import Layers, LayerSpec
from tradai_operator.model.spec import Aws, DeletionPolicy, EnvironmentSpec, State
from tradai_operator.model.status import (
    Condition,
    EnvironmentStatus,
    LayerFailure,
    LayerState,
    LayerStatus,
    Phase,
    Resources,
    Run,
)

__all__ = [
    "Annotations",
    "Aws",
    "Condition",
    "DeletionPolicy",
    "Environment",
    "EnvironmentSpec",
    "EnvironmentStatus",
    "InvalidResource",
    "LayerFailure",
    "LayerSpec",
    "LayerState",
    "LayerStatus",
    "Layers",
    "Metadata",
    "Phase",
    "Resources",
    "Run",
    "State",
    "keys",
    "parse_duration",
]
