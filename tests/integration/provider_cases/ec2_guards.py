"""Security groups and their rules, VPC endpoints, flow logs; needs `ec2_network`, `iam` and `logs`."""

from typing import Any, Final

from tests.integration.provider_cases.case import Aws, Case, Props, Ref


def _tags(found: Props) -> dict[str, str]:
    return {t["Key"]: t["Value"] for t in found["Tags"]}


def _group(aws: Aws, state: Props) -> Any:
    found = aws("ec2").describe_security_groups(GroupIds=[state["id"]])["SecurityGroups"][0]
    open_ = [rule for rule in found["IpPermissionsEgress"] if rule["IpProtocol"] == "-1"]
    return {"name": found["GroupName"], "open": len(open_), "tags": _tags(found)}


def _rule(aws: Aws, state: Props) -> Any:
    found = aws("ec2").describe_security_group_rules(SecurityGroupRuleIds=[state["id"]])["SecurityGroupRules"]
    return [[r["IsEgress"], r["IpProtocol"], r["FromPort"], r["ToPort"], r.get("Description")] for r in found]


def _endpoint(aws: Aws, state: Props) -> Any:
    found = aws("ec2").describe_vpc_endpoints(VpcEndpointIds=[state["id"]])["VpcEndpoints"]
    return [
        {"at": len(e["RouteTableIds"]) + len(e["SubnetIds"]), "tags": _tags(e)}
        for e in found
        if e["State"] != "deleted"
    ]


def _log(aws: Aws, state: Props) -> Any:
    found = aws("ec2").describe_flow_logs(FlowLogIds=[state["id"]])["FlowLogs"]
    return [[log["TrafficType"], log["MaxAggregationInterval"], _tags(log)] for log in found]


CASES: Final = (
    Case(
        "ec2.group",
        "aws:ec2/securityGroup:SecurityGroup",
        {
            "name": "case-group",
            "description": "one",
            "vpc_id": Ref("ec2.vpc"),
            "revoke_rules_on_delete": True,
            "tags": {"a": "1"},
        },
        _group,
        {"name": "case-group", "open": 0, "tags": {"a": "1"}},
        update={"tags": {"a": "2"}},
        updated={"name": "case-group", "open": 0, "tags": {"a": "2"}},
        meddle=lambda aws, state: aws("ec2").delete_tags(Resources=[state["id"]], Tags=[{"Key": "a"}]),
        drifted=frozenset({"tags"}),
        not_imported=frozenset({"revokeRulesOnDelete"}),
    ),
    Case(
        "ec2.spare-group",
        "aws:ec2/securityGroup:SecurityGroup",
        # `ec2.in` refers to it, and AWS keeps a group that a rule of another one refers to
        {"name": "case-spare", "description": "one", "vpc_id": Ref("ec2.vpc"), "revoke_rules_on_delete": True},
        lambda aws, state: _group(aws, state)["name"],
        "case-spare",
        replace={"description": "two"},
        not_imported=frozenset({"revokeRulesOnDelete"}),
    ),
    Case(
        "ec2.in",
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        {
            "security_group_id": Ref("ec2.group"),
            "ip_protocol": "tcp",
            "from_port": 8000,
            "to_port": 8003,
            "referenced_security_group_id": Ref("ec2.spare-group"),
            "description": "services",
            "tags": {"a": "1"},
        },
        _rule,
        [[False, "tcp", 8000, 8003, "services"]],
        update={"to_port": 8004, "description": "more services", "tags": {"b": "1"}},
        updated=[[False, "tcp", 8000, 8004, "more services"]],
        replace={"referenced_security_group_id": None, "cidr_ipv4": "10.0.0.0/16"},
    ),
    Case(
        "ec2.out",
        "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
        {
            "security_group_id": Ref("ec2.group"),
            "ip_protocol": "tcp",
            "from_port": 443,
            "to_port": 443,
            "cidr_ipv4": "0.0.0.0/0",
            "description": "AWS",
        },
        _rule,
        [[True, "tcp", 443, 443, "AWS"]],
        meddle=lambda aws, state: aws("ec2").modify_security_group_rules(
            GroupId=state["securityGroupId"],
            SecurityGroupRules=[
                {
                    "SecurityGroupRuleId": state["id"],
                    "SecurityGroupRule": {
                        "IpProtocol": "tcp",
                        "FromPort": 1,
                        "ToPort": 2,
                        "CidrIpv4": "0.0.0.0/0",
                        "Description": "AWS",
                    },
                }
            ],
        ),
        drifted=frozenset({"fromPort", "toPort"}),
        replace={"security_group_id": Ref("ec2.spare-group")},
    ),
    Case(
        "ec2.gateway-endpoint",
        "aws:ec2/vpcEndpoint:VpcEndpoint",
        {
            "vpc_id": Ref("ec2.vpc"),
            "service_name": "com.amazonaws.eu-central-1.s3",
            "vpc_endpoint_type": "Gateway",
            "route_table_ids": [Ref("ec2.table")],
            "tags": {"a": "1"},
        },
        _endpoint,
        [{"at": 1, "tags": {"a": "1"}}],
        update={"route_table_ids": [Ref("ec2.table"), Ref("ec2.table-b")], "tags": {"a": "2"}},
        updated=[{"at": 2, "tags": {"a": "2"}}],
        meddle=lambda aws, state: aws("ec2").modify_vpc_endpoint(
            VpcEndpointId=state["id"], RemoveRouteTableIds=state["routeTableIds"][:1]
        ),
        drifted=frozenset({"routeTableIds"}),
        replace={"service_name": "com.amazonaws.eu-central-1.dynamodb"},
    ),
    Case(
        "ec2.interface-endpoint",
        "aws:ec2/vpcEndpoint:VpcEndpoint",
        {
            "vpc_id": Ref("ec2.vpc"),
            "service_name": "com.amazonaws.eu-central-1.sts",
            "vpc_endpoint_type": "Interface",
            "subnet_ids": [Ref("ec2.subnet")],
            "security_group_ids": [Ref("ec2.group")],
            "private_dns_enabled": True,
        },
        _endpoint,
        [{"at": 1, "tags": {}}],
        update={
            "subnet_ids": [Ref("ec2.subnet"), Ref("ec2.subnet-b")],
            "security_group_ids": [Ref("ec2.spare-group")],
        },
        updated=[{"at": 2, "tags": {}}],
    ),
    Case(
        "ec2.flows",
        "aws:ec2/flowLog:FlowLog",
        {
            "vpc_id": Ref("ec2.vpc"),
            "traffic_type": "ALL",
            "log_destination_type": "cloud-watch-logs",
            "log_destination": Ref("logs.group", "arn"),
            "iam_role_arn": Ref("iam.role", "arn"),
            "max_aggregation_interval": 60,
            "tags": {"a": "1"},
        },
        _log,
        [["ALL", 60, {"a": "1"}]],
        update={"tags": {"a": "2"}},
        updated=[["ALL", 60, {"a": "2"}]],
        replace={"traffic_type": "REJECT"},
    ),
)
