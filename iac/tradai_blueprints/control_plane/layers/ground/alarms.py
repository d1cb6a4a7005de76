"""The topic of the alarms, and the alarms of the database.

Must never let a principal of another account publish.
"""

from collections.abc import Sequence
from typing import Final

import pulumi
import pulumi_aws as aws

from tradai_blueprints.control_plane.config import GroundConfig
from tradai_blueprints.control_plane.context import Context
from tradai_iac.core.component import Component
from tradai_iac.core.policy import PolicyBuilder

_TOPIC: Final = "alarms"
_GIB: Final = 1024**3
#: Metric of the database → what is said, and where it begins to matter.
_DATABASE: Final = (
    ("FreeStorageSpace", "LessThanThreshold", 4 * _GIB, "less than 4 GiB of the database's disk are free"),
    ("CPUUtilization", "GreaterThanThreshold", 90, "the database has been busy for a quarter of an hour"),
    ("DatabaseConnections", "LessThanThreshold", 1, "nobody is connected to the database: no API server works"),
)


class Topic(Component):
    """`topic`, with people subscribed by e-mail; each must confirm its own."""

    def __init__(self, name: str, emails: Sequence[str], context: Context) -> None:
        super().__init__("ground:Topic", name)
        called = context.naming.name(_TOPIC)
        self.topic = aws.sns.Topic(_TOPIC, name=called, display_name=called, opts=self.child())
        for email in emails:
            aws.sns.TopicSubscription(email, topic=self.topic.arn, protocol="email", endpoint=email, opts=self.child())
        policy = PolicyBuilder().allow(
            ["sns:Publish"],
            [self.topic.arn],
            principals={"Service": "cloudwatch.amazonaws.com"},
            conditions={
                "ArnLike": {"aws:SourceArn": f"arn:aws:cloudwatch:{context.region}:{context.account_id}:alarm:*"}
            },
        )
        aws.sns.TopicPolicy(_TOPIC, arn=self.topic.arn, policy=policy.build(), opts=self.child())
        self.register_outputs({"arn": self.topic.arn})


class DatabaseAlarms(Component):
    """An alarm a row; silence is one too where somebody ought to be connected."""

    def __init__(
        self, name: str, config: GroundConfig, database: pulumi.Input[str], topic: pulumi.Input[str], context: Context
    ) -> None:
        super().__init__("ground:DatabaseAlarms", name)
        for metric, comparison, threshold, said in _DATABASE:
            component = f"database-{metric.lower()}"
            aws.cloudwatch.MetricAlarm(
                component,
                name=context.naming.name(component),
                alarm_description=f"{said} ({config.instance_class}, {config.storage_gb} GB)",
                namespace="AWS/RDS",
                metric_name=metric,
                dimensions={"DBInstanceIdentifier": database},
                statistic="Average",
                period=300,
                evaluation_periods=3,
                threshold=threshold,
                comparison_operator=comparison,
                treat_missing_data="missing",
                alarm_actions=[topic],
                ok_actions=[topic],
                opts=self.child(),
            )
        self.register_outputs({})
