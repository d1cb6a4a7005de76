"""The way of `POST /api/v1/backtests` straight into the backtest queue (001 §7, 002 §5.1).

The caller is answered with what SQS says, `{"SendMessageResponse": {"SendMessageResult": {"MessageId": …}}}`: the
message id is the job's id where the body names no `job_id`, and GET /api/v1/backtests/{job_id} knows both.

Must never be able to do more than send to that one queue, nor let a body say who sent it.
"""

import json
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from tradai_iac.core.component import Component
from tradai_iac.core.policy import AssumeRolePolicyBuilder, PolicyBuilder
from tradai_iac.naming import Naming

#: Backtests need no order among themselves, so that each is a group of its own: one that runs, or fails,
#: holds up no other. What is a duplicate is decided by content (002 §6.1), across groups.
_MESSAGE_GROUP: Final = "$context.requestId"
#: Who asked, by the token (people's and machines' have a `sub`), and which request it was. Only inside a JSON text are
#: the API's variables written with braces; a bare JSON text without any is refused.
_ATTRIBUTES: Final = {"subject": "${context.authorizer.claims.sub}", "request_id": "${context.requestId}"}


@dataclass(frozen=True, kw_only=True)
class BacktestsArgs:
    """The API and the queue."""

    naming: Naming
    api_id: pulumi.Input[str]
    queue_url: pulumi.Input[str]
    queue_arn: pulumi.Input[str]


class Backtests(Component):
    """The `integration`, and the `role` that it sends with."""

    def __init__(self, name: str, args: BacktestsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("edge:Backtests", name, opts)
        role_name = args.naming.name("api-sqs", kind="iam-role")
        self.role = aws.iam.Role(
            "api-sqs",
            name=role_name,
            description="Lets the API put backtest requests into their queue",
            assume_role_policy=AssumeRolePolicyBuilder.for_service("apigateway.amazonaws.com"),
            opts=self.child(),
        )
        policy = aws.iam.RolePolicy(
            "api-sqs",
            name=role_name,
            role=self.role.id,
            policy=PolicyBuilder().allow(["sqs:SendMessage"], [args.queue_arn]).build(),
            opts=self.child(),
        )
        self.integration = self._integration(args, policy)
        self.register_outputs({"role_arn": self.role.arn})

    def _integration(self, args: BacktestsArgs, policy: aws.iam.RolePolicy) -> aws.apigatewayv2.Integration:
        return aws.apigatewayv2.Integration(
            "backtests",
            api_id=args.api_id,
            description="The backtest queue",
            integration_type="AWS_PROXY",
            integration_subtype="SQS-SendMessage",
            credentials_arn=self.role.arn,
            request_parameters={
                "QueueUrl": args.queue_url,
                "MessageBody": "$request.body",
                "MessageGroupId": _MESSAGE_GROUP,
                "MessageAttributes": json.dumps({name: _text(value) for name, value in _ATTRIBUTES.items()}),
            },
            payload_format_version="1.0",
            opts=self.child(depends_on=[policy]),
        )


def _text(value: str) -> dict[str, str]:
    return {"DataType": "String", "StringValue": value}
