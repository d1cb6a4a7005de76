"""Networks (EC2): almost everything has its tag from the moment it is made, and can be asked for by it.

Data. Must never find a resource by anything that another could share.
"""

from typing import Final

from tradai_iac.tags import URN_TAG
from tradai_runner.repair.find import Find

#: What EC2's own guide has people wait for at most before they believe an answer.
AGREES: Final = 300.0


def _tagged(type_: str, call: str, found: str, ready: str = "", filters: str = "Filters") -> Find:
    """By the tag; `found` is `LIST.ID` of the answer, `ready` JMESPath on one of the list."""
    things, _, id_ = found.partition(".")
    more = f", ready: {ready}" if ready else ""
    return Find(
        f"aws:ec2/{type_}",
        "ec2",
        call,
        {filters: [{"Name": f"tag:{URN_TAG}", "Values": ["$tag"]}]},
        f"{things}[].{{id: {id_}, tags: Tags{more}}}",
        own_ids=True,
        agrees=AGREES,
    )


def _group_rule(direction: str, egress: str) -> Find:
    return Find(
        f"aws:vpc/securityGroup{direction}Rule:SecurityGroup{direction}Rule",
        "ec2",
        "describe_security_group_rules",
        {"Filters": [{"Name": "group-id", "Values": ["$securityGroupId"]}]},
        f"SecurityGroupRules[?IsEgress==`{egress}`].{{id: SecurityGroupRuleId, tags: Tags}}",
        own_ids=True,
        agrees=AGREES,
    )


_TABLE: Final = {"RouteTableIds": ["$routeTableId"]}

ROWS: Final = (
    _tagged("eip:Eip", "describe_addresses", "Addresses.AllocationId"),
    _tagged("flowLog:FlowLog", "describe_flow_logs", "FlowLogs.FlowLogId", filters="Filter"),
    _tagged("internetGateway:InternetGateway", "describe_internet_gateways", "InternetGateways.InternetGatewayId"),
    _tagged("launchTemplate:LaunchTemplate", "describe_launch_templates", "LaunchTemplates.LaunchTemplateId"),
    _tagged("networkAcl:NetworkAcl", "describe_network_acls", "NetworkAcls.NetworkAclId"),
    _tagged("routeTable:RouteTable", "describe_route_tables", "RouteTables.RouteTableId"),
    _tagged("securityGroup:SecurityGroup", "describe_security_groups", "SecurityGroups.GroupId"),
    _tagged("subnet:Subnet", "describe_subnets", "Subnets.SubnetId", "State=='available'"),
    _tagged("vpc:Vpc", "describe_vpcs", "Vpcs.VpcId", "State=='available'"),
    _tagged("vpcEndpoint:VpcEndpoint", "describe_vpc_endpoints", "VpcEndpoints.VpcEndpointId", "State=='available'"),
    _group_rule("Ingress", "false"),
    _group_rule("Egress", "true"),
    Find(
        "aws:ec2/networkAclRule:NetworkAclRule",
        "ec2",
        "describe_network_acls",
        {"NetworkAclIds": ["$networkAclId"]},
        "NetworkAcls[].Entries[?RuleNumber==`$ruleNumber` && Egress==`$egress`][]"
        ".{id: join(':', ['$networkAclId', '$ruleNumber', '$protocol', '$egress'])}",
        agrees=AGREES,
    ),
    Find(
        "aws:ec2/route:Route",
        "ec2",
        "describe_route_tables",
        _TABLE,
        "RouteTables[].Routes[?DestinationCidrBlock=='$destinationCidrBlock'][]"
        ".{id: join('_', ['$routeTableId', '$destinationCidrBlock'])}",
        agrees=AGREES,
    ),
    Find(
        "aws:ec2/routeTableAssociation:RouteTableAssociation",
        "ec2",
        "describe_route_tables",
        _TABLE,
        "RouteTables[].Associations[?SubnetId=='$subnetId'][].{id: RouteTableAssociationId}",
        own_ids=True,
        agrees=AGREES,
    ),
)
