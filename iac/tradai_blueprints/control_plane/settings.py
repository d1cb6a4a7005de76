"""What nobody may set in the control plane: tags, ports, versions, what differs between stages, what never changes.

Must never hold a value that people set: those are in `config`.
"""

from typing import Final

from tradai_iac import immutable, quotas
from tradai_iac.base import Frozen
from tradai_iac.stages import stage_in
from tradai_iac.tags import Tags

TAGS: Final = Tags(application="tradaihome", managed_by="pulumi", cost_center="trading-platform", owner="platform-team")

API_PORT: Final = 6443
DATABASE_PORT: Final = 5432
HTTPS_PORT: Final = 443
ANYWHERE: Final = "0.0.0.0/0"


class Postgres(Frozen):
    """The database: `name` and `user` are kine's, the password is RDS's own."""

    version: str = "15.13"
    family: str = "postgres15"
    name: str = "kubernetes"
    user: str = "kubernetes"
    #: RDS rotates the password of its own accord; a task that holds an old one is replaced (`layers.service`).
    rotation_days: int = 365


class Stage(Frozen):
    """The differences of one control plane: whether AWS refuses deletions, and whether data is kept."""

    deletion_protection: bool = False
    keep_data: bool = False
    recovery_days: int = 0


_TRIAL: Final = Stage()
_KEPT: Final = Stage(deletion_protection=True, keep_data=True, recovery_days=30)
STAGES: Final = {"dev": _TRIAL, "staging": _KEPT, "prod": _KEPT}


class Settings(Frozen):
    """The values of one control plane."""

    stage: Stage
    tags: Tags = TAGS
    postgres: Postgres = Postgres()

    def unprotected(self) -> "Settings":
        """The same with the deletion protection lifted, and nothing else: data is still kept."""
        return self.model_copy(update={"stage": self.stage.model_copy(update={"deletion_protection": False})})


def settings_for(environment: str) -> Settings:
    """The values for `dev`, `staging`, `prod` or `eph-*`; raises ValueError for any other name."""
    return Settings(stage=stage_in(STAGES, environment, ephemeral=_TRIAL))


_DATABASE: Final = "aws:rds/instance:Instance"
_SECRET: Final = "aws:secretsmanager/secret:Secret"  # noqa: S105 - a type
_LOSS: Final = "the database would be replaced, and with it every resource that anybody applied"

IMMUTABLE: Final = (
    *immutable.rows(_DATABASE, "database", _LOSS, "engine", "dbName", "username", "storageEncrypted"),
    *immutable.rows(_DATABASE, "database", "it would be deleted with every resource that anybody applied"),
    *immutable.rows(_SECRET, "authority", "nobody who trusts the authority in it would get in", "name"),
    *immutable.rows(_SECRET, "authority", "it would be deleted with the authority in it"),
)

QUOTAS: Final = (
    quotas.row("VPC", "VPCs", "L-F678F1CE", 5, "aws:ec2/vpc:Vpc"),
    quotas.row("RDS", "DB instances", "L-7B6409FD", 40, _DATABASE),
    quotas.row(
        "Fargate",
        "vCPUs of On-Demand tasks",
        "L-3032A538",
        6,
        "aws:ecs/service:Service",
        measure="task-vcpus",
        where=(("launchType", "FARGATE"),),
    ),
    quotas.row("IAM", "Roles", "L-FE177D64", 1000, "aws:iam/role:Role"),
)
