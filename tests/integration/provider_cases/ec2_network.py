"""VPC, subnets, gateway, routes, network ACL."""

from typing import Any, Final

from tests.integration.provider_cases.case import Aws, Case, Props, Ref


def _tags(found: Props) -> dict[str, str]:
    return {t["Key"]: t["Value"] for t in found["Tags"]}


def _vpc(aws: Aws, state: Props) -> Any:
    found = aws("ec2").describe_vpcs(VpcIds=[state["id"]])["Vpcs"][0]
    about = aws("ec2").describe_vpc_attribute(VpcId=state["id"], Attribute="enableDnsHostnames")
    return {"cidr": found["CidrBlock"], "hostnames": about["EnableDnsHostnames"]["Value"], "tags": _tags(found)}


def _subnet(aws: Aws, state: Props) -> Any:
    found = aws("ec2").describe_subnets(SubnetIds=[state["id"]])["Subnets"][0]
    return {"zone": found["AvailabilityZone"], "public": found["MapPublicIpOnLaunch"], "tags": _tags(found)}


def _gateway(aws: Aws, state: Props) -> Any:
    found = aws("ec2").describe_internet_gateways(InternetGatewayIds=[state["id"]])["InternetGateways"][0]
    return {"attached": len(found["Attachments"]), "tags": _tags(found)}


def _table(aws: Aws, state: Props) -> Any:
    return _tags(aws("ec2").describe_route_tables(RouteTableIds=[state["id"]])["RouteTables"][0])


def _route(aws: Aws, state: Props) -> Any:
    table = aws("ec2").describe_route_tables(RouteTableIds=[state["routeTableId"]])["RouteTables"][0]
    mine = [r for r in table["Routes"] if r.get("DestinationCidrBlock") == state["destinationCidrBlock"]]
    return [str(r.get("GatewayId") or r.get("NetworkInterfaceId")).partition("-")[0] for r in mine]


def _association(aws: Aws, state: Props) -> Any:
    by = [{"Name": "association.subnet-id", "Values": [state["subnetId"]]}]
    found = aws("ec2").describe_route_tables(Filters=by)["RouteTables"]
    return [_tags(table)["which"] for table in found]


def _acl(aws: Aws, state: Props) -> Any:
    found = aws("ec2").describe_network_acls(NetworkAclIds=[state["id"]])["NetworkAcls"][0]
    return {"guards": len(found["Associations"]), "tags": _tags(found)}


def _rule(aws: Aws, state: Props) -> Any:
    found = aws("ec2").describe_network_acls(NetworkAclIds=[state["networkAclId"]])["NetworkAcls"][0]
    mine = [e for e in found["Entries"] if e["RuleNumber"] == state["ruleNumber"] and e["Egress"] is state["egress"]]
    return [[e["Protocol"], e["CidrBlock"], e.get("PortRange")] for e in mine]


def _put_rule(aws: Aws, state: Props, action: str) -> Any:
    return aws("ec2").replace_network_acl_entry(
        NetworkAclId=state["networkAclId"],
        RuleNumber=state["ruleNumber"],
        Egress=state["egress"],
        Protocol="6",
        RuleAction=action,
        CidrBlock="10.9.0.0/16",
        PortRange={"From": 443, "To": 443},
    )


