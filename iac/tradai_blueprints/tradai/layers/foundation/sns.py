"""The topics: alerts, with people subscribed by e-mail, and registration (001 §5; 000 MN001, SR016).

Must never let a principal of another account publish.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from tradai_blueprints.tradai.config.messaging import Topic
from tradai_iac.core.component import Component
from tradai_iac.core.policy import PolicyBuilder
from tradai_iac.naming import Naming

#: AWS services that tell people something through the alerts topic → what of ours makes them do so.
_PUBLISHERS: Final = {
    "events.amazonaws.com": "arn:aws:events:{region}:{account}:rule/*",
    "cloudwatch.amazonaws.com": "arn:aws:cloudwatch:{region}:{account}:alarm:*",
}


@dataclass(frozen=True)
class TopicsArgs:
    """`emails` are subscribed to every topic that has e-mail subscribers; each must confirm its own."""

    naming: Naming
    account_id: str
    region: str
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
            policy=_publishing(self.alerts.arn, args),
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


def _publishing(topic_arn: pulumi.Output[str], args: TopicsArgs) -> pulumi.Output[str]:
    """A policy takes the place of AWS's default one; identities of the account need none, services do."""
    policy = PolicyBuilder()
    for service, sources in _PUBLISHERS.items():
        ours = sources.format(region=args.region, account=args.account_id)
        policy.allow(
            ["sns:Publish"],
            [topic_arn],
            principals={"Service": service},
            conditions={"ArnLike": {"aws:SourceArn": ours}},
        )
    return policy.build()
