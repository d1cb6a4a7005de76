"""Subnet groups, parameter groups, database instances; needs `ec2_network` and `ec2_guards`."""

from typing import Any, Final

from tests.integration.provider_cases.case import Aws, Case, Props, Ref


def _subnets(aws: Aws, state: Props) -> Any:
    found = aws("rds").describe_db_subnet_groups(DBSubnetGroupName=state["id"])["DBSubnetGroups"]
    return [[g["DBSubnetGroupDescription"], len(g["Subnets"])] for g in found]


def _parameters(aws: Aws, state: Props) -> Any:
    found = aws("rds").describe_db_parameters(DBParameterGroupName=state["id"], Source="user")["Parameters"]
    return {p["ParameterName"]: p["ParameterValue"] for p in found}


def _database(aws: Aws, state: Props) -> Any:
    found = aws("rds").describe_db_instances(DBInstanceIdentifier=state["identifier"])["DBInstances"]
    return [
        {
            "class": db["DBInstanceClass"],
            "engine": f"{db['Engine']} {db['EngineVersion']}",
            "storage": [db["AllocatedStorage"], db["StorageType"], db["StorageEncrypted"]],
            "days": db["BackupRetentionPeriod"],
            "guarded": db["DeletionProtection"],
            "managed": "MasterUserSecret" in db,
            "tags": {t["Key"]: t["Value"] for t in db["TagList"]},
        }
        for db in found
    ]


def _parameter(name: str, value: str) -> Props:
    return {"name": name, "value": value, "apply_method": "immediate"}


_EXPECTED: Final = {
    "class": "db.t4g.micro",
    "engine": "postgres 15.13",
    "storage": [20, "gp3", True],
    "days": 7,
    "guarded": True,
    "managed": True,
    "tags": {"a": "1"},
}

CASES: Final = (
    Case(
        "rds.subnets",
        "aws:rds/subnetGroup:SubnetGroup",
        {
            "name": "case-subnets",
            "description": "one",
            "subnet_ids": [Ref("ec2.subnet"), Ref("ec2.subnet-b")],
            "tags": {"a": "1"},
        },
        _subnets,
        [["one", 2]],
        update={"description": "two", "tags": {"a": "2"}},
        updated=[["two", 2]],
        meddle=lambda aws, state: aws("rds").modify_db_subnet_group(
            DBSubnetGroupName=state["id"], DBSubnetGroupDescription="three", SubnetIds=state["subnetIds"]
        ),
        drifted=frozenset({"description"}),
    ),
    Case(
        "rds.spare-subnets",
        "aws:rds/subnetGroup:SubnetGroup",
        {"name": "case-spare", "subnet_ids": [Ref("ec2.subnet"), Ref("ec2.subnet-b")]},
        _subnets,
        [["Managed by Pulumi", 2]],
        replace={"name": "case-spare-2"},
    ),
    Case(
        "rds.parameters",
        "aws:rds/parameterGroup:ParameterGroup",
        {
            "name": "case-parameters",
            "family": "postgres15",
            "parameters": [_parameter("rds.force_ssl", "1"), _parameter("log_statement", "ddl")],
            "tags": {"a": "1"},
        },
        _parameters,
        {"rds.force_ssl": "1", "log_statement": "ddl"},
        update={"parameters": [_parameter("rds.force_ssl", "1")], "tags": {"a": "2"}},
        updated={"rds.force_ssl": "1"},
        meddle=lambda aws, state: aws("rds").modify_db_parameter_group(
            DBParameterGroupName=state["id"],
            Parameters=[{"ParameterName": "rds.force_ssl", "ParameterValue": "0", "ApplyMethod": "immediate"}],
        ),
        drifted=frozenset({"parameters"}),
    ),
    Case(
        "rds.spare-parameters",
        "aws:rds/parameterGroup:ParameterGroup",
        {"name": "case-spare", "family": "postgres15"},
        lambda aws, state: [
            g["DBParameterGroupFamily"]
            for g in aws("rds").describe_db_parameter_groups(DBParameterGroupName=state["id"])["DBParameterGroups"]
        ],
        ["postgres15"],
        replace={"description": "another"},
    ),
    Case(
        "rds.database",
        "aws:rds/instance:Instance",
        {
            "identifier": "case-database",
            "engine": "postgres",
            "engine_version": "15.13",
            "instance_class": "db.t4g.micro",
            "allocated_storage": 20,
            "storage_type": "gp3",
            "storage_encrypted": True,
            "db_name": "tradai",
            "username": "tradai",
            "manage_master_user_password": True,
            "port": 5432,
            "db_subnet_group_name": Ref("rds.subnets", "name"),
            "parameter_group_name": Ref("rds.parameters", "name"),
            "vpc_security_group_ids": [Ref("ec2.group")],
            "publicly_accessible": False,
            "multi_az": False,
            "backup_retention_period": 7,
            "copy_tags_to_snapshot": True,
            "auto_minor_version_upgrade": False,
            "apply_immediately": True,
            "deletion_protection": True,
            "skip_final_snapshot": False,
            "final_snapshot_identifier": "case-final",
            "tags": {"a": "1"},
        },
        _database,
        [_EXPECTED],
        update={
            "instance_class": "db.t4g.small",
            "allocated_storage": 50,
            "backup_retention_period": 14,
            "deletion_protection": False,
            "tags": {"a": "2"},
        },
        updated=[
            {
                **_EXPECTED,
                "class": "db.t4g.small",
                "storage": [50, "gp3", True],
                "days": 14,
                "guarded": False,
                "tags": {"a": "2"},
            }
        ],
        meddle=lambda aws, state: aws("rds").modify_db_instance(
            DBInstanceIdentifier=state["identifier"], BackupRetentionPeriod=1, ApplyImmediately=True
        ),
        drifted=frozenset({"backupRetentionPeriod"}),
        replace={"db_name": "another", "skip_final_snapshot": True},
        import_id=lambda state: str(state["identifier"]),
        not_imported=frozenset(
            {"applyImmediately", "skipFinalSnapshot", "finalSnapshotIdentifier", "deleteAutomatedBackups"}
        ),
    ),
)
