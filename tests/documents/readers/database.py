"""The PostgreSQL instance of the VPC (002 §3.3, §10; 000 rds.py); never reads its password."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from tests.documents.live import Facts, Live, one, tags_of
from tests.documents.readers.network import in_vpc, vpc_id


def rds(live: Live, name: str) -> Facts:
    """Class, engine, storage, availability, backups, SSL, credentials and place of the VPC's database."""
    found = instance(live)
    group = found["DBParameterGroups"][0]["DBParameterGroupName"]
    return {
        "class": found["DBInstanceClass"],
        "engine": f"{found['Engine']} {found['EngineVersion']}",
        "storage": f"{found['AllocatedStorage']} GB {found['StorageType']}",
        "multi-az": found["MultiAZ"],
        "backup retention days": found["BackupRetentionPeriod"],
        "publicly accessible": found["PubliclyAccessible"],
        "deletion protection": found["DeletionProtection"],
        "force ssl": _parameter(live, group, "rds.force_ssl"),
        "subnets": _subnets(live, found),
        "security groups": _groups(live, found),
        "credentials rotate after days": _rotation(live, found),
        "tags": tags_of(found.get("TagList", [])),
    }


def instance(live: Live) -> dict[str, Any]:
    """The one database of the environment's VPC."""
    vpc = vpc_id(live, f"tradai-vpc-{live.env}")
    instances = live.pages("rds", "describe_db_instances", "DBInstances")
    mine = [item for item in instances if item.get("DBSubnetGroup", {}).get("VpcId") == vpc]
    found: dict[str, Any] = one(mine, f"databases of {live.env}")
    return found


def _parameter(live: Live, group: str, name: str) -> str:
    parameters = live.pages("rds", "describe_db_parameters", "Parameters", DBParameterGroupName=group)
    values = [item.get("ParameterValue") for item in parameters if item["ParameterName"] == name]
    return str(values[0]) if values else "not set"


def _subnets(live: Live, found: Mapping[str, Any]) -> list[str]:
    cidrs = {item["SubnetId"]: item["CidrBlock"] for item in in_vpc(live, "describe_subnets", "Subnets")}
    return sorted(cidrs[item["SubnetIdentifier"]] for item in found["DBSubnetGroup"]["Subnets"])


def _groups(live: Live, found: Mapping[str, Any]) -> list[str]:
    groups = in_vpc(live, "describe_security_groups", "SecurityGroups")
    names = {group["GroupId"]: group["GroupName"] for group in groups}
    return sorted(names[item["VpcSecurityGroupId"]] for item in found["VpcSecurityGroups"])


def _rotation(live: Live, found: Mapping[str, Any]) -> int:
    """Days between rotations of the managed credentials; 0 when they are not managed or do not rotate."""
    arn = found.get("MasterUserSecret", {}).get("SecretArn")
    try:
        described = live.clients("secretsmanager").describe_secret(SecretId=arn) if arn else {}
    except ClientError:
        return 0
    days = described.get("RotationRules", {}).get("AutomaticallyAfterDays", 0)
    return int(days) if described.get("RotationEnabled") else 0
