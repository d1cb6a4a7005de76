"""The private way from the API to the load balancer (001 §7 "API Gateway uses VPC Link").

Must never leave the VPC, never speak HTTP to a listener that has a certificate, and never let a caller say whose
address a request comes from.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from tradai_blueprints.tradai.config.api import CLIENT_ADDRESS_HEADER
from tradai_iac.core.component import Component
from tradai_iac.naming import Naming


@dataclass(frozen=True, kw_only=True)
class BalancerArgs:
    """The API, where the link stands, and the listeners; `server_name` goes with the HTTPS one."""

    naming: Naming
    api_id: pulumi.Input[str]
    subnet_ids: pulumi.Input[Sequence[pulumi.Input[str]]]
    security_group_id: pulumi.Input[str]
    http_listener_arn: pulumi.Input[str | None]
    https_listener_arn: pulumi.Input[str | None]
    server_name: pulumi.Input[str | None]


class Balancer(Component):
    """`link` and the `integration` over it."""

    def __init__(self, name: str, args: BalancerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("edge:Balancer", name, opts)
        self.link = aws.apigatewayv2.VpcLink(
            "link",
            name=args.naming.name("vpc-link"),
            subnet_ids=args.subnet_ids,
            security_group_ids=[args.security_group_id],
            opts=self.child(),
        )
        self.integration = self._integration(args)
        self.register_outputs({"link_id": self.link.id})

    def _integration(self, args: BalancerArgs) -> aws.apigatewayv2.Integration:
        listener = pulumi.Output.all(args.https_listener_arn, args.http_listener_arn).apply(_listener)
        return aws.apigatewayv2.Integration(
            "balancer",
            api_id=args.api_id,
            description="The load balancer, over the VPC link",
            integration_type="HTTP_PROXY",
            integration_method="ANY",
            integration_uri=listener,
            connection_type="VPC_LINK",
            connection_id=self.link.id,
            payload_format_version="1.0",
            request_parameters={f"overwrite:header.{CLIENT_ADDRESS_HEADER}": "$context.identity.sourceIp"},
            tls_config=pulumi.Output.from_input(args.server_name).apply(_tls),
            opts=self.child(),
        )


def _listener(https_then_http: Sequence[str | None]) -> str:
    """The first listener that exists; raises ValueError where compute was built without a load balancer."""
    for arn in https_then_http:
        if arn:
            return arn
    raise ValueError("the compute layer has no load balancer: set skipAlb in the edge layer's config as well")


def _tls(server_name: str | None) -> aws.apigatewayv2.IntegrationTlsConfigArgs | None:
    return aws.apigatewayv2.IntegrationTlsConfigArgs(server_name_to_verify=server_name) if server_name else None
