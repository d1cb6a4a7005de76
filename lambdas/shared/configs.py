"""Registered configurations of strategies: the table config-versions, and their text in the configs bucket.

A version never changes, and its hash names its text. Must never take a version of another strategy for this one's.
"""

from enum import StrEnum

from shared import clients
from shared.base import Frozen
from shared.tables import Table


class Stage(StrEnum):
    """How far a version has come."""

    DRAFT = "draft"
    ACTIVE = "active"
    RETIRED = "retired"


class ConfigVersion(Frozen):
    """One item of config-versions, as far as functions read it; `config_hash` is the SHA-256 of its text."""

    strategy_name: str
    config_id: str
    config_hash: str
    status: Stage


def key(config_hash: str) -> str:
    """Where in the configs bucket the text lies."""
    return f"versions/{config_hash}.json"


class Configs:
    """Table and bucket of one environment."""

    def __init__(self, table: str, bucket: str) -> None:
        self.table, self._bucket = Table("config-versions", table), bucket

    def by_hash(self, strategy: str, config_hash: str) -> ConfigVersion | None:
        """The strategy's version with that text; the index may lag behind a registration by a second."""
        for found in self.table.query("config_hash-index", config_hash):
            item = self.table.get(strategy, found["config_id"]) if found["strategy_name"] == strategy else None
            if item:
                return ConfigVersion.model_validate(item)
        return None

    def active(self, strategy: str) -> list[ConfigVersion]:
        """The strategy's active versions; there should be one."""
        found = self.table.query("status-index", strategy)
        return [ConfigVersion.model_validate(item) for item in found if item.get("status") == Stage.ACTIVE]

    def has_text(self, config_hash: str) -> bool:
        """Whether a version's text is in the bucket; listed, since reading it is not this one's right."""
        found = clients.client("s3").list_objects_v2(Bucket=self._bucket, Prefix=key(config_hash), MaxKeys=1)
        return any(each["Key"] == key(config_hash) for each in found.get("Contents", []))
