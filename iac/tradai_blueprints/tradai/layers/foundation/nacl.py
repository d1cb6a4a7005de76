"""A network ACL a tier, with its stateless rules (001 §5; 000 SEC005).

Must never deny by a rule of its own: what no rule allows, the ACL drops anyway.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from tradai_blueprints.tradai.config.network import NaclRule, Tier
from tradai_iac.core.component import Component
from tradai_iac.naming import Naming

SubnetIds = Sequence[pulumi.Output[str]]


@dataclass(frozen=True)
class NetworkAclsArgs:
    """`subnet_ids` by tier; every tier in it gets an ACL."""

    naming: Naming
    vpc_id: pulumi.Input[str]
    subnet_ids: Mapping[Tier, SubnetIds]
    rules: Sequence[NaclRule]


class NetworkAcls(Component):
    """The ACLs by tier; `rules` must exist before the subnets carry traffic."""

    def __init__(self, name: str, args: NetworkAclsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("foundation:NetworkAcls", name, opts)
        self.acls = {tier: self._acl(tier, ids, args) for tier, ids in args.subnet_ids.items()}
        self.rules = [self._rule(row) for row in args.rules]
        self.register_outputs({tier: acl.id for tier, acl in self.acls.items()})

    def _acl(self, tier: Tier, subnet_ids: SubnetIds, args: NetworkAclsArgs) -> aws.ec2.NetworkAcl:
        return aws.ec2.NetworkAcl(
            tier,
            vpc_id=args.vpc_id,
            subnet_ids=list(subnet_ids),
            tags={"Name": args.naming.name(f"{tier}-nacl")},
            opts=self.child(),
        )

    def _rule(self, row: NaclRule) -> aws.ec2.NetworkAclRule:
        """Every protocol has no ports, and AWS answers with none."""
        direction, ports = "egress" if row.egress else "ingress", row.protocol != "-1"
        return aws.ec2.NetworkAclRule(
            f"{row.tier}-{direction}-{row.number}",
            network_acl_id=self.acls[row.tier].id,
            rule_number=row.number,
            egress=row.egress,
            protocol=row.protocol,
            rule_action="allow",
            cidr_block=row.cidr,
            from_port=row.from_port if ports else None,
            to_port=row.to_port if ports else None,
            opts=self.child(),
        )
