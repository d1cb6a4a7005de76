"""Where the API writes one line a request, and what is in it (001 §7).

Must never log a token, a header or a body.
"""

import json
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from tradai_iac.core.component import Component
from tradai_iac.naming import Naming

#: Key of a line → API Gateway's variable.
_FIELDS: Final = {
    "requestId": "$context.requestId",
    "time": "$context.requestTime",
    "ip": "$context.identity.sourceIp",
    "routeKey": "$context.routeKey",
    "status": "$context.status",
    "protocol": "$context.protocol",
    "responseLength": "$context.responseLength",
    "latencyMs": "$context.responseLatency",
    "integrationError": "$context.integrationErrorMessage",
    "authorizerError": "$context.authorizer.error",
}


@dataclass(frozen=True, kw_only=True)
class AccessLogArgs:
    """`retention_days` is the environment's (002 §10)."""

    naming: Naming
    retention_days: int


class AccessLog(Component):
    """`log_group`, and the stage's `settings` that write to it."""

    def __init__(self, name: str, args: AccessLogArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("edge:AccessLog", name, opts)
        self.log_group = aws.cloudwatch.LogGroup(
            "api-access",
            name=args.naming.name("api-access", kind="log-group"),
            retention_in_days=args.retention_days,
            opts=self.child(),
        )
        self.settings = aws.apigatewayv2.StageAccessLogSettingsArgs(
            destination_arn=self.log_group.arn, format=json.dumps(_FIELDS)
        )
        self.register_outputs({"log_group_arn": self.log_group.arn})
