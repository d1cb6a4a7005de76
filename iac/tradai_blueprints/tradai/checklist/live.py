"""What AWS itself answers for each item, over plain boto3 calls.

Must never ask the engine, the state (but for which resources there are) or our own provider.
"""

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from tradai_blueprints.tradai.checklist.demanded import cidr_rule, index_text, listed, table_text
from tradai_blueprints.tradai.checklist.planned import lacks, tags_of
from tradai_blueprints.tradai.checklist.subject import Subject
from tradai_blueprints.tradai.checklist.tag_readers import read_tags
from tradai_iac.checklist import Clients, Facts, Found, Live


def subnets(live: Live, subject: Subject) -> Facts:
    """The VPC of that name, and its subnets by their Name tag."""
    name = subject.naming.name("vpc")
    named = [{"Name": "tag:Name", "Values": [name]}]
    vpcs = {vpc["VpcId"]: vpc["CidrBlock"] for vpc in live.pages("ec2", "describe_vpcs", "Vpcs", Filters=named)}
    if len(vpcs) != 1:
        return {name: f"{len(vpcs)} of them"}
    within = [{"Name": "vpc-id", "Values": list(vpcs)}]
    rows = {
        tags_of(found.get("Tags")).get("Name", found["SubnetId"]): f"{found['CidrBlock']} {found['AvailabilityZone']}"
        for found in live.pages("ec2", "describe_subnets", "Subnets", Filters=within)
    }
    return {name: next(iter(vpcs.values())), **rows}


def ports(live: Live, subject: Subject) -> Facts:
    """The target groups of the environment."""
    ours = {subject.naming.name(service.name, kind="target-group") for service in subject.settings.services}
    return {
        group["TargetGroupName"]: f"{group['Port']} {group['HealthCheckPath']}"
        for group in live.pages("elbv2", "describe_target_groups", "TargetGroups")
        if group["TargetGroupName"] in ours
    }


def buckets(live: Live, subject: Subject) -> Facts:
    """The buckets with the environment's ending, the state's aside."""
    naming = subject.naming
    state = naming.name(subject.settings.storage.state_bucket, kind="s3-bucket")
    names = (bucket["Name"] for bucket in live.clients("s3").list_buckets()["Buckets"])
    prefix, ending = f"{naming.project}-", naming.ending("s3-bucket")
    return {name: "there" for name in names if name.startswith(prefix) and name.endswith(ending) and name != state}


def group_cidrs(live: Live, subject: Subject) -> Facts:
    """The environment's security groups with the CIDRs in their rules."""
    names = [subject.naming.name(group.component) for group in subject.settings.security.groups]
    wanted = [{"Name": "group-name", "Values": names}]
    return {
        group["GroupName"]: listed(
            [*_cidrs("ingress", group["IpPermissions"]), *_cidrs("egress", group["IpPermissionsEgress"])]
        )
        for group in live.pages("ec2", "describe_security_groups", "SecurityGroups", Filters=wanted)
    }


def _cidrs(direction: str, permissions: list[Mapping[str, Any]]) -> list[str]:
    return [
        cidr_rule(direction, permission.get("FromPort", -1), permission.get("ToPort", -1), found["CidrIp"])
        for permission in permissions
        for found in permission.get("IpRanges", [])
    ]


def tables(live: Live, subject: Subject) -> Facts:
    """The tables with the environment's ending."""
    naming, client = subject.naming, live.clients("dynamodb")
    names = [
        name
        for name in live.pages("dynamodb", "list_tables", "TableNames")
        if name.startswith(f"{naming.project}-") and name.endswith(f"-{naming.environment}")
    ]
    return {name: _table(client, name) for name in names}


def _table(client: Any, name: str) -> str:
    found = client.describe_table(TableName=name)["Table"]
    indexes = (
        index_text(
            index["IndexName"],
            _keys(index),
            index["Projection"]["ProjectionType"],
            index["Projection"].get("NonKeyAttributes", []),
        )
        for index in found.get("GlobalSecondaryIndexes", [])
    )
    ttl = client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    return table_text(_keys(found), indexes, ttl.get("AttributeName"))


def _keys(found: Mapping[str, Any]) -> list[str]:
    ranked = sorted(found["KeySchema"], key=lambda part: str(part["KeyType"]))
    return [part["AttributeName"] for part in ranked]


def tags(live: Live, subject: Subject) -> Facts:
    """Every resource of the environment that takes tags and lacks a required one in AWS."""
    required = subject.settings.tags.required(subject.naming.environment)
    facts: dict[str, str] = {}
    for layer, recorded in live.recorded.items():
        if not recorded.stands:
            facts[layer] = "not built"
        for found in recorded.resources:
            if "tags" in found.inputs and (wrong := _lacks(live.clients, required, found)):
                facts[f"{found.type} {found.name}"] = wrong
    return facts


def _lacks(clients: Clients, required: Mapping[str, str], found: Found) -> str:
    try:
        return lacks(required, read_tags(clients, found))
    except (ClientError, BotoCoreError, ResponseParserError, KeyError) as error:
        return f"its tags cannot be read: {str(error).splitlines()[0]}"


def secrets(live: Live, subject: Subject) -> Facts:
    """The secrets of 002 §8 that are there and not on their way out."""
    wanted = {subject.naming.path(row.name) for row in subject.settings.secrets.secrets}
    found = live.pages("secretsmanager", "list_secrets", "SecretList")
    return {row["Name"]: "there" for row in found if row["Name"] in wanted and not row.get("DeletedDate")}


def ssl(live: Live, subject: Subject) -> Facts:
    """What the parameter group in use says of TLS."""
    name = subject.naming.name("database", kind="rds-instance")
    facts: dict[str, str] = {}
    for instance in live.pages("rds", "describe_db_instances", "DBInstances"):
        if instance["DBInstanceIdentifier"] == name:
            for group in instance["DBParameterGroups"]:
                facts[group["DBParameterGroupName"]] = _force_ssl(live, group["DBParameterGroupName"])
    return facts


def _force_ssl(live: Live, group: str) -> str:
    parameters = live.pages("rds", "describe_db_parameters", "Parameters", DBParameterGroupName=group)
    found = (p for p in parameters if p["ParameterName"] == "rds.force_ssl")
    return ", ".join(f"{p['ParameterName']}={p.get('ParameterValue', 'unset')}" for p in found)
