"""The topics: alerts, with people subscribed by e-mail, and registration (001 §5; 000 MN001, SR016).

Must never let a principal of another account publish.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from tradai_iac.config.messaging import Topic
from tradai_iac.core.component import Component
from tradai_iac.core.policy import PolicyBuilder
from tradai_iac.naming import Naming

#: AWS services that tell people something through the alerts topic: rules, and alarms.
_PUBLISHERS: Final = ("events.amazonaws.com", "cloudwatch.amazonaws.com")


@dataclass(frozen=True)
class TopicsArgs:
    """`emails` are subscribed to every topic that has e-mail subscribers; each must confirm its own."""

    naming: Naming
    account_id: str
    alerts: Topic
    registration: Topic
    emails: Sequence[str]


class Topics(Component):
    """`alerts` and `registration`; `alerts_policy` must exist before a service publishes."""

    def __init__(self, name: str, args: TopicsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("foundation:Topics", name, opts)
        self.alerts = self._topic(args.alerts, args)
        self.registration = self._topic(args.registration, args)
        self.alerts_policy = aws.sns.TopicPolicy(
            args.alerts.component,
            arn=self.alerts.arn,
            policy=_publishing(self.alerts.arn, args.account_id),
            opts=self.child(),
        )
        self.register_outputs({"alerts": self.alerts.arn, "registration": self.registration.arn})

    def _topic(self, row: Topic, args: TopicsArgs) -> aws.sns.Topic:
        name = args.naming.name(row.component)
        topic = aws.sns.Topic(row.component, name=name, display_name=name, opts=self.child())
        for email in args.emails if row.email_subscribers else ():
            aws.sns.TopicSubscription(
                f"{row.component}-{email}",
                topic=topic.arn,
                protocol="email",
                endpoint=email,
                opts=self.child(),
            )
        return topic


def _publishing(topic_arn: pulumi.Output[str], account_id: str) -> pulumi.Output[str]:
    """A policy takes the place of AWS's default one; identities of the account need none, services do."""
    ours = {"StringEquals": {"aws:SourceAccount": account_id}}
    return (
        PolicyBuilder()
        .allow(
            ["sns:Publish"],
            [topic_arn],
            principals={"Service": list(_PUBLISHERS)},
            conditions=ours,
            sid="AllowServicesOfThisAccount",
        )
        .build()
    )
