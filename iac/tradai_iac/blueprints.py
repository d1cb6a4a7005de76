"""The blueprints that exist, one row each.

Must never hold logic: whatever differs between systems is declared here and read by everyone else.
"""

from typing import Final

from tradai_iac.blueprint import Blueprint, Layer
from tradai_iac.config.overrides import ComputeConfig, EdgeConfig, FoundationConfig, PersistentConfig
from tradai_iac.config.referenced import compute_images
from tradai_iac.contracts.compute import ComputeInputs, ComputeOutputs
from tradai_iac.contracts.edge import EdgeInputs, EdgeOutputs
from tradai_iac.contracts.foundation import FoundationInputs, FoundationOutputs
from tradai_iac.contracts.persistent import PersistentInputs, PersistentOutputs

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
    data_bearing=frozenset({"aws:s3/bucket:Bucket", "aws:dynamodb/table:Table", "aws:rds/instance:Instance"}),
    revisions=frozenset({"aws:ecs/taskDefinition:TaskDefinition"}),
)

BLUEPRINTS: Final = {TRADAI.name: TRADAI}
