"""What nobody may set in the sample: tags, what differs between environments, what never changes, and quotas.

Must never hold a value that people set: those are in `config`.
"""

from typing import Final

from tradai_iac import immutable, quotas
from tradai_iac.base import Frozen
from tradai_iac.stages import stage_in
from tradai_iac.tags import Tags

TAGS: Final = Tags(application="tradai", managed_by="pulumi", cost_center="trading-platform", owner="platform-team")


class Stage(Frozen):
    """The differences of one environment: whether AWS refuses deletions, and whether data is kept."""

    deletion_protection: bool = False
    keep_data: bool = False


_DEV: Final = Stage()
STAGES: Final = {"dev": _DEV, "staging": _DEV, "prod": Stage(deletion_protection=True, keep_data=True)}


class Settings(Frozen):
    """The values of one environment."""

    stage: Stage
    tags: Tags = TAGS

    def unprotected(self) -> "Settings":
        """The same with the deletion protection lifted, and nothing else: data is still kept."""
        return self.model_copy(update={"stage": self.stage.model_copy(update={"deletion_protection": False})})


def settings_for(environment: str) -> Settings:
    """The values for `dev`, `staging`, `prod` or `eph-*`; raises ValueError for any other name."""
    return Settings(stage=stage_in(STAGES, environment, ephemeral=_DEV))


_TABLE: Final = "aws:dynamodb/table:Table"
_BUCKET: Final = "aws:s3/bucket:Bucket"
_TABLE_LOSS: Final = "the table would be replaced and its items lost"

IMMUTABLE: Final = (
    *immutable.rows(_TABLE, "table-key", _TABLE_LOSS, "hashKey", "rangeKey"),
    *immutable.rows(_TABLE, "table-name", _TABLE_LOSS, "name"),
    *immutable.rows(_BUCKET, "bucket-name", "the bucket would be replaced and its objects lost", "bucket"),
    *immutable.rows(_TABLE, "table", "it would be deleted with its items"),
    *immutable.rows(_BUCKET, "bucket", "it would be deleted with its objects"),
)

QUOTAS: Final = (
    quotas.row("DynamoDB", "Tables", "L-F98FE922", 2500, _TABLE),
    quotas.row("S3", "Buckets", "L-DC2B2D3D", 10000, _BUCKET),
)
