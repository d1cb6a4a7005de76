"""The rotation of the database's credentials, and word of it to the alerts topic (001 §5; 000 SEC006).

RDS owns the secret and rotates it itself, so there is no function of ours and no second user: only the interval is
declared. Secrets Manager reports how a rotation ended through CloudTrail, where the account has a trail. Must never
carry the secret's value.
"""

import json
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from tradai_iac.core.component import Component
from tradai_iac.naming import Naming

_COMPONENT: Final = "rds-rotation"
#: How a rotation may end.
_ENDINGS: Final = ("RotationSucceeded", "RotationFailed", "RotationAbandoned")
_MESSAGE: Final = '"<event> at <time>: the database credentials in <secret>."'
_PATHS: Final = {
    "event": "$.detail.eventName",
    "time": "$.time",
    "secret": "$.detail.additionalEventData.SecretId",
}


@dataclass(frozen=True)
class SecretRotationArgs:
    """The secret, the days between rotations, and where their outcome is reported.

    `topic_policy` must exist before EventBridge publishes.
    """

    naming: Naming
    secret_arn: pulumi.Output[str]
    interval_days: int
    topic_arn: pulumi.Input[str]
    topic_policy: pulumi.Resource


class SecretRotation(Component):
    """The interval and the rule that reports."""

    def __init__(self, name: str, args: SecretRotationArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("foundation:SecretRotation", name, opts)
        # The secret goes with its database, and AWS lets nobody but RDS end its rotation.
        self.rotation = aws.secretsmanager.SecretRotation(
            _COMPONENT,
            secret_id=args.secret_arn,
            rotate_immediately=False,
            rotation_rules=aws.secretsmanager.SecretRotationRotationRulesArgs(
                automatically_after_days=args.interval_days
            ),
            opts=self.child(retain_on_delete=True),
        )
        self._report(args)
        self.register_outputs({"interval_days": args.interval_days})

    def _report(self, args: SecretRotationArgs) -> None:
        rule = aws.cloudwatch.EventRule(
            _COMPONENT,
            name=args.naming.name(_COMPONENT, kind="event-rule"),
            description="How a rotation of the database credentials ended",
            event_pattern=args.secret_arn.apply(lambda arn: json.dumps(endings_of(arn))),
            opts=self.child(),
        )
        aws.cloudwatch.EventTarget(
            _COMPONENT,
            rule=rule.name,
            target_id="alerts",
            arn=args.topic_arn,
            input_transformer=aws.cloudwatch.EventTargetInputTransformerArgs(
                input_paths=_PATHS, input_template=_MESSAGE
            ),
            opts=self.child(depends_on=[args.topic_policy]),
        )


def endings_of(secret_arn: str) -> dict[str, object]:
    """EventBridge's pattern of the events that end a rotation of that secret."""
    return {
        "source": ["aws.secretsmanager"],
        "detail-type": ["AWS Service Event via CloudTrail"],
        "detail": {
            "eventSource": ["secretsmanager.amazonaws.com"],
            "eventName": list(_ENDINGS),
            "additionalEventData": {"SecretId": [secret_arn]},
        },
    }
