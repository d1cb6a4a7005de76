"""Old versions go by a bucket's lifecycle; since no sandbox lives for days, what counts is how many are kept."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from hypothesis import given, settings
from hypothesis import strategies as st
from moto import mock_aws
from moto.s3.models import FakeBucket, S3Backend
from moto.s3.responses import S3Response

from tradai_sandbox.moto_ext.gaps import s3_versions

BUCKET = "b-x"
DAYS = {"NoncurrentDays": 30}
KEEP_2 = {**DAYS, "NewerNoncurrentVersions": 2}
EVERYTHING: dict[str, Any] = {"Filter": {"Prefix": ""}}


def rule(expiration: dict[str, int] = KEEP_2, status: str = "Enabled", **where: Any) -> dict[str, Any]:
    return {"ID": "r", "Status": status, "NoncurrentVersionExpiration": expiration, **(where or EVERYTHING)}


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    with pytest.MonkeyPatch.context() as patch:
        for owner, name in (
            (FakeBucket, "set_lifecycle"),
            (S3Response, "get_bucket_lifecycle"),
            (S3Backend, "put_object"),
        ):
            patch.setattr(owner, name, getattr(owner, name))
        s3_versions.repair()
        with mock_aws():
            client = boto3.client("s3", region_name="us-east-1")
            client.create_bucket(Bucket=BUCKET)
            client.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
            yield client


@pytest.fixture
def bucket(client: Any) -> Iterator[Any]:
    yield client
    client.delete_bucket_lifecycle(Bucket=BUCKET)
    listed = client.list_object_versions(Bucket=BUCKET)
    for each in listed.get("Versions", []) + listed.get("DeleteMarkers", []):
        client.delete_object(Bucket=BUCKET, Key=each["Key"], VersionId=each["VersionId"])


def govern(client: Any, *rules: dict[str, Any]) -> None:
    client.put_bucket_lifecycle_configuration(Bucket=BUCKET, LifecycleConfiguration={"Rules": list(rules)})


def put(client: Any, *bodies: int, key: str = "a/k") -> None:
    for each in bodies:
        client.put_object(Bucket=BUCKET, Key=key, Body=str(each).encode())


def kept(client: Any, key: str = "a/k") -> list[int]:
    """What the versions say, the newest first."""
    found = client.list_object_versions(Bucket=BUCKET, Prefix=key).get("Versions", [])
    bodies = [client.get_object(Bucket=BUCKET, Key=key, VersionId=each["VersionId"])["Body"] for each in found]
    return sorted((int(body.read()) for body in bodies), reverse=True)


def test_what_is_kept_is_told_as_it_was_said(bucket: Any) -> None:
    rules = [
        rule(),
        {**rule(DAYS), "ID": "days"},
        {"ID": "old", "Status": "Enabled", "Prefix": "", "Expiration": {"Days": 5}},
    ]
    govern(bucket, *rules)
    assert bucket.get_bucket_lifecycle_configuration(Bucket=BUCKET)["Rules"] == rules


def test_a_bucket_without_rules_says_so(bucket: Any) -> None:
    with pytest.raises(ClientError, match="NoSuchLifecycleConfiguration"):
        bucket.get_bucket_lifecycle_configuration(Bucket=BUCKET)


def test_the_newest_stay_beside_the_current_one(bucket: Any) -> None:
    govern(bucket, rule())
    put(bucket, *range(9))
    put(bucket, *range(2), key="another")
    assert kept(bucket) == [8, 7, 6]
    assert kept(bucket, "another") == [1, 0]


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        pytest.param([rule(status="Disabled")], 6, id="a rule that is off"),
        pytest.param([rule(DAYS)], 6, id="a rule by days alone"),
        pytest.param([rule(Filter={"Prefix": "b/"})], 6, id="for other objects"),
        pytest.param([rule(Filter={"Prefix": "a/"})], 3, id="for these objects"),
        pytest.param([rule(Prefix="a/")], 3, id="for these objects, in the old spelling"),
        pytest.param([rule(Filter={"Tag": {"Key": "x", "Value": "y"}})], 6, id="for objects with a tag"),
        pytest.param([rule(Filter={"And": {"Prefix": "a/", "Tags": [{"Key": "x", "Value": "y"}]}})], 6, id="and a tag"),
        pytest.param([{**rule({**DAYS, "NewerNoncurrentVersions": 4}), "ID": "s"}, rule()], 3, id="the stricter one"),
        pytest.param([], 6, id="no rule"),
    ],
)
def test_a_rule_takes_what_it_speaks_of(bucket: Any, rules: list[dict[str, Any]], expected: int) -> None:
    if rules:
        govern(bucket, *rules)
    put(bucket, *range(6))
    assert len(kept(bucket)) == expected


def test_a_rule_that_comes_later_counts_from_the_next_write_on(bucket: Any) -> None:
    put(bucket, *range(6))
    govern(bucket, rule())
    put(bucket, 6)
    assert kept(bucket) == [6, 5, 4]


def test_a_copy_counts_as_a_write(bucket: Any) -> None:
    govern(bucket, rule())
    put(bucket, 7, key="source")
    put(bucket, *range(6))
    bucket.copy_object(Bucket=BUCKET, Key="a/k", CopySource={"Bucket": BUCKET, "Key": "source"})
    assert kept(bucket) == [7, 5, 4]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.booleans(), max_size=14), st.integers(1, 4))
def test_of_any_writes_and_deletions_the_newest_are_left(client: Any, written: list[bool], newest: int) -> None:
    """True writes, False deletes: a marker counts as a version, and goes as one."""
    key = f"k/{written}/{newest}"
    govern(client, rule({**DAYS, "NewerNoncurrentVersions": newest}))
    expected: list[int | None] = []
    for number, writes in enumerate(written):
        if writes:
            put(client, number, key=key)
            expected = [*expected, number][-newest - 1 :]
        else:
            client.delete_object(Bucket=BUCKET, Key=key)
            expected = [*expected, None] if expected else expected
    assert kept(client, key) == sorted((each for each in expected if each is not None), reverse=True)
