"""Tables."""

from typing import Any, Final

from tests.integration.provider_cases.case import Aws, Case, Props


def _table(aws: Aws, state: Props) -> Any:
    found = aws("dynamodb").describe_table(TableName=state["id"])["Table"]
    backups = aws("dynamodb").describe_continuous_backups(TableName=state["id"])["ContinuousBackupsDescription"]
    ttl = aws("dynamodb").describe_time_to_live(TableName=state["id"])["TimeToLiveDescription"]
    return {
        "keys": [k["AttributeName"] for k in found["KeySchema"]],
        "indexes": {i["IndexName"]: i["Projection"] for i in found.get("GlobalSecondaryIndexes", [])},
        "billing": found["BillingModeSummary"]["BillingMode"],
        "protected": found["DeletionProtectionEnabled"],
        "pitr": backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"],
        "ttl": ttl.get("AttributeName"),
    }


def _attributes(*names: str) -> list[dict[str, str]]:
    return [{"name": name, "type": "S"} for name in names]


def _index(name: str, *keys: str, **projection: Any) -> dict[str, Any]:
    kinds = ("HASH", "RANGE")
    schema = [{"attribute_name": k, "key_type": t} for k, t in zip(keys, kinds, strict=False)]
    return {"name": name, "key_schemas": schema, **projection}


_BY_STATUS: Final = _index("by-status", "status", "created_at", projection_type="ALL")
_BY_TRACE: Final = _index("by-trace", "trace_id", projection_type="INCLUDE", non_key_attributes=["job_id", "status"])
_ALL: Final = {"ProjectionType": "ALL"}
_SOME: Final = {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["job_id", "status"]}


CASES: Final = (
    Case(
        "dynamodb.table",
        "aws:dynamodb/table:Table",
        {
            "name": "case-table",
            "billing_mode": "PAY_PER_REQUEST",
            "hash_key": "run_id",
            "range_key": "step",
            "attributes": _attributes("run_id", "step", "status", "created_at"),
            "global_secondary_indexes": [_BY_STATUS],
            "ttl": {"attribute_name": "expires", "enabled": True},
            "point_in_time_recovery": {"enabled": True},
            "server_side_encryption": {"enabled": True},
            "tags": {"a": "1"},
        },
        _table,
        {
            "keys": ["run_id", "step"],
            "indexes": {"by-status": _ALL},
            "billing": "PAY_PER_REQUEST",
            "protected": False,
            "pitr": "ENABLED",
            "ttl": "expires",
        },
        update={
            "attributes": _attributes("run_id", "step", "status", "created_at", "trace_id"),
            "global_secondary_indexes": [_BY_STATUS, _BY_TRACE],
            "point_in_time_recovery": {"enabled": False},
            "tags": {"a": "2", "b": "3"},
        },
        updated={
            "keys": ["run_id", "step"],
            "indexes": {"by-status": _ALL, "by-trace": _SOME},
            "billing": "PAY_PER_REQUEST",
            "protected": False,
            "pitr": "DISABLED",
            "ttl": "expires",
        },
        meddle=lambda aws, state: aws("dynamodb").update_table(TableName=state["id"], DeletionProtectionEnabled=True),
        drifted=frozenset({"deletionProtectionEnabled"}),
        replace={"range_key": "created_at", "attributes": _attributes("run_id", "status", "created_at", "trace_id")},
    ),
    Case(
        "dynamodb.metered",
        "aws:dynamodb/table:Table",
        {
            "name": "case-metered",
            "hash_key": "id",
            "attributes": _attributes("id", "at"),
            "range_key": "at",
            "read_capacity": 2,
            "write_capacity": 1,
            "stream_enabled": True,
            "stream_view_type": "NEW_IMAGE",
        },
        lambda aws, state: {
            k: aws("dynamodb").describe_table(TableName=state["id"])["Table"]["ProvisionedThroughput"][k]
            for k in ("ReadCapacityUnits", "WriteCapacityUnits")
        },
        {"ReadCapacityUnits": 2, "WriteCapacityUnits": 1},
        update={"read_capacity": 5},
        updated={"ReadCapacityUnits": 5, "WriteCapacityUnits": 1},
    ),
)
