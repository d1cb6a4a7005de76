"""The foundation layer's network: subnets, routes, groups, ACLs, endpoints, flow logs (002 §1, §4.1)."""

import json
from typing import Any

import pytest

from tests.unit.iac.foundation_runs import ENVIRONMENTS, declare, deployed
from tests.unit.iac.pulumi_mocks import Run

VPC = "aws:ec2/vpc:Vpc"
SUBNET = "aws:ec2/subnet:Subnet"
ROUTE = "aws:ec2/route:Route"
TABLE = "aws:ec2/routeTable:RouteTable"
ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation"
ACL = "aws:ec2/networkAcl:NetworkAcl"
ACL_RULE = "aws:ec2/networkAclRule:NetworkAclRule"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
TIERS = ("public", "private", "database")


def row_of(rule: dict[str, Any], peers: dict[str, str]) -> str:
    """A rule as a row of 002 §4.1 reads: `8000-8003 TCP ecs`."""
    first, last = int(rule["fromPort"]), int(rule["toPort"])
    peer = rule.get("cidrIpv4") or peers[rule["referencedSecurityGroupId"]]
    return f"{first if first == last else f'{first}-{last}'} {rule['ipProtocol'].upper()} {peer}"


def rules_of(run: Run, group: str, direction: str) -> set[str]:
    names = {f"{name}-id": name for name in run.of(GROUP)}
    return {row_of(dict(r), names) for r in run.of(direction).values() if r["securityGroupId"] == f"{group}-id"}


def test_the_vpc_is_that_of_section_1_1() -> None:
    vpc = deployed("dev").one(VPC)
    assert vpc["cidrBlock"] == "10.0.0.0/16"
    assert vpc["enableDnsHostnames"] and vpc["enableDnsSupport"]
    assert vpc["tags"]["Name"] == "tradai-vpc-dev"


@pytest.mark.parametrize(
    ("name", "zone", "cidr"),
    [
        ("public-1", "eu-central-1a", "10.0.1.0/24"),
        ("public-2", "eu-central-1b", "10.0.2.0/24"),
        ("private-1", "eu-central-1a", "10.0.11.0/24"),
        ("private-2", "eu-central-1b", "10.0.12.0/24"),
        ("database-1", "eu-central-1a", "10.0.21.0/24"),
        ("database-2", "eu-central-1b", "10.0.22.0/24"),
    ],
)
def test_every_subnet_lies_where_section_1_2_says(name: str, zone: str, cidr: str) -> None:
    subnet = deployed("dev").of(SUBNET)[name]
    assert (subnet["availabilityZone"], subnet["cidrBlock"]) == (zone, cidr)
    assert subnet["mapPublicIpOnLaunch"] is False
    assert deployed("dev").of(ASSOCIATION)[name]["routeTableId"] == f"{name.split('-')[0]}-id"


def test_only_the_public_table_has_a_default_route_of_the_stack() -> None:
    route = deployed("dev").one(ROUTE)
    assert route["routeTableId"] == "public-id"
    assert (route["destinationCidrBlock"], route["gatewayId"]) == ("0.0.0.0/0", "igw-id")


def test_no_route_table_owns_its_routes_so_that_a_failover_is_no_drift() -> None:
    tables = deployed("dev").of(TABLE)
    assert set(tables) == set(TIERS)
    assert not any("routes" in table for table in tables.values())


def test_every_tier_has_an_acl_over_its_two_subnets() -> None:
    acls = deployed("dev").of(ACL)
    assert {tier: acl["subnetIds"] for tier, acl in acls.items()} == {
        tier: [f"{tier}-1-id", f"{tier}-2-id"] for tier in TIERS
    }


def test_acl_rules_only_allow_and_have_numbers_of_their_own() -> None:
    rules = deployed("dev").of(ACL_RULE).values()
    assert {rule["ruleAction"] for rule in rules} == {"allow"}
    numbers = [(rule["networkAclId"], rule["egress"], rule["ruleNumber"]) for rule in rules]
    assert len(set(numbers)) == len(numbers) == 11


def test_the_database_tier_hears_nobody_outside_the_vpc() -> None:
    rules = [r for r in deployed("dev").of(ACL_RULE).values() if r["networkAclId"] == "database-id"]
    assert rules and all(rule["cidrBlock"].startswith("10.0.") for rule in rules)


