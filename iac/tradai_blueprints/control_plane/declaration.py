"""The control plane as everybody else knows it.

Its project begins otherwise than the systems that it builds: the role that deploys one of those can touch nothing here.
Must never hold logic: whatever differs between systems is declared here and read by everyone else.
"""

from typing import Final

from tradai_blueprints.control_plane.account_rights import RIGHTS
from tradai_blueprints.control_plane.config import GroundConfig, ServiceConfig
from tradai_blueprints.control_plane.contracts import GroundInputs, GroundOutputs, ServiceInputs, ServiceOutputs
from tradai_blueprints.control_plane.settings import IMMUTABLE, QUOTAS, STAGES, settings_for
from tradai_iac.blueprint import Blueprint, Layer
from tradai_iac.safeguards import SAFEGUARDS

CONTROL_PLANE: Final = Blueprint(
    name="control-plane",
    project="tradaihome",
    package="tradai_blueprints.control_plane",
    stages=("dev", "staging", "prod"),
    protected=frozenset(name for name, stage in STAGES.items() if stage.deletion_protection),
    layers=(
        Layer("ground", GroundConfig, GroundInputs, GroundOutputs, shown=("vpc_id", "database_host")),
        Layer(
            "service",
            ServiceConfig,
            ServiceInputs,
            ServiceOutputs,
            shown=("cluster_name", "service_name", "operator_role_arn", "runner_role_arn", "api_host"),
        ),
    ),
    settings=settings_for,
    teardown={
        "Retain": frozenset(),
        "Soft": frozenset({"service"}),
        "All": frozenset({"service"}),
        "Everything": frozenset({"service", "ground"}),
    },
    data_bearing=frozenset({"aws:rds/instance:Instance", "aws:secretsmanager/secret:Secret"}),
    revisions=frozenset({"aws:ecs/taskDefinition:TaskDefinition"}),
    safeguards=SAFEGUARDS,
    immutable=IMMUTABLE,
    quotas=QUOTAS,
    rights=RIGHTS,
    by_hand=True,
)
