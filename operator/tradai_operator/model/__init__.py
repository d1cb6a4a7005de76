"""The resource: its typed models, the CRD generated from them, and the names of both.

Pure data. Must never import kopf, Pulumi, Kubernetes, boto3 or the clock.
"""

from tradai_operator.model import keys
from tradai_operator.model.approval_status import LayerPlan, PlannedLayer, PlanStatus, Purpose
from tradai_operator.model.durations import parse_duration
from tradai_operator.model.environment import Annotations, Environment, Metadata
from tradai_operator.model.errors import InvalidResource
from tradai_operator.model.guard_status import GuardStatus
from tradai_operator.model.layers import Layers, LayerSpec
from tradai_operator.model.records import NoticeStatus
from tradai_operator.model.spec import Approval, Aws, DeletionPolicy, EnvironmentSpec
from tradai_operator.model.state import State
from tradai_operator.model.status import (
    Condition,
    EnvironmentStatus,
    LayerFailure,
    LayerPreflight,
    LayerState,
    LayerStatus,
    Phase,
    Resources,
    Run,
)

__all__ = [
    "Annotations",
    "Approval",
    "Aws",
    "Condition",
    "DeletionPolicy",
    "Environment",
    "EnvironmentSpec",
    "EnvironmentStatus",
    "GuardStatus",
    "InvalidResource",
    "LayerFailure",
    "LayerPlan",
    "LayerPreflight",
    "LayerSpec",
    "LayerState",
    "LayerStatus",
    "Layers",
    "Metadata",
    "NoticeStatus",
    "Phase",
    "PlanStatus",
    "PlannedLayer",
    "Purpose",
    "Resources",
    "Run",
    "State",
    "keys",
    "parse_duration",
]
