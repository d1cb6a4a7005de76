"""Section 10: what differs between environments (002 §10).

Must never know an environment by name: its columns are the configuration's rows.
"""

from collections.abc import Callable
from typing import Final

from tradai_blueprints.tradai.config.consolidated import CONSOLIDATED_INSTANCE
from tradai_blueprints.tradai.config.document.markdown import blocks, codes, table, yes
from tradai_blueprints.tradai.config.document.values import ENVIRONMENTS
from tradai_blueprints.tradai.config.environments import Stage


def _mode(stage: Stage) -> str:
    return f"Consolidated EC2 ({CONSOLIDATED_INSTANCE.instance_type})" if stage.consolidated else "ECS Fargate"


def _demanded(flag: bool) -> str:
    return "Yes" if flag else "Optional"


def _scaling(factor: int | None) -> str:
    return f"Up to {factor} x desired count" if factor else "No"


#: Component, and how its cell is read from an environment's differences.
_ROWS: Final[tuple[tuple[str, Callable[[Stage], object]], ...]] = (
    ("Compute Mode", _mode),
    ("RDS Multi-AZ", lambda stage: yes(stage.rds_multi_az)),
    ("RDS Instance", lambda stage: stage.rds_instance_class),
    ("RDS Storage", lambda stage: f"{stage.rds_storage_gb} GB"),
    ("RDS Backup Retention", lambda stage: f"{stage.rds_backup_retention_days} days"),
    ("ECS Desired Count", lambda stage: stage.ecs_desired_count),
    ("ECS Auto Scaling", lambda stage: _scaling(stage.autoscaling_max_factor)),
    ("ECS Container Insights", lambda stage: yes(stage.container_insights)),
    ("Log Retention", lambda stage: f"{stage.log_retention_days} days"),
    ("Deletion Protection", lambda stage: yes(stage.deletion_protection)),
    ("Data Kept on Deletion", lambda stage: yes(stage.keep_data)),
    ("WAF", lambda stage: _demanded(stage.waf)),
    ("CloudTrail", lambda stage: _demanded(stage.cloud_trail)),
    ("CORS Allowed Origins", lambda stage: codes(stage.cors_allowed_origins)),
)


def environments() -> str:
    """The whole section."""
    stages = [settings.stage for settings in ENVIRONMENTS.values()]
    rows = ((component, *(cell(stage) for stage in stages)) for component, cell in _ROWS)
    return blocks(
        "## 10. Environment Differences",
        table(("Component", *(name.capitalize() for name in ENVIRONMENTS)), rows),
    )
