"""The API's own host name (001 §7 "custom domain (optional)").

Must never touch DNS: the zone may be anywhere, and the record's target is an output.
"""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from tradai_iac.core.component import Component


@dataclass(frozen=True, kw_only=True)
class CustomDomainArgs:
    """The host name, its certificate in the same region, and the stage that answers under it."""

    host: str
    certificate_arn: str
    api_id: pulumi.Input[str]
    stage: aws.apigatewayv2.Stage


class CustomDomain(Component):
    """`domain`; `target` is what the host name's DNS record must point to."""

    def __init__(self, name: str, args: CustomDomainArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("edge:CustomDomain", name, opts)
        self.domain = aws.apigatewayv2.DomainName(
            "domain",
            domain_name=args.host,
            domain_name_configuration=aws.apigatewayv2.DomainNameDomainNameConfigurationArgs(
                certificate_arn=args.certificate_arn, endpoint_type="REGIONAL", security_policy="TLS_1_2"
            ),
            opts=self.child(),
        )
        aws.apigatewayv2.ApiMapping(
            "domain",
            api_id=args.api_id,
            domain_name=self.domain.id,
            stage=args.stage.id,
            opts=self.child(),
        )
        self.target = self.domain.domain_name_configuration.target_domain_name
        self.register_outputs({"target": self.target})
