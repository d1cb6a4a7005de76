"""The blueprints that exist, one row each.

Must never hold logic: whatever differs between systems is declared here and read by everyone else.
"""

from typing import Final

from tradai_iac.blueprint import Blueprint, Layer
from tradai_iac.config.overrides import ComputeConfig, EdgeConfig, FoundationConfig, PersistentConfig
from tradai_iac.config.referenced import compute_images
from tradai_iac.config.sample import StoreConfig, WorkConfig
from tradai_iac.contracts.compute import ComputeInputs, ComputeOutputs
from tradai_iac.contracts.edge import EdgeInputs, EdgeOutputs
from tradai_iac.contracts.foundation import FoundationInputs, FoundationOutputs
from tradai_iac.contracts.persistent import PersistentInputs, PersistentOutputs
from tradai_iac.contracts.sample import StoreInputs, StoreOutputs, WorkInputs, WorkOutputs
from tradai_iac.safeguards import SAFEGUARDS

_RETAIN: Final[frozenset[str]] = frozenset()
_SOFT: Final = frozenset({"edge", "compute"})
_ALL: Final = _SOFT | {"foundation"}
_EVERYTHING: Final = _ALL | {"persistent"}

TRADAI: Final = Blueprint(
    name="tradai",
    project="tradai",
    stages=("dev", "staging", "prod"),
    layers=(
        Layer(
            "persistent",
            PersistentConfig,
            PersistentInputs,
            PersistentOutputs,
            secret_outputs=frozenset({"cognito_m2m_client_secret"}),
        ),
        Layer("foundation", FoundationConfig, FoundationInputs, FoundationOutputs),
        Layer("compute", ComputeConfig, ComputeInputs, ComputeOutputs, images=compute_images),
        Layer("edge", EdgeConfig, EdgeInputs, EdgeOutputs),
    ),
    teardown={"Retain": _RETAIN, "Soft": _SOFT, "All": _ALL, "Everything": _EVERYTHING},
    data_bearing=frozenset(
        {
            "aws:s3/bucket:Bucket",
            "aws:dynamodb/table:Table",
            "aws:rds/instance:Instance",
            "aws:cognito/userPool:UserPool",
            "aws:ecr/repository:Repository",
            "aws:codeartifact/repository:Repository",
        }
    ),
    revisions=frozenset({"aws:ecs/taskDefinition:TaskDefinition"}),
    safeguards=SAFEGUARDS,
)

#: Two small layers that stand within seconds: to try the operator with, and to measure it by.
SAMPLE: Final = Blueprint(
    name="sample",
    project="sample",
    stages=("dev", "staging", "prod"),
    layers=(
        Layer("store", StoreConfig, StoreInputs, StoreOutputs),
        Layer("work", WorkConfig, WorkInputs, WorkOutputs, secret_outputs=frozenset({"token"})),
    ),
    teardown={
        "Retain": frozenset(),
        "Soft": frozenset({"work"}),
        "All": frozenset({"work"}),
        "Everything": frozenset({"work", "store"}),
    },
    data_bearing=frozenset({"aws:s3/bucket:Bucket", "aws:dynamodb/table:Table"}),
    safeguards=SAFEGUARDS,
)

BLUEPRINTS: Final = {blueprint.name: blueprint for blueprint in (TRADAI, SAMPLE)}


def blueprint_of(layer: str) -> Blueprint:
    """The one blueprint that has that layer; raises KeyError where none has."""
    for blueprint in BLUEPRINTS.values():
        if layer in blueprint.layer_names:
            return blueprint
    raise KeyError(f"no blueprint has a layer {layer!r}")