@pytest.mark.parametrize(
    ("group", "ingress", "egress"),
    [
        ("alb", {"80 TCP 0.0.0.0/0", "443 TCP 0.0.0.0/0"}, {"8000-8003 TCP ecs", "5000 TCP ecs"}),
        (
            "ecs",
            {
                "8000 TCP alb",
                "8002 TCP alb",
                "8003 TCP alb",
                "5000 TCP alb",
                "8000-8003 TCP lambda",
                "5000 TCP lambda",
                "8004-8005 TCP lambda",
                "5000 TCP ecs",
                "8002-8005 TCP ecs",
            },
            {"443 TCP 0.0.0.0/0", "5432 TCP rds", "80 TCP alb", "5000 TCP ecs", "8002-8005 TCP ecs"},
        ),
        (
            "lambda",
            set(),
            {
                "443 TCP 0.0.0.0/0",
                "8000-8003 TCP ecs",
                "8004-8005 TCP ecs",
                "5000 TCP ecs",
                "5432 TCP rds",
            },
        ),
        ("rds", {"5432 TCP ecs", "5432 TCP lambda"}, set()),
        ("nat", {"0-65535 TCP 10.0.11.0/24", "0-65535 TCP 10.0.12.0/24"}, {"0-65535 TCP 0.0.0.0/0"}),
        ("vpc-endpoint", {"443 TCP 10.0.0.0/16"}, set()),
    ],
)
def test_a_group_has_the_rows_of_section_4_1(group: str, ingress: set[str], egress: set[str]) -> None:
    run = deployed("prod")
    assert rules_of(run, group, INGRESS) == ingress
    assert rules_of(run, group, EGRESS) == egress


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_egress_to_a_group_has_its_ingress_there_and_back(environment: str) -> None:
    run = deployed(environment)

    def ends(direction: str, outward: bool) -> set[tuple[str, str, int]]:
        rules = [r for r in run.of(direction).values() if "referencedSecurityGroupId" in r]
        pairs = [(r["securityGroupId"], r["referencedSecurityGroupId"], r) for r in rules]
        return {
            (own if outward else peer, peer if outward else own, port)
            for own, peer, r in pairs
            for port in range(int(r["fromPort"]), int(r["toPort"]) + 1)
        }

    opened, used = ends(INGRESS, outward=False), ends(EGRESS, outward=True)
    assert opened <= used
    # 002 §4.1 itself lets the load balancer out to all of 8000-8003, and in to three ports of those; and it lets
    # everybody in at the load balancer.
    assert used - opened == {("alb-id", "ecs-id", 8001), ("ecs-id", "alb-id", 80)}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_no_name_of_a_group_begins_as_an_id_does(environment: str) -> None:
    names = [group["name"] for group in deployed(environment).of(GROUP).values()]
    assert all(name.startswith("tradai-") and name.endswith(environment) for name in names)


@pytest.mark.parametrize(
    ("environment", "asked", "there"),
    [
        ("dev", None, True),
        ("staging", None, True),
        ("prod", None, False),
        ("dev", False, False),
        ("prod", True, True),
    ],
)
def test_the_consolidated_group_is_there_where_compute_is_consolidated_or_people_ask(
    environment: str, asked: bool | None, there: bool
) -> None:
    run = declare(environment, consolidated_security_group=asked)
    assert ("consolidated" in run.of(GROUP)) is there
    assert run.outputs["consolidated_security_group_id"] == ("consolidated-id" if there else None)
    assert bool(rules_of(run, "consolidated", INGRESS)) is there


def test_gateway_endpoints_are_in_the_private_table_alone() -> None:
    endpoints = deployed("dev").of(ENDPOINT)
    gateways = {n: e for n, e in endpoints.items() if e["vpcEndpointType"] == "Gateway"}
    assert set(gateways) == {"s3", "dynamodb"}
    assert all(endpoint["routeTableIds"] == ["private-id"] for endpoint in gateways.values())
    assert gateways["s3"]["serviceName"] == "com.amazonaws.eu-central-1.s3"


def test_interface_endpoints_stand_in_both_private_subnets_behind_their_group() -> None:
    endpoints = deployed("dev").of(ENDPOINT)
    interfaces = {n: e for n, e in endpoints.items() if e["vpcEndpointType"] == "Interface"}
    assert set(interfaces) == {"ecr.api", "ecr.dkr", "sts", "secretsmanager", "logs", "ssm", "sqs"}
    for endpoint in interfaces.values():
        assert endpoint["subnetIds"] == ["private-1-id", "private-2-id"]
        assert endpoint["securityGroupIds"] == ["vpc-endpoint-id"]
        assert endpoint["privateDnsEnabled"] is True


@pytest.mark.parametrize(("environment", "days"), [("dev", 30), ("staging", 30), ("prod", 90)])
def test_logs_stay_as_long_as_section_10_says(environment: str, days: int) -> None:
    groups = deployed(environment).of("aws:cloudwatch/logGroup:LogGroup")
    assert set(groups) == {"vpc-flow-logs", "update-nat-routes"}
    assert {group["retentionInDays"] for group in groups.values()} == {days}


def test_all_traffic_is_logged_by_a_role_that_only_the_account_can_lend() -> None:
    run = deployed("dev")
    log = run.one("aws:ec2/flowLog:FlowLog")
    assert (log["trafficType"], log["logDestinationType"]) == ("ALL", "cloud-watch-logs")
    trust = json.loads(run.of("aws:iam/role:Role")["vpc-flow-logs"]["assumeRolePolicy"])["Statement"][0]
    assert trust["Principal"] == {"Service": ["vpc-flow-logs.amazonaws.com"]}
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": "123456789012"}}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_what_a_functions_interfaces_use_has_the_time_that_aws_takes_to_give_them_back(environment: str) -> None:
    kept = [resource for resource in deployed(environment) if resource.type in {GROUP, SUBNET}]
    assert kept
    assert {resource.delete_within for resource in kept} == {"60m"}
