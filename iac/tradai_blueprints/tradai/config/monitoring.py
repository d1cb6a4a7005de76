"""The metrics that the platform's own functions publish, and the alarms over them and over AWS's (000 MN003, INF007).

Must never hold a threshold: those are `overrides.Alarms`, which people may set. Periods in seconds.
"""

from typing import Final, Literal

from tradai_iac.base import Frozen

Subject = Literal["api", "database", "dead-letters", "trading"]
Comparison = Literal["GreaterThanOrEqualToThreshold", "GreaterThanThreshold", "LessThanThreshold"]

#: Where the platform's functions publish; the one dimension is the environment.
METRICS_NAMESPACE: Final = "tradai"
METRICS_DIMENSION: Final = "Environment"
STALE_HEARTBEATS: Final = "StaleHeartbeats"
LIVE_STRATEGIES: Final = "LiveStrategies"


class AlarmRow(Frozen):
    """One alarm on one metric of a subject; `threshold` names a field of `overrides.Alarms`; a number is meant
    as it stands.

    `scale` is how many of the metric's units one of the threshold's is. No data is no alarm: a platform at rest is
    well.
    """

    name: str
    description: str
    subject: Subject
    namespace: str
    metric: str
    statistic: str
    threshold: str | int
    comparison: Comparison
    scale: int = 1
    period: int = 300
    evaluation_periods: int = 1


class Monitoring(Frozen):
    """`alarms` make up the composite alarm of the platform's health."""

    alarms: tuple[AlarmRow, ...]


MONITORING: Final = Monitoring(
    alarms=(
        AlarmRow(
            name="api-latency",
            description="The API answers slowly: 95th percentile above the threshold",
            subject="api",
            namespace="AWS/ApiGateway",
            metric="Latency",
            statistic="p95",
            threshold="latency_threshold",
            comparison="GreaterThanThreshold",
            evaluation_periods=3,
        ),
        AlarmRow(
            name="rds-cpu",
            description="The database's CPU has been busy for a quarter of an hour",
            subject="database",
            namespace="AWS/RDS",
            metric="CPUUtilization",
            statistic="Average",
            threshold="rds_cpu_percent",
            comparison="GreaterThanThreshold",
            evaluation_periods=3,
        ),
        AlarmRow(
            name="rds-storage",
            description="The database's free storage is running out",
            subject="database",
            namespace="AWS/RDS",
            metric="FreeStorageSpace",
            statistic="Minimum",
            threshold="rds_free_storage_gb",
            comparison="LessThanThreshold",
            scale=2**30,
        ),
        AlarmRow(
            name="dlq-depth",
            description="A backtest or retraining request failed for good and lies in the dead letter queue",
            subject="dead-letters",
            namespace="AWS/SQS",
            metric="ApproximateNumberOfMessagesVisible",
            statistic="Maximum",
            threshold=1,
            comparison="GreaterThanOrEqualToThreshold",
        ),
        AlarmRow(
            name="stale-heartbeat",
            description="Live strategies have stopped sending heartbeats",
            subject="trading",
            namespace=METRICS_NAMESPACE,
            metric=STALE_HEARTBEATS,
            statistic="Maximum",
            threshold="stale_threshold",
            comparison="GreaterThanOrEqualToThreshold",
        ),
        AlarmRow(
            name="live-strategies",
            description="Fewer live strategies send heartbeats than should",
            subject="trading",
            namespace=METRICS_NAMESPACE,
            metric=LIVE_STRATEGIES,
            statistic="Minimum",
            threshold="min_strategies",
            comparison="LessThanThreshold",
            evaluation_periods=2,
        ),
    )
)