CASES: Final = (
    Case(
        "ec2.vpc",
        "aws:ec2/vpc:Vpc",
        {"cidr_block": "10.9.0.0/16", "enable_dns_hostnames": False, "tags": {"a": "1"}},
        _vpc,
        {"cidr": "10.9.0.0/16", "hostnames": False, "tags": {"a": "1"}},
        update={"enable_dns_hostnames": True, "tags": {"b": "2"}},
        updated={"cidr": "10.9.0.0/16", "hostnames": True, "tags": {"b": "2"}},
        meddle=lambda aws, state: aws("ec2").modify_vpc_attribute(
            VpcId=state["id"], EnableDnsHostnames={"Value": False}
        ),
        drifted=frozenset({"enableDnsHostnames"}),
    ),
    Case(
        "ec2.spare-vpc",
        "aws:ec2/vpc:Vpc",
        {"cidr_block": "10.8.0.0/16", "enable_dns_support": False},
        lambda aws, state: aws("ec2").describe_vpcs(VpcIds=[state["id"]])["Vpcs"][0]["CidrBlock"],
        "10.8.0.0/16",
        replace={"cidr_block": "10.7.0.0/16"},
    ),
    Case(
        "ec2.subnet",
        "aws:ec2/subnet:Subnet",
        {"vpc_id": Ref("ec2.vpc"), "cidr_block": "10.9.1.0/24", "availability_zone": "eu-central-1a"},
        _subnet,
        {"zone": "eu-central-1a", "public": False, "tags": {}},
        update={"map_public_ip_on_launch": True, "tags": {"a": "1"}},
        updated={"zone": "eu-central-1a", "public": True, "tags": {"a": "1"}},
        meddle=lambda aws, state: aws("ec2").modify_subnet_attribute(
            SubnetId=state["id"], MapPublicIpOnLaunch={"Value": False}
        ),
        drifted=frozenset({"mapPublicIpOnLaunch"}),
    ),
    Case(
        "ec2.subnet-b",
        "aws:ec2/subnet:Subnet",
        {"vpc_id": Ref("ec2.vpc"), "cidr_block": "10.9.2.0/24", "availability_zone": "eu-central-1b"},
        _subnet,
        {"zone": "eu-central-1b", "public": False, "tags": {}},
    ),
    Case(
        "ec2.spare-subnet",
        "aws:ec2/subnet:Subnet",
        {"vpc_id": Ref("ec2.vpc"), "cidr_block": "10.9.3.0/24", "availability_zone": "eu-central-1a"},
        lambda aws, state: aws("ec2").describe_subnets(SubnetIds=[state["id"]])["Subnets"][0]["CidrBlock"],
        "10.9.3.0/24",
        replace={"cidr_block": "10.9.4.0/24"},
    ),
    Case(
        "ec2.gateway",
        "aws:ec2/internetGateway:InternetGateway",
        {"vpc_id": Ref("ec2.vpc"), "tags": {"a": "1"}},
        _gateway,
        {"attached": 1, "tags": {"a": "1"}},
        update={"tags": {"a": "2"}},
        updated={"attached": 1, "tags": {"a": "2"}},
        meddle=lambda aws, state: aws("ec2").delete_tags(Resources=[state["id"]], Tags=[{"Key": "a"}]),
        drifted=frozenset({"tags"}),
    ),
    Case(
        "ec2.table",
        "aws:ec2/routeTable:RouteTable",
        {"vpc_id": Ref("ec2.vpc"), "tags": {"which": "public"}},
        _table,
        {"which": "public"},
        update={"tags": {"which": "main"}},
        updated={"which": "main"},
    ),
    Case(
        "ec2.table-b",
        "aws:ec2/routeTable:RouteTable",
        {"vpc_id": Ref("ec2.vpc"), "tags": {"which": "private"}},
        _table,
        {"which": "private"},
    ),
    Case(
        "ec2.spare-table",
        "aws:ec2/routeTable:RouteTable",
        {"vpc_id": Ref("ec2.vpc")},
        lambda aws, state: len(aws("ec2").describe_route_tables(RouteTableIds=[state["id"]])["RouteTables"]),
        1,
        replace={"vpc_id": Ref("ec2.spare-vpc")},
    ),
    Case(
        "ec2.route",
        "aws:ec2/route:Route",
        {
            "route_table_id": Ref("ec2.table"),
            "destination_cidr_block": "10.100.0.0/16",
            "gateway_id": Ref("ec2.gateway"),
        },
        _route,
        ["igw"],
        meddle=lambda aws, state: aws("ec2").delete_route(
            RouteTableId=state["routeTableId"], DestinationCidrBlock=state["destinationCidrBlock"]
        ),
        replace={"destination_cidr_block": "10.101.0.0/16"},
    ),
    Case(
        "ec2.association",
        "aws:ec2/routeTableAssociation:RouteTableAssociation",
        {"subnet_id": Ref("ec2.subnet"), "route_table_id": Ref("ec2.table")},
        _association,
        ["public"],
        update={"route_table_id": Ref("ec2.table-b")},
        updated=["private"],
        replace={"subnet_id": Ref("ec2.subnet-b")},
        import_id=lambda state: f"{state['subnetId']}/{state['routeTableId']}",
    ),
    Case(
        "ec2.acl",
        "aws:ec2/networkAcl:NetworkAcl",
        {"vpc_id": Ref("ec2.vpc"), "subnet_ids": [Ref("ec2.subnet")], "tags": {"a": "1"}},
        _acl,
        {"guards": 1, "tags": {"a": "1"}},
        update={"subnet_ids": [Ref("ec2.subnet"), Ref("ec2.subnet-b")], "tags": {"b": "2"}},
        updated={"guards": 2, "tags": {"b": "2"}},
        meddle=lambda aws, state: aws("ec2").create_tags(Resources=[state["id"]], Tags=[{"Key": "b", "Value": "3"}]),
        drifted=frozenset({"tags"}),
    ),
    Case(
        "ec2.spare-acl",
        "aws:ec2/networkAcl:NetworkAcl",
        {"vpc_id": Ref("ec2.vpc")},
        lambda aws, state: len(aws("ec2").describe_network_acls(NetworkAclIds=[state["id"]])["NetworkAcls"]),
        1,
        replace={"vpc_id": Ref("ec2.spare-vpc")},
    ),
    Case(
        "ec2.acl-in",
        "aws:ec2/networkAclRule:NetworkAclRule",
        {
            "network_acl_id": Ref("ec2.acl"),
            "rule_number": 100,
            "egress": False,
            "protocol": "tcp",
            "rule_action": "allow",
            "cidr_block": "10.9.0.0/16",
            "from_port": 443,
            "to_port": 443,
        },
        _rule,
        [["6", "10.9.0.0/16", {"From": 443, "To": 443}]],
        meddle=lambda aws, state: _put_rule(aws, state, "deny"),
        drifted=frozenset({"ruleAction"}),
        replace={"rule_number": 110},
        import_id=lambda state: f"{state['networkAclId']}:{state['ruleNumber']}:tcp:false",
    ),
    Case(
        "ec2.acl-out",
        "aws:ec2/networkAclRule:NetworkAclRule",
        {
            "network_acl_id": Ref("ec2.acl"),
            "rule_number": 100,
            "egress": True,
            "protocol": "-1",
            "rule_action": "allow",
            "cidr_block": "0.0.0.0/0",
        },
        _rule,
        [["-1", "0.0.0.0/0", None]],
        import_id=lambda state: f"{state['networkAclId']}:{state['ruleNumber']}:-1:true",
    ),
)
