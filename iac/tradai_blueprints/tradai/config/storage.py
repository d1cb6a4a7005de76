"""Buckets, tables and the database (002 §3).

Bucket names and partition keys never change after the first deployment (002 "Immutable Values"). What differs
between environments is in `environments`. Must never format a name.
"""

from typing import Final, Literal

from tradai_iac.base import Frozen
from tradai_iac.state_bucket import COMPONENT, OLD_STATES, OldVersions


class Bucket(Frozen):
    """One bucket (002 §3.1); days count from an object's creation."""

    name: str
    purpose: str
    versioned: bool = True
    encryption: Literal["AES256"] = "AES256"
    glacier_after_days: int | None = None
    delete_after_days: int | None = None


class Index(Frozen):
    """A global secondary index; `included` are the attributes of an INCLUDE projection."""

    name: str
    hash_key: str
    range_key: str | None = None
    projection: Literal["ALL", "KEYS_ONLY", "INCLUDE"] = "ALL"
    included: tuple[str, ...] = ()


class Table(Frozen):
    """One table (002 §3.2). All keys are strings, all tables are on demand and encrypted.

    `ttl` is the attribute that expires an item, None where items stay for audit.
    """

    name: str
    hash_key: str
    purpose: str
    range_key: str | None = None
    indexes: tuple[Index, ...] = ()
    ttl: str | None = None
    point_in_time_recovery: bool = True

    @property
    def key_attributes(self) -> tuple[str, ...]:
        """Every attribute that is part of a key of the table or of an index, each once."""
        keys = [self.hash_key, self.range_key]
        keys += [key for index in self.indexes for key in (index.hash_key, index.range_key)]
        return tuple(dict.fromkeys(key for key in keys if key))


class Rds(Frozen):
    """The PostgreSQL instance (002 §3.3, 001 §5); size, zones and backups are the environment's.

    `database_name` and `username` are in no document: MLflow's metadata is what it stores (001 §2).
    """

    engine: Literal["postgres"] = "postgres"
    engine_version: str = "15.13"
    parameter_family: str = "postgres15"
    storage_type: Literal["gp3"] = "gp3"
    port: int = 5432
    force_ssl: str = "1"
    publicly_accessible: bool = False
    database_name: str = "mlflow"
    username: str = "tradai"


class LogPrefixes(Frozen):
    """Where in the logs bucket each writer puts its objects (002 §3.1: ALB logs, CloudTrail)."""

    alb: str = "alb"
    cloudtrail: str = "cloudtrail"


class Storage(Frozen):
    """Everything of 002 §3. `state_bucket` is the component of the bucket that holds Pulumi's state.

    `old_states` is said of it to a new account, in the persistent layer and to the sandbox, which must agree.
    """

    buckets: tuple[Bucket, ...]
    tables: tuple[Table, ...]
    rds: Rds
    state_bucket: str
    log_prefixes: LogPrefixes
    old_states: OldVersions = OLD_STATES

    def table(self, name: str) -> Table:
        """The table of that name, `workflow-state` for instance; raises KeyError."""
        return {table.name: table for table in self.tables}[name]


_BUCKETS: Final = (
    Bucket(name="configs", purpose="Strategy configs, base configs"),
    Bucket(name="results", purpose="Backtest results, reports", glacier_after_days=30),
    Bucket(name="arcticdb", purpose="ArcticDB time-series data"),
    Bucket(name="logs", purpose="ALB logs, CloudTrail, audit", versioned=False, delete_after_days=90),
    Bucket(name="mlflow", purpose="MLflow artifacts"),
)

_TABLES: Final = (
    Table(
        name="workflow-state",
        hash_key="run_id",
        indexes=(
            Index(name="status-created_at-index", hash_key="status", range_key="created_at"),
            Index(
                name="trace_id-index",
                hash_key="trace_id",
                projection="INCLUDE",
                included=("job_id", "status", "created_at", "execution_arn"),
            ),
        ),
        ttl="ttl",
        purpose="Backtest job tracking and E2E correlation",
    ),
    Table(
        name="idempotency",
        hash_key="idempotency_key",
        ttl="expiration",
        point_in_time_recovery=False,
        purpose="Lambda idempotency deduplication",
    ),
    Table(name="health-state", hash_key="service_name", ttl="expires_at", purpose="Service health check state"),
    Table(
        name="trading-state",
        hash_key="strategy_id",
        ttl="ttl",
        purpose="Live trading container state and heartbeats",
    ),
    Table(
        name="deployments",
        hash_key="strategy_name",
        range_key="deployment_id",
        indexes=(Index(name="environment-created_at-index", hash_key="environment", range_key="created_at"),),
        ttl="ttl",
        purpose="Strategy deployment history and rollback info",
    ),
    Table(
        name="drift-state",
        hash_key="model_name",
        ttl="expires_at",
        purpose="Model/data drift detection state",
    ),
    Table(
        name="retraining-state",
        hash_key="model_name",
        ttl="expires_at",
        purpose="Model retraining scheduling state",
    ),
    Table(name="rollback-state", hash_key="model_name", purpose="Model rollback tracking (no TTL for audit)"),
    Table(
        name="shadow-test-state",
        hash_key="test_id",
        indexes=(
            Index(
                name="model_name-status_created_at-index",
                hash_key="model_name",
                range_key="status_created_at",
            ),
        ),
        ttl="expires_at",
        purpose="Shadow trading test state and metrics",
    ),
    Table(
        name="notifications",
        hash_key="notification_id",
        ttl="expire_at",
        purpose="Notification delivery tracking",
    ),
    Table(
        name="infra-drift-state",
        hash_key="stack_name",
        indexes=(Index(name="has_drift-last_check-index", hash_key="has_drift", range_key="last_check"),),
        purpose="Pulumi infrastructure drift detection (no TTL for audit)",
    ),
    Table(
        name="config-versions",
        hash_key="strategy_name",
        range_key="config_id",
        indexes=(
            Index(name="config_hash-index", hash_key="config_hash", projection="KEYS_ONLY"),
            Index(name="status-index", hash_key="strategy_name", range_key="status"),
        ),
        ttl="ttl",
        purpose="Immutable config version registry (content-addressable)",
    ),
)

STORAGE: Final = Storage(
    buckets=_BUCKETS, tables=_TABLES, rds=Rds(), state_bucket=COMPONENT, log_prefixes=LogPrefixes()
)
