"""In the sandbox a bucket policy speaks only to those whom it names."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.s3.models import FakeBucket

from tradai_sandbox.moto_ext.gaps import s3

TLS_ONLY = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": ["s3:*"],
    "Resource": ["arn:aws:s3:::b-x", "arn:aws:s3:::b-x/*"],
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}
LOG_WRITER = {
    "Effect": "Allow",
    "Principal": {"Service": "cloudtrail.amazonaws.com"},
    "Action": ["s3:PutObject"],
    "Resource": ["arn:aws:s3:::b-x/cloudtrail/*"],
    "Condition": {"StringEquals": {"aws:SourceArn": "arn:aws:cloudtrail:::trail/t"}},
}
NOBODY_WRITES = {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::b-x/*"}


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setattr(FakeBucket, "get_permission", FakeBucket.get_permission)
    s3.repair()
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="b-x")
        yield client


def put_under(client: Any, *statements: Any) -> None:
    policy = {"Version": "2012-10-17", "Statement": list(statements)}
    client.put_bucket_policy(Bucket="b-x", Policy=json.dumps(policy))
    client.put_object(Bucket="b-x", Key="k", Body=b"1")


@pytest.mark.parametrize("statements", [[TLS_ONLY], [LOG_WRITER], [TLS_ONLY, LOG_WRITER]])
def test_a_statement_for_others_leaves_an_ordinary_caller_alone(bucket: Any, statements: list[Any]) -> None:
    put_under(bucket, *statements)
    assert bucket.get_object(Bucket="b-x", Key="k")["Body"].read() == b"1"
    bucket.delete_object(Bucket="b-x", Key="k")


def test_a_statement_for_everybody_still_denies(bucket: Any) -> None:
    with pytest.raises(ClientError, match="403"):
        put_under(bucket, TLS_ONLY, NOBODY_WRITES)
