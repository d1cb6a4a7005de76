"""Database instances (RDS).

Must never delete a database without the final snapshot that the program asks for, and must never answer before an
instance is available (or gone).
"""

from typing import Any, Final

from tradai_sandbox.provider.calls import Create, Read, forgiving, on, retag
from tradai_sandbox.provider.failures import ProviderError
from tradai_sandbox.provider.props import Prop, Props, local, out, pairs, tags
from tradai_sandbox.provider.row import Row, Work
from tradai_sandbox.provider.rows.ec2_parts import ids_of

_INSTANCE: Final = {"DBInstanceIdentifier": "{identifier}"}
#: Properties that requests spell otherwise than descriptions.
_REQUEST_NAMES: Final = {
    "dbSubnetGroupName": "DBSubnetGroupName",
    "parameterGroupName": "DBParameterGroupName",
    "vpcSecurityGroupIds": "VpcSecurityGroupIds",
    "manageMasterUserPassword": "ManageMasterUserPassword",
    "masterUserSecretKmsKeyId": "MasterUserSecretKmsKeyId",
    "iamDatabaseAuthenticationEnabled": "EnableIAMDatabaseAuthentication",
    "performanceInsightsEnabled": "EnablePerformanceInsights",
}
_FIXED: Final = (
    Prop("engine", replace=True),
    Prop("dbName", api="DBName", replace=True),
    Prop("username", api="MasterUsername", replace=True),
    Prop("availabilityZone", replace=True, computed=True),
    Prop("storageEncrypted", bool, replace=True),
    Prop("kmsKeyId", replace=True, computed=True),
)


def _same_version(actual: Any, wanted: Any) -> bool:
    """A version prefix (`15`) stands for whatever minor version AWS runs."""
    return str(actual) == str(wanted) or str(actual).startswith(f"{wanted}.")


def _first_group(found: list[dict[str, Any]]) -> str | None:
    return found[0]["DBParameterGroupName"] if found else None


_CHANGEABLE: Final = (
    Prop("instanceClass", api="DBInstanceClass", required=True),
    Prop("engineVersion", computed=True, same=_same_version),
    Prop("allocatedStorage", int, computed=True),
    Prop("maxAllocatedStorage", int),
    Prop("storageType", computed=True),
    Prop("iops", int, computed=True),
    Prop("storageThroughput", int, computed=True),
    Prop("port", int, api="Endpoint.Port", computed=True),
    Prop("multiAz", bool, computed=True),
    Prop("publiclyAccessible", bool, default=False),
    Prop("autoMinorVersionUpgrade", bool, default=True),
    Prop("backupRetentionPeriod", int, computed=True),
    Prop("backupWindow", api="PreferredBackupWindow", computed=True),
    Prop("maintenanceWindow", api="PreferredMaintenanceWindow", computed=True),
    Prop("copyTagsToSnapshot", bool),
    Prop("deletionProtection", bool),
    Prop("caCertIdentifier", api="CACertificateIdentifier", computed=True),
    Prop("monitoringInterval", int, default=0),
    Prop("monitoringRoleArn", computed=True),
    Prop("dbSubnetGroupName", api="DBSubnetGroup.DBSubnetGroupName", computed=True),
    Prop("parameterGroupName", api="DBParameterGroups", back=_first_group, computed=True),
    Prop("vpcSecurityGroupIds", list, api="VpcSecurityGroups", back=ids_of("VpcSecurityGroupId"), computed=True),
    Prop("iamDatabaseAuthenticationEnabled", bool, api="IAMDatabaseAuthenticationEnabled"),
    Prop("performanceInsightsEnabled", bool, api="PerformanceInsightsEnabled"),
    Prop("performanceInsightsRetentionPeriod", int, computed=True),
    Prop("manageMasterUserPassword", bool, api="MasterUserSecret", back=bool),
    Prop("masterUserSecretKmsKeyId", api="MasterUserSecret.KmsKeyId", computed=True),
    Prop("password", api="MasterUserPassword", write_only=True, secret=True),
)
"""What an update may change, by ModifyDBInstance."""


def _spelled_otherwise(work: Work, names: frozenset[str]) -> Props:
    given = {name: work.inputs[name] for name in names & set(_REQUEST_NAMES) if name in work.inputs}
    return {_REQUEST_NAMES[name]: value for name, value in given.items() if value not in (None, [])}


def _on_create(work: Work) -> Props:
    """All that the description spells otherwise; AWS refuses a false `ManageMasterUserPassword` beside a password."""
    logs = work.inputs.get("enabledCloudwatchLogsExports")
    port = work.inputs.get("port")
    return {
        **_spelled_otherwise(work, frozenset(work.inputs)),
        **({"EnableCloudwatchLogsExports": logs} if logs else {}),
        **({"Port": port} if port else {}),
        **({"Tags": pairs(work.inputs["tags"])} if work.inputs.get("tags") else {}),
    }


