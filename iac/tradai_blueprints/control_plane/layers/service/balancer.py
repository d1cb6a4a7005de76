"""An internal load balancer before the API server, for those who reach the VPC already; without them there is none.

It hands TLS through, so that a client's certificate is the client's. Must never face the internet.
"""

from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from tradai_blueprints.control_plane.context import Context
from tradai_blueprints.control_plane.contracts import GroundOfService
from tradai_blueprints.control_plane.settings import API_PORT, HTTPS_PORT
from tradai_iac.core.component import Component

_COMPONENT: Final = "api"


@dataclass(frozen=True, kw_only=True)
class BalancerArgs:
    """Where it stands, and who may reach it."""

    context: Context
    ground: GroundOfService
    client_cidrs: tuple[str, ...]


class Balancer(Component):
    """`host`, and `target_group_arn`; `listener` must exist before a task is registered."""

    def __init__(self, name: str, args: BalancerArgs) -> None:
        super().__init__("service:Balancer", name)
        self._args, naming = args, args.context.naming
        group = self._group()
        balancer = aws.lb.LoadBalancer(
            _COMPONENT,
            name=naming.name(_COMPONENT, kind="load-balancer"),
            internal=True,
            load_balancer_type="network",
            security_groups=[group.id],
            subnets=args.ground.task_subnet_ids,
            opts=self.child(),
        )
        targets = self._targets()
        self.listener = aws.lb.Listener(
            _COMPONENT,
            load_balancer_arn=balancer.arn,
            port=HTTPS_PORT,
            protocol="TCP",
            default_actions=[aws.lb.ListenerDefaultActionArgs(type="forward", target_group_arn=targets.arn)],
            opts=self.child(),
        )
        self.host, self.target_group_arn = balancer.dns_name, targets.arn
        self.register_outputs({"host": self.host})

    def _targets(self) -> aws.lb.TargetGroup:
        return aws.lb.TargetGroup(
            _COMPONENT,
            name=self._args.context.naming.name(_COMPONENT, kind="target-group"),
            port=API_PORT,
            protocol="TCP",
            target_type="ip",
            vpc_id=self._args.ground.vpc_id,
            deregistration_delay=10,
            health_check=aws.lb.TargetGroupHealthCheckArgs(
                protocol="TCP", interval=10, healthy_threshold=2, unhealthy_threshold=2
            ),
            opts=self.child(),
        )

    def _group(self) -> aws.ec2.SecurityGroup:
        """Clients reach the balancer, the balancer the task, and nobody else either of them."""
        name = self._args.context.naming.name(_COMPONENT)
        group = aws.ec2.SecurityGroup(
            _COMPONENT,
            name=name,
            description="The way to the API server",
            vpc_id=self._args.ground.vpc_id,
            revoke_rules_on_delete=True,
            tags={"Name": name},
            opts=self.child(),
        )
        for cidr in self._args.client_cidrs:
            aws.vpc.SecurityGroupIngressRule(
                f"api-{cidr}",
                security_group_id=group.id,
                description="clients of the API server",
                ip_protocol="tcp",
                from_port=HTTPS_PORT,
                to_port=HTTPS_PORT,
                cidr_ipv4=cidr,
                opts=self.child(),
            )
        self._between("api-task", aws.vpc.SecurityGroupEgressRule, group.id, self._args.ground.task_group_id)
        self._between("task-api", aws.vpc.SecurityGroupIngressRule, self._args.ground.task_group_id, group.id)
        return group

    def _between(
        self,
        name: str,
        kind: type[aws.vpc.SecurityGroupEgressRule] | type[aws.vpc.SecurityGroupIngressRule],
        of: pulumi.Input[str],
        other: pulumi.Input[str],
    ) -> None:
        kind(
            name,
            security_group_id=of,
            description="load balancer to API server",
            ip_protocol="tcp",
            from_port=API_PORT,
            to_port=API_PORT,
            referenced_security_group_id=other,
            opts=self.child(),
        )
