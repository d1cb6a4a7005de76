"""What differs between environments (002 §10, §3.3; 001 §3), one row an environment.

Must never be asked by name elsewhere (`if environment == "prod"`): what differs is a field here.
"""

from typing import Final

from tradai_iac.base import Frozen
from tradai_iac.stages import stage_in


class Stage(Frozen):
    """The differences of one environment. Storage in GB, retention in days.

    `waf` and `cloud_trail` say whether they are demanded: 002 §10 makes them optional in dev. `keep_data` says that a
    deletion loses nothing by the way: the database leaves a final snapshot, secrets can be had back for a while, and
    buckets and repositories go only when they are empty. It holds also while the protection is lifted.
    `autoscaling_max_factor` is how many times its desired count a standing service may grow to, None where it does not
    scale; `container_insights` says whether ECS counts tasks and restarts in CloudWatch, which costs by the metric.
    """

    consolidated: bool
    rds_instance_class: str
    rds_storage_gb: int
    rds_multi_az: bool
    rds_backup_retention_days: int
    ecs_desired_count: int
    autoscaling_max_factor: int | None
    container_insights: bool
    log_retention_days: int
    deletion_protection: bool
    keep_data: bool
    waf: bool
    cloud_trail: bool
    cors_allowed_origins: tuple[str, ...]


_DEV: Final = Stage(
    consolidated=True,
    rds_instance_class="db.t4g.micro",
    rds_storage_gb=20,
    rds_multi_az=False,
    rds_backup_retention_days=7,
    ecs_desired_count=1,
    autoscaling_max_factor=None,
    container_insights=False,
    log_retention_days=30,
    deletion_protection=False,
    keep_data=False,
    waf=False,
    cloud_trail=False,
    cors_allowed_origins=("*",),
)

STAGES: Final = {
    "dev": _DEV,
    "staging": _DEV.model_copy(update={"waf": True, "cloud_trail": True, "cors_allowed_origins": ()}),
    "prod": Stage(
        consolidated=False,
        rds_instance_class="db.t4g.small",
        rds_storage_gb=50,
        rds_multi_az=True,
        rds_backup_retention_days=14,
        ecs_desired_count=2,
        autoscaling_max_factor=2,
        container_insights=True,
        log_retention_days=90,
        deletion_protection=True,
        keep_data=True,
        waf=True,
        cloud_trail=True,
        cors_allowed_origins=(),
    ),
}


def stage_of(environment: str) -> Stage:
    """The differences of that environment, an ephemeral one's as of `dev`; raises ValueError for any other name."""
    return stage_in(STAGES, environment, ephemeral=_DEV)
