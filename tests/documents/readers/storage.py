"""Buckets and tables (002 §3.1, §3.2) as they are deployed; reads only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from tests.documents.live import Facts, Live, tags_of

ENCRYPTION = {"AES256": "SSE-S3", "aws:kms": "SSE-KMS"}
NOT_CONFIGURED = {
    "NoSuchLifecycleConfiguration",
    "NoSuchPublicAccessBlockConfiguration",
    "NoSuchTagSet",
    "ServerSideEncryptionConfigurationNotFoundError",
}


def bucket(live: Live, name: str) -> Facts:
    """Versioning, encryption, lifecycle ("Glacier after 30d"), public access block and tags of a bucket."""
    s3 = live.clients("s3")
    versioning = s3.get_bucket_versioning(Bucket=name).get("Status")
    blocks = _configured(lambda: s3.get_public_access_block(Bucket=name)).get("PublicAccessBlockConfiguration", {})
    tags = _configured(lambda: s3.get_bucket_tagging(Bucket=name)).get("TagSet", [])
    return {
        "exists": True,
        "versioning": "Enabled" if versioning == "Enabled" else "Disabled",
        "encryption": _encryption(_configured(lambda: s3.get_bucket_encryption(Bucket=name))),
        "lifecycle": _lifecycle(_configured(lambda: s3.get_bucket_lifecycle_configuration(Bucket=name))),
        "public access blocked": len(blocks) == 4 and all(blocks.values()),
        "tags": tags_of(tags),
    }


def _configured(read: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any]:
    try:
        return read()
    except ClientError as error:
        if error.response["Error"]["Code"] in NOT_CONFIGURED:
            return {}
        raise


def _encryption(answer: Mapping[str, Any]) -> str:
    rules = answer.get("ServerSideEncryptionConfiguration", {}).get("Rules", [])
    kinds = [rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] for rule in rules]
    return ", ".join(ENCRYPTION.get(kind, kind) for kind in kinds) or "None"


def _lifecycle(answer: Mapping[str, Any]) -> str:
    """What happens to the objects themselves; old versions and broken uploads are mere housekeeping."""
    rules = [rule for rule in answer.get("Rules", []) if rule["Status"] == "Enabled"]
    moves = [move for rule in rules for move in rule.get("Transitions", [])]
    deletions = [rule["Expiration"] for rule in rules if "Days" in rule.get("Expiration", {})]
    said = [f"{move['StorageClass'].capitalize()} after {move.get('Days')}d" for move in moves]
    return ", ".join([*said, *(f"Delete after {deletion['Days']}d" for deletion in deletions)]) or "None"


def table(live: Live, name: str) -> Facts:
    """Keys ("run_id (S)"), indexes, TTL, billing, encryption, recovery and protection of a table."""
    dynamodb = live.clients("dynamodb")
    description = dynamodb.describe_table(TableName=name)["Table"]
    ttl = dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    backups = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    tags = dynamodb.list_tags_of_resource(ResourceArn=description["TableArn"])["Tags"]
    types = {item["AttributeName"]: item["AttributeType"] for item in description["AttributeDefinitions"]}
    keys = _keys(description["KeySchema"])
    return {
        "partition key": _typed(keys.get("hash"), types),
        "sort key": _typed(keys.get("range"), types),
        "indexes": {index["IndexName"]: _index(index) for index in description.get("GlobalSecondaryIndexes", [])},
        "ttl": ttl.get("AttributeName") if ttl["TimeToLiveStatus"] in ("ENABLED", "ENABLING") else "(none)",
        "billing": description.get("BillingModeSummary", {}).get("BillingMode", "PROVISIONED"),
        "encrypted": description.get("SSEDescription", {}).get("Status") in ("ENABLED", "ENABLING"),
        "point-in-time recovery": backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED",
        "deletion protection": description.get("DeletionProtectionEnabled", False),
        "tags": tags_of(tags),
    }


def _keys(schema: list[dict[str, str]]) -> dict[str, str]:
    return {key["KeyType"].lower(): key["AttributeName"] for key in schema}


def _typed(attribute: str | None, types: Mapping[str, str]) -> str:
    return f"{attribute} ({types[attribute]})" if attribute else "--"


def _index(index: Mapping[str, Any]) -> dict[str, object]:
    projection = index["Projection"]
    included = {"include": sorted(projection["NonKeyAttributes"])} if projection.get("NonKeyAttributes") else {}
    return {**_keys(index["KeySchema"]), "projection": projection["ProjectionType"], **included}
