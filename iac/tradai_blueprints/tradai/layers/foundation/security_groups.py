"""The security groups and their rules, row by row (002 §4.1; 001 §5, §6 for the optional consolidated group).

Must never hold a rule: each is a row of `config.security`, and a resource of its own, so that two groups may name
each other.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from tradai_blueprints.tradai.config.security import SecurityGroup
from tradai_blueprints.tradai.config.security_rules import GroupName, SecurityRule
from tradai_iac.core.component import OUTLIVED_BY_INTERFACES, Component
from tradai_iac.naming import Naming

_RESOURCES = {
    "ingress": aws.vpc.SecurityGroupIngressRule,
    "egress": aws.vpc.SecurityGroupEgressRule,
}


@dataclass(frozen=True)
class SecurityGroupsArgs:
    """The groups of an environment, and all rules among them."""

    naming: Naming
    vpc_id: pulumi.Input[str]
    groups: Sequence[SecurityGroup]
    rules: Sequence[SecurityRule]


class SecurityGroups(Component):
    """The groups by name; `id_of` gives an id."""

    def __init__(self, name: str, args: SecurityGroupsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("foundation:SecurityGroups", name, opts)
        self.groups = {row.name: self._group(row, args) for row in args.groups}
        for rule in args.rules:
            self._rule(rule)
        self.register_outputs({group: resource.id for group, resource in self.groups.items()})

    def id_of(self, group: GroupName) -> pulumi.Output[str]:
        """Id of that group; raises KeyError for an optional one that is left out."""
        return self.groups[group].id

    def _group(self, row: SecurityGroup, args: SecurityGroupsArgs) -> aws.ec2.SecurityGroup:
        """Two groups that name each other cannot go before the rules do: deleting one takes its rules first."""
        name = args.naming.name(row.component)
        return aws.ec2.SecurityGroup(
            row.name,
            name=name,
            description=row.description,
            vpc_id=args.vpc_id,
            revoke_rules_on_delete=True,
            tags={"Name": name},
            opts=self.child(custom_timeouts=OUTLIVED_BY_INTERFACES),
        )

    def _rule(self, row: SecurityRule) -> None:
        _RESOURCES[row.direction](
            rule_name(row),
            security_group_id=self.groups[row.group].id,
            description=row.purpose,
            ip_protocol="tcp",
            from_port=row.from_port,
            to_port=row.to_port,
            cidr_ipv4=None if row.peer_is_group else row.peer,
            referenced_security_group_id=self.groups[_group_name(row)].id if row.peer_is_group else None,
            opts=self.child(),
        )


def rule_name(row: SecurityRule) -> str:
    """A rule's Pulumi name, made of its content: the order of the rows does not matter."""
    ports = str(row.from_port) if row.from_port == row.to_port else f"{row.from_port}-{row.to_port}"
    return f"{row.group}-{row.direction}-{ports}-{row.peer}"


def _group_name(row: SecurityRule) -> GroupName:
    return row.peer  # type: ignore[return-value]  # a peer without a slash is the name of a group
