"""Ways to AWS's services that do not leave the VPC (000 SEC002; 001 §5).

Must never route the database tier anywhere: 002 §1.3 keeps it local.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from tradai_iac.core.component import Component
from tradai_iac.naming import Naming


@dataclass(frozen=True)
class VpcEndpointsArgs:
    """Service names are AWS's without `com.amazonaws.{region}.` (`ecr.api`)."""

    naming: Naming
    region: str
    vpc_id: pulumi.Input[str]
    gateways: Sequence[str]
    interfaces: Sequence[str]
    route_table_ids: Sequence[pulumi.Input[str]]
    subnet_ids: Sequence[pulumi.Input[str]]
    security_group_id: pulumi.Input[str]


class VpcEndpoints(Component):
    """Gateway endpoints in the route tables, interface endpoints in the subnets; all by service."""

    def __init__(self, name: str, args: VpcEndpointsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("foundation:VpcEndpoints", name, opts)
        self._args = args
        gateways = {service: self._gateway(service) for service in args.gateways}
        interfaces = {service: self._interface(service) for service in args.interfaces}
        self.endpoints = gateways | interfaces
        self.register_outputs({service: endpoint.id for service, endpoint in self.endpoints.items()})

    def _gateway(self, service: str) -> aws.ec2.VpcEndpoint:
        return aws.ec2.VpcEndpoint(
            service,
            vpc_id=self._args.vpc_id,
            service_name=self._service_name(service),
            vpc_endpoint_type="Gateway",
            route_table_ids=list(self._args.route_table_ids),
            tags=self._named(service),
            opts=self.child(),
        )

    def _interface(self, service: str) -> aws.ec2.VpcEndpoint:
        """Private DNS lets clients keep the service's usual name."""
        return aws.ec2.VpcEndpoint(
            service,
            vpc_id=self._args.vpc_id,
            service_name=self._service_name(service),
            vpc_endpoint_type="Interface",
            subnet_ids=list(self._args.subnet_ids),
            security_group_ids=[self._args.security_group_id],
            private_dns_enabled=True,
            tags=self._named(service),
            opts=self.child(),
        )

    def _service_name(self, service: str) -> str:
        return f"com.amazonaws.{self._args.region}.{service}"

    def _named(self, service: str) -> dict[str, str]:
        return {"Name": self._args.naming.name(f"{service.replace('.', '-')}-endpoint")}
