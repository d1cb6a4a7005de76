"""Tables (DynamoDB).

Must never touch a table's items; keys of a table never change in place.
"""

from collections.abc import Mapping
from typing import Any, Final

from tradai_sandbox.provider.calls import Read, forgiving, on, retag
from tradai_sandbox.provider.props import Prop, Props, out, tags
from tradai_sandbox.provider.row import Row, Work

_TABLE: Final = {"TableName": "{id}"}
_ARN: Final = {"ResourceArn": "{arn}"}
_DESCRIBE: Final = Read(
    "DescribeTable",
    _TABLE,
    at="Table",
    settled=lambda table: (
        table["TableStatus"] not in ("CREATING", "UPDATING")
        and all(index.get("IndexStatus", "ACTIVE") == "ACTIVE" for index in table.get("GlobalSecondaryIndexes", []))
    ),
    alive=lambda table: table["TableStatus"] != "DELETING",
    reshape=lambda table: {**table, "Keys": table["KeySchema"]},
)


def _keys(hash_key: str | None, range_key: str | None) -> list[dict[str, str]]:
    found = ((hash_key, "HASH"), (range_key, "RANGE"))
    return [{"AttributeName": name, "KeyType": kind} for name, kind in found if name]


def _key(kind: str) -> Any:
    """Reads one key out of a schema."""
    return lambda schema: next((k["AttributeName"] for k in schema if k["KeyType"] == kind), None)


def _throughput(of: Mapping[str, Any]) -> Props:
    read, write = of.get("readCapacity"), of.get("writeCapacity")
    capacity = {"ReadCapacityUnits": read, "WriteCapacityUnits": write}
    return {"ProvisionedThroughput": capacity} if read and write else {}


def _index(index: Mapping[str, Any]) -> Props:
    """A secondary index as the API has it; its keys are given as `keySchemas`, or as `hashKey` and `rangeKey`."""
    schema = [{"AttributeName": k["attributeName"], "KeyType": k["keyType"]} for k in index.get("keySchemas", [])]
    projection: Props = {"ProjectionType": index["projectionType"]}
    if index.get("nonKeyAttributes"):
        projection["NonKeyAttributes"] = index["nonKeyAttributes"]
    return {
        "IndexName": index["name"],
        "KeySchema": schema or _keys(index.get("hashKey"), index.get("rangeKey")),
        "Projection": projection,
        **_throughput(index),
    }


def _index_back(index: Mapping[str, Any]) -> Props:
    schema, projection = index["KeySchema"], index["Projection"]
    found = {
        "name": index["IndexName"],
        "keySchemas": [{"attributeName": k["AttributeName"], "keyType": k["KeyType"]} for k in schema],
        "hashKey": _key("HASH")(schema),
        "rangeKey": _key("RANGE")(schema),
        "projectionType": projection["ProjectionType"],
        "nonKeyAttributes": projection.get("NonKeyAttributes"),
    }
    return {k: v for k, v in found.items() if v}


def _same_indexes(actual: list[Props], wanted: list[Props]) -> bool:
    """Two lists of indexes are the same whichever way their keys are spelled."""
    return _by_name(actual) == _by_name(wanted)


def _by_name(indexes: list[Props]) -> dict[str, Props]:
    return {index["name"]: _index(index) for index in indexes}


def _same_encryption(actual: Props, wanted: Props) -> bool:
    """A key that AWS chose is no difference."""
    keys = {found["kmsKeyArn"] for found in (actual, wanted) if found.get("kmsKeyArn")}
    return bool(actual.get("enabled")) == bool(wanted.get("enabled")) and len(keys) < 2


