"""TradAI as everybody else knows it.

Must never hold logic: whatever differs between systems is declared here and read by everyone else.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from tradai_blueprints.tradai.account_rights import RIGHTS
from tradai_blueprints.tradai.config import settings_for
from tradai_blueprints.tradai.config.environments import STAGES
from tradai_blueprints.tradai.config.immutable import IMMUTABLE, LASTING
from tradai_blueprints.tradai.config.overrides import ComputeConfig, EdgeConfig, FoundationConfig, PersistentConfig
from tradai_blueprints.tradai.config.quotas import QUOTAS
from tradai_blueprints.tradai.config.referenced import compute_images
from tradai_blueprints.tradai.config.services import SERVICES
from tradai_blueprints.tradai.config.storage import STORAGE
from tradai_blueprints.tradai.contracts.compute import ComputeInputs, ComputeOutputs
from tradai_blueprints.tradai.contracts.edge import EdgeInputs, EdgeOutputs
from tradai_blueprints.tradai.contracts.foundation import FoundationInputs, FoundationOutputs
from tradai_blueprints.tradai.contracts.persistent import PersistentInputs, PersistentOutputs
from tradai_iac.blueprint import Blueprint, Layer
from tradai_iac.checklist import Checklist
from tradai_iac.naming import Naming
from tradai_iac.safeguards import SAFEGUARDS

_RETAIN: Final[frozenset[str]] = frozenset()
_SOFT: Final = frozenset({"edge", "compute"})
_ALL: Final = _SOFT | {"foundation"}
_EVERYTHING: Final = _ALL | {"persistent"}


def _names_in_rights(naming: Naming) -> Mapping[str, Sequence[str]]:
    """Names this short are hashed where they do not fit, so that no pattern would find them."""
    balanced = [service for service in SERVICES if service.behind_load_balancer]
    return {"target_group": [naming.name(service.name, kind="target-group") for service in balanced]}


def _checklist() -> Checklist:
    from tradai_blueprints.tradai.checklist.items import CHECKLIST  # boto3 takes its time to load

    return CHECKLIST


TRADAI: Final = Blueprint(
    name="tradai",
    project="tradai",
    package="tradai_blueprints.tradai",
    stages=("dev", "staging", "prod"),
    protected=frozenset(name for name, stage in STAGES.items() if stage.deletion_protection),
    layers=(
        Layer(
            "persistent",
            PersistentConfig,
            PersistentInputs,
            PersistentOutputs,
            secret_outputs=frozenset({"cognito_m2m_client_secret"}),
            shown=("cognito_user_pool_id", "codeartifact_repository_endpoint"),
        ),
        Layer(
            "foundation",
            FoundationConfig,
            FoundationInputs,
            FoundationOutputs,
            shown=("vpc_id", "rds_endpoint", "nat_public_ip"),
        ),
        Layer(
            "compute",
            ComputeConfig,
            ComputeInputs,
            ComputeOutputs,
            images=compute_images,
            shown=("ecs_cluster_name", "alb_dns_name"),
        ),
        Layer("edge", EdgeConfig, EdgeInputs, EdgeOutputs, shown=("api_gateway_endpoint", "dashboard_url")),
    ),
    settings=settings_for,
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
    immutable=(*IMMUTABLE, *LASTING),
    quotas=QUOTAS,
    rights=RIGHTS,
    names_in_rights=_names_in_rights,
    drift_table=STORAGE.table("infra-drift-state").name,
    checklist=_checklist,
)
