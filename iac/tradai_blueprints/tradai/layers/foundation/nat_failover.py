"""update-nat-routes and what calls it: the launch of a NAT instance (002 §1.4, §7; 000 lambda_funcs.py, note).

The function makes the private tier's default route at the first launch and moves it at every later one. Its code
goes in inline, from its one source, because its image does not exist yet when this layer is built. Must never name
an instance.
"""

import json
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from tradai_blueprints.tradai.config.lambdas import LambdaFunction
from tradai_blueprints.tradai.layers.foundation.nat_roles import Estate, failover_policy
from tradai_iac.core.component import Component
from tradai_iac.core.lambda_sources import archive, handler_of
from tradai_iac.core.policy import AssumeRolePolicyBuilder
from tradai_iac.naming import Naming

_RULE: Final = "nat-launch"


@dataclass(frozen=True)
class NatFailoverArgs:
    """The function's row of 002 §7, the group whose launches call it, and the route table that it keeps.

    `allocation_id` is that of the address which an instance takes over once it passes traffic on.
    """

    naming: Naming
    function: LambdaFunction
    estate: Estate
    route_table_id: pulumi.Input[str]
    allocation_id: pulumi.Input[str]
    retention_days: int


class NatFailover(Component):
    """`function`; `ready` must exist before the group launches anything."""

    def __init__(self, name: str, args: NatFailoverArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("foundation:NatFailover", name, opts, service=args.function.name)
        self._args = args
        self.log_group = aws.cloudwatch.LogGroup(
            args.function.name,
            name=args.naming.name(args.function.name, kind="log-group"),
            retention_in_days=args.retention_days,
            opts=self.child(),
        )
        role, policy = self._role()
        self.function = self._function(role)
        self.ready: list[pulumi.Resource] = [policy, *self._trigger()]
        self.register_outputs({"function": self.function.arn})

    def _role(self) -> tuple[aws.iam.Role, aws.iam.RolePolicy]:
        component = self._args.function.name
        name = self._args.naming.name(component, kind="iam-role")
        role = aws.iam.Role(
            component,
            name=name,
            description="Moves the private subnets' default route",
            assume_role_policy=AssumeRolePolicyBuilder.for_lambda(),
            opts=self.child(),
        )
        policy = failover_policy(self._args.estate, self._args.route_table_id, self.log_group.arn)
        return role, aws.iam.RolePolicy(component, name=name, role=role.id, policy=policy, opts=self.child())

    def _function(self, role: aws.iam.Role) -> aws.lambda_.Function:
        row = self._args.function
        return aws.lambda_.Function(
            row.name,
            name=self._args.naming.name(row.name, kind="lambda"),
            description="Points the private subnets at a new NAT instance",
            role=role.arn,
            runtime=row.runtime,
            handler=handler_of(row.name),
            memory_size=row.memory_mb,
            timeout=row.timeout_seconds,
            code=archive(row.name),
            environment=aws.lambda_.FunctionEnvironmentArgs(
                variables={"ROUTE_TABLE_ID": self._args.route_table_id, "ALLOCATION_ID": self._args.allocation_id}
            ),
            logging_config=aws.lambda_.FunctionLoggingConfigArgs(log_format="Text", log_group=self.log_group.name),
            opts=self.child(),
        )

    def _trigger(self) -> tuple[pulumi.Resource, pulumi.Resource]:
        rule = aws.cloudwatch.EventRule(
            _RULE,
            name=self._args.naming.name(_RULE, kind="event-rule"),
            description="A NAT instance has been launched and waits",
            event_pattern=json.dumps(launches_of(self._args.estate.group)),
            opts=self.child(),
        )
        permission = aws.lambda_.Permission(
            _RULE,
            statement_id=_RULE,
            action="lambda:InvokeFunction",
            function=self.function.name,
            principal="events.amazonaws.com",
            source_arn=rule.arn,
            opts=self.child(),
        )
        target = aws.cloudwatch.EventTarget(
            _RULE, rule=rule.name, target_id="function", arn=self.function.arn, opts=self.child()
        )
        return permission, target


def launches_of(group: str) -> dict[str, object]:
    """EventBridge's pattern of the launches of that Auto Scaling group that a hook holds."""
    return {
        "source": ["aws.autoscaling"],
        "detail-type": ["EC2 Instance-launch Lifecycle Action"],
        "detail": {"AutoScalingGroupName": [group]},
    }
