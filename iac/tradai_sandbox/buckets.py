"""The state buckets: versioned within bounds, encrypted and closed to the public, as in a real account (001 §10).

Must never touch a bucket that is there already.
"""

from typing import Any

import boto3
from botocore.config import Config

from tradai_iac.state_bucket import OLD_STATES
from tradai_sandbox.services import aws
from tradai_sandbox.services.service import Context
from tradai_sandbox.variables import REGION, STATE_BUCKETS

_BLOCKED = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")


def ensure_state_buckets(context: Context) -> list[str]:
    """Make the state buckets that are missing; gives their names."""
    s3 = _client(context)
    there = {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}
    missing = [name for name in STATE_BUCKETS if name not in there]
    for name in missing:
        _create(s3, name)
    return missing


def _client(context: Context) -> Any:
    return boto3.session.Session().client(
        "s3",
        endpoint_url=aws.url(context),
        region_name=REGION,
        aws_access_key_id="sandbox",
        aws_secret_access_key="sandbox",  # noqa: S106 - the local endpoint takes any
        config=Config(s3={"addressing_style": "path"}, proxies={}),
    )


def _create(s3: Any, name: str) -> None:
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration=OLD_STATES.in_s3)
    encryption = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}
    s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration=encryption)
    s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=dict.fromkeys(_BLOCKED, True))