def _create(work: Work) -> str:
    wanted = work.inputs
    locals_ = [
        {**index, "KeySchema": _keys(wanted["hashKey"], spec["rangeKey"])}
        for spec in wanted.get("localSecondaryIndexes", [])
        for index in [_index(spec)]
    ]
    names = frozenset(p.name for p in work.row.inputs) - {"localSecondaryIndexes"}
    params = work.params("CreateTable", names)
    params |= {"KeySchema": _keys(wanted["hashKey"], wanted.get("rangeKey")), **_throughput(wanted)}
    if locals_:
        params["LocalSecondaryIndexes"] = locals_
    work.call("CreateTable", **params)
    work.made["seen"] = _DESCRIBE(work.with_(id=wanted["name"]))
    work.made["TimeToLiveDescription"] = {"TimeToLiveStatus": "DISABLED"}
    return str(wanted["name"])


def _read_table(work: Work) -> Props | None:
    """What the wait after the create has seen, else what there is now."""
    seen: Props | None = work.made.pop("seen", None)
    return seen or _DESCRIBE(work)


def _update_indexes(work: Work) -> None:
    """Indexes go and come one at a time, as DynamoDB wants it; a changed one goes and comes again."""
    had = _by_name(work.state.get("globalSecondaryIndexes", []))
    wanted = _by_name(work.inputs.get("globalSecondaryIndexes", []))
    for name in [n for n in had if had[n] != wanted.get(n)]:
        _update_table(work, GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": name}}])
    attributes = work.params("UpdateTable", frozenset({"attributes"}))
    for name in [n for n in wanted if had.get(n) != wanted[n]]:
        _update_table(work, **attributes, GlobalSecondaryIndexUpdates=[{"Create": wanted[name]}])


def _update_table(work: Work, **params: Any) -> None:
    work.call("UpdateTable", TableName=work.id, **params)
    _DESCRIBE(work)


def _update(work: Work) -> None:
    """Billing, streams, encryption, class and protection: one call for what changed."""
    capacity = _throughput(work.inputs) if work.changed & {"readCapacity", "writeCapacity", "billingMode"} else {}
    names = work.changed - {"attributes", "globalSecondaryIndexes", "tags"}
    params = {**work.params("UpdateTable", names), **capacity}
    if params:
        _update_table(work, **params)


def _ttl(work: Work) -> None:
    """Time to live; the attribute must be named to switch it off, too."""
    wanted = work.inputs.get("ttl") or {}
    had = work.state.get("ttl") or {}
    name = wanted.get("attributeName") or had.get("attributeName")
    enabled = bool(wanted.get("enabled"))
    if name and enabled != bool(had.get("enabled")):
        specification = {"AttributeName": name, "Enabled": enabled}
        answer = work.call("UpdateTimeToLive", TableName=work.id, TimeToLiveSpecification=specification)
        told = answer["TimeToLiveSpecification"]
        status = "ENABLING" if told["Enabled"] else "DISABLING"
        work.made["TimeToLiveDescription"] = {"TimeToLiveStatus": status, "AttributeName": told["AttributeName"]}


def _recovery(work: Work) -> None:
    wanted = work.inputs.get("pointInTimeRecovery") or {}
    specification: Props = {"PointInTimeRecoveryEnabled": bool(wanted.get("enabled"))}
    if wanted.get("recoveryPeriodInDays"):
        specification["RecoveryPeriodInDays"] = wanted["recoveryPeriodInDays"]
    answer = work.call("UpdateContinuousBackups", TableName=work.id, PointInTimeRecoverySpecification=specification)
    work.made.update(answer)


def _recovery_back(found: Mapping[str, Any]) -> Props:
    enabled = found["PointInTimeRecoveryStatus"] == "ENABLED"
    days = {"recoveryPeriodInDays": found["RecoveryPeriodInDays"]} if "RecoveryPeriodInDays" in found else {}
    return {"enabled": enabled, **(days if enabled else {})}


def _ttl_back(found: Mapping[str, Any]) -> Props | None:
    enabled = found.get("TimeToLiveStatus") in ("ENABLED", "ENABLING")
    return {"enabled": True, "attributeName": found["AttributeName"]} if enabled else None


def _encryption(wanted: Mapping[str, Any]) -> Props:
    key = {"SSEType": "KMS", "KMSMasterKeyId": wanted["kmsKeyArn"]} if wanted.get("kmsKeyArn") else {}
    return {"Enabled": bool(wanted.get("enabled")), **key}


def _encryption_back(found: Mapping[str, Any]) -> Props:
    key = {"kmsKeyArn": found["KMSMasterKeyArn"]} if "KMSMasterKeyArn" in found else {}
    return {"enabled": found.get("Status") in ("ENABLED", "ENABLING", "UPDATING"), **key}


def _delete(work: Work) -> None:
    forgiving(work, "DeleteTable", TableName=work.id)
    work.wait("table_not_exists", TableName=work.id)


TABLE: Final = Row(
    "aws:dynamodb/table:Table",
    "dynamodb",
    (
        Prop("name", api="TableName", replace=True),
        Prop("hashKey", api="Keys", back=_key("HASH"), replace=True),
        Prop("rangeKey", api="Keys", back=_key("RANGE"), replace=True),
        Prop(
            "attributes",
            list,
            "AttributeDefinitions",
            fields=(Prop("name", api="AttributeName"), Prop("type", api="AttributeType")),
        ),
        Prop("billingMode", api="BillingMode|BillingModeSummary.BillingMode", default="PROVISIONED"),
        Prop("readCapacity", int, "ProvisionedThroughput.ReadCapacityUnits", computed=True),
        Prop("writeCapacity", int, "ProvisionedThroughput.WriteCapacityUnits", computed=True),
        Prop(
            "globalSecondaryIndexes",
            list,
            to=lambda indexes: [_index(index) for index in indexes],
            back=lambda indexes: [_index_back(index) for index in indexes],
            same=_same_indexes,
        ),
        Prop(
            "localSecondaryIndexes",
            list,
            back=lambda indexes: [_index_back(index) for index in indexes],
            replace=True,
        ),
        Prop("streamEnabled", bool, "StreamSpecification.StreamEnabled"),
        Prop("streamViewType", str, "StreamSpecification.StreamViewType", computed=True),
        Prop(
            "serverSideEncryption",
            dict,
            "SSESpecification|SSEDescription",
            to=_encryption,
            back=_encryption_back,
            same=_same_encryption,
        ),
        Prop("tableClass", api="TableClass|TableClassSummary.TableClass", computed=True),
        Prop("deletionProtectionEnabled", bool, default=False),
        Prop("ttl", dict, "TimeToLiveDescription", back=_ttl_back),
        Prop(
            "pointInTimeRecovery",
            dict,
            "ContinuousBackupsDescription.PointInTimeRecoveryDescription",
            back=_recovery_back,
        ),
        *tags(),
        out("arn", api="TableArn"),
        out("streamArn", api="LatestStreamArn"),
        out("streamLabel", api="LatestStreamLabel"),
    ),
    create=_create,
    read=(
        _read_table,
        Read("DescribeContinuousBackups", _TABLE, told="ContinuousBackupsDescription"),
        Read("DescribeTimeToLive", _TABLE, told="TimeToLiveDescription"),
        Read("ListTagsOfResource", _ARN, only=frozenset({"tags"})),
    ),
    steps=(
        on(
            {
                "billingMode",
                "readCapacity",
                "writeCapacity",
                "streamEnabled",
                "streamViewType",
                "serverSideEncryption",
                "tableClass",
                "deletionProtectionEnabled",
            },
            _update,
            after_create=False,
        ),
        on({"attributes", "globalSecondaryIndexes"}, _update_indexes, after_create=False),
        on({"ttl"}, _ttl),
        on({"pointInTimeRecovery"}, _recovery),
        retag("TagResource", "UntagResource", _ARN),
    ),
    delete=_delete,
    id="{name}",
    name="name",
)

ROWS: Final = (TABLE,)