def _modify(work: Work) -> None:
    names = work.changed & (frozenset(p.name for p in _CHANGEABLE) | {"enabledCloudwatchLogsExports"})
    params = {**work.params("ModifyDBInstance", names), **_spelled_otherwise(work, names)}
    if "port" in names:
        params["DBPortNumber"] = work.inputs["port"]
    if "enabledCloudwatchLogsExports" in names:
        params["CloudwatchLogsExportConfiguration"] = _log_exports(work)
    immediately = bool(work.inputs.get("applyImmediately"))
    if "identifier" in work.changed:
        params["NewDBInstanceIdentifier"], immediately = work.inputs["identifier"], True
    params["DBInstanceIdentifier"] = work.state["identifier"]
    work.call("ModifyDBInstance", **{**params, "ApplyImmediately": immediately})
    _wait_available(work)


def _log_exports(work: Work) -> Props:
    wanted = set(work.inputs.get("enabledCloudwatchLogsExports") or [])
    had = set(work.state.get("enabledCloudwatchLogsExports") or [])
    return {"EnableLogTypes": sorted(wanted - had), "DisableLogTypes": sorted(had - wanted)}


def _wait_available(work: Work) -> None:
    work.wait("db_instance_available", DBInstanceIdentifier=work.values["identifier"])


def _delete(work: Work) -> None:
    """With a final snapshot, unless the program says `skipFinalSnapshot`; waits until the instance is gone."""
    skip = bool(work.inputs.get("skipFinalSnapshot"))
    snapshot = work.inputs.get("finalSnapshotIdentifier")
    if not skip and not snapshot:
        raise ProviderError("finalSnapshotIdentifier is required when skipFinalSnapshot is false")
    name = work.state["identifier"]
    final = {"SkipFinalSnapshot": True} if skip else {"FinalDBSnapshotIdentifier": snapshot}
    backups = bool(work.inputs.get("deleteAutomatedBackups", True))
    forgiving(work, "DeleteDBInstance", DBInstanceIdentifier=name, DeleteAutomatedBackups=backups, **final)
    work.wait("db_instance_deleted", DBInstanceIdentifier=name)


def _secrets(found: dict[str, str]) -> list[Props]:
    """AWS has one secret of the master user; Pulumi's schema has a list of them."""
    names = {"KmsKeyId": "kmsKeyId", "SecretArn": "secretArn", "SecretStatus": "secretStatus"}
    return [{names[key]: value for key, value in found.items() if key in names}]


def _endpoint(_: Work, found: Props) -> Props:
    address, port = found.get("address"), found.get("port")
    version = {"engineVersionActual": found["engineVersion"]} if "engineVersion" in found else {}
    return {**version, **({"endpoint": f"{address}:{port}"} if address else {})}


INSTANCE: Final = Row(
    "aws:rds/instance:Instance",
    "rds",
    (
        Prop("identifier", api="DBInstanceIdentifier"),
        *_FIXED,
        *_CHANGEABLE,
        Prop("enabledCloudwatchLogsExports", list),
        local("applyImmediately", default=False),
        local("skipFinalSnapshot", default=False),
        local("finalSnapshotIdentifier", str),
        local("deleteAutomatedBackups", default=True),
        *tags(api="TagList"),
        out("address", api="Endpoint.Address"),
        out("arn", api="DBInstanceArn"),
        out("endpoint"),
        out("engineVersionActual"),
        out("hostedZoneId", api="Endpoint.HostedZoneId"),
        Prop("masterUserSecrets", list, api="MasterUserSecret", output=True, back=_secrets),
        out("resourceId", api="DbiResourceId"),
        out("status", api="DBInstanceStatus"),
    ),
    create=Create("CreateDBInstance", "DBInstance.DbiResourceId", build=_on_create),
    steps=(
        # every instance has a class: right after the create this waits, later it changes what has changed
        on({"instanceClass"}, lambda work: _wait_available(work) if work.creating else None),
        on({*(p.name for p in _CHANGEABLE), "enabledCloudwatchLogsExports", "identifier"}, _modify, after_create=False),
        retag("AddTagsToResource", "RemoveTagsFromResource", {"ResourceName": "{arn}"}),
    ),
    read=(Read("DescribeDBInstances", _INSTANCE, "DBInstances[0]"),),
    delete=_delete,
    finish=_endpoint,
    id="{resourceId}",
    import_id="{identifier}",
    name="identifier",
)

ROWS: Final = (INSTANCE,)
