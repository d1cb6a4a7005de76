"""Buckets and their settings."""

import json
from typing import Any, Final

from tests.integration.provider_cases.case import Aws, Case, Props, Ref

BUCKET: Final = "case-bucket"


def _policy(action: str) -> str:
    statement = {"Effect": "Deny", "Principal": "*", "Action": action, "Resource": f"arn:aws:s3:::{BUCKET}/*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _tags(aws: Aws, state: Props) -> Any:
    return {t["Key"]: t["Value"] for t in aws("s3").get_bucket_tagging(Bucket=state["id"])["TagSet"]}


def _encryption(aws: Aws, state: Props) -> Any:
    found = aws("s3").get_bucket_encryption(Bucket=state["bucket"])["ServerSideEncryptionConfiguration"]
    return found["Rules"][0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"]


def _blocks(aws: Aws, state: Props) -> Any:
    return sum(aws("s3").get_public_access_block(Bucket=state["bucket"])["PublicAccessBlockConfiguration"].values())


def _rules(aws: Aws, state: Props) -> Any:
    found = aws("s3").get_bucket_lifecycle_configuration(Bucket=state["bucket"])["Rules"]
    return [
        {k: rule[k] for k in ("ID", "Status", "Expiration", "Transitions", "NoncurrentVersionExpiration") if k in rule}
        for rule in sorted(found, key=lambda rule: rule["ID"])
    ]


def _statement(aws: Aws, state: Props) -> Any:
    return json.loads(aws("s3").get_bucket_policy(Bucket=state["bucket"])["Policy"])["Statement"][0]["Action"]


def _lifecycle(days: int) -> dict[str, Any]:
    everything = {"prefix": ""}
    glacier = {"days": 30, "storage_class": "GLACIER"}
    old = {"noncurrent_days": days, "newer_noncurrent_versions": 20}
    return {
        "rules": [
            {"id": "cool", "status": "Enabled", "filter": everything, "transitions": [glacier]},
            {"id": "drop", "status": "Enabled", "filter": everything, "expiration": {"days": days}},
            {"id": "old", "status": "Enabled", "filter": everything, "noncurrent_version_expiration": old},
        ]
    }


def _seen(days: int) -> list[dict[str, Any]]:
    return [
        {"ID": "cool", "Status": "Enabled", "Transitions": [{"Days": 30, "StorageClass": "GLACIER"}]},
        {"ID": "drop", "Status": "Enabled", "Expiration": {"Days": days}},
        {
            "ID": "old",
            "Status": "Enabled",
            "NoncurrentVersionExpiration": {"NoncurrentDays": days, "NewerNoncurrentVersions": 20},
        },
    ]


def _of_bucket(name: str, kind: str, look: Any, first: Any, args: Props, **more: Any) -> Case:
    token = f"aws:s3/{kind[0].lower()}{kind[1:]}:{kind}"
    return Case(f"s3.{name}", token, {"bucket": Ref("s3.bucket", "bucket"), **args}, look, first, **more)


CASES: Final = (
    Case(
        "s3.bucket",
        "aws:s3/bucket:Bucket",
        {"bucket": BUCKET, "force_destroy": True, "tags": {"a": "1", "b": "2"}},
        _tags,
        {"a": "1", "b": "2"},
        update={"tags": {"a": "3"}},
        updated={"a": "3"},
        meddle=lambda aws, state: aws("s3").put_bucket_tagging(
            Bucket=BUCKET, Tagging={"TagSet": [{"Key": "x", "Value": "y"}]}
        ),
        drifted=frozenset({"tags"}),
        not_imported=frozenset({"forceDestroy"}),
    ),
    Case(
        "s3.replaced",
        "aws:s3/bucket:Bucket",
        {"bucket": "case-replaced", "force_destroy": True},
        lambda aws, state: aws("s3").head_bucket(Bucket=state["id"])["ResponseMetadata"]["HTTPStatusCode"],
        200,
        meddle=lambda aws, state: aws("s3").put_object(Bucket=state["id"], Key="in-the-way", Body=b"1"),
        replace={"bucket": "case-replaced-2"},
        not_imported=frozenset({"forceDestroy"}),
    ),
    _of_bucket(
        "versioning",
        "BucketVersioning",
        lambda aws, state: aws("s3").get_bucket_versioning(Bucket=state["bucket"]).get("Status"),
        "Enabled",
        {"versioning_configuration": {"status": "Enabled"}},
        update={"versioning_configuration": {"status": "Suspended"}},
        updated="Suspended",
        meddle=lambda aws, state: aws("s3").put_bucket_versioning(
            Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"}
        ),
        drifted=frozenset({"versioningConfiguration"}),
    ),
    _of_bucket(
        "encryption",
        "BucketServerSideEncryptionConfiguration",
        _encryption,
        "AES256",
        {"rules": [{"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}]},
        update={"rules": [{"apply_server_side_encryption_by_default": {"sse_algorithm": "aws:kms"}}]},
        updated="aws:kms",
    ),
    _of_bucket(
        "closed",
        "BucketPublicAccessBlock",
        _blocks,
        4,
        dict.fromkeys(
            ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"), True
        ),
        update={"restrict_public_buckets": False},
        updated=3,
        meddle=lambda aws, state: aws("s3").delete_public_access_block(Bucket=BUCKET),
    ),
    _of_bucket(
        "lifecycle",
        "BucketLifecycleConfiguration",
        _rules,
        _seen(90),
        _lifecycle(90),
        update=_lifecycle(30),
        updated=_seen(30),
        meddle=lambda aws, state: aws("s3").delete_bucket_lifecycle(Bucket=BUCKET),
    ),
    _of_bucket(
        "policy",
        "BucketPolicy",
        _statement,
        "s3:GetObject",
        {"policy": _policy("s3:GetObject")},
        update={"policy": _policy("s3:PutObject")},
        updated="s3:PutObject",
        meddle=lambda aws, state: aws("s3").put_bucket_policy(Bucket=BUCKET, Policy=_policy("s3:ListObjects")),
        drifted=frozenset({"policy"}),
    ),
)
