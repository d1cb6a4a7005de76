"""Which trails CloudTrail describes in the sandbox's endpoint."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.cloudtrail import responses

from tradai_sandbox.moto_ext.gaps import cloudtrail

REGION = "eu-central-1"
ONE, OTHER = "tradai-trail-staging", "tradai-trail-prod"


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    answers = responses.CloudTrailResponse
    monkeypatch.setattr(answers, "describe_trails", answers.describe_trails)  # undoes the repair after the test
    cloudtrail.repair()
    make: Any = boto3.client  # its stubs know each service by a literal name
    login = {"region_name": REGION, "aws_access_key_id": "sandbox", "aws_secret_access_key": "sandbox"}
    with mock_aws():
        place = {"LocationConstraint": REGION}
        make("s3", **login).create_bucket(Bucket="tradai-logs", CreateBucketConfiguration=place)
        made = make("cloudtrail", **login)
        for name in (ONE, OTHER):
            made.create_trail(Name=name, S3BucketName="tradai-logs")
        yield made


@pytest.mark.parametrize(
    ("asked", "found"),
    [([OTHER], [OTHER]), ([ONE, OTHER], [ONE, OTHER]), (["another"], []), ([], [ONE, OTHER])],
)
def test_the_trails_that_were_named_are_described_and_all_where_none_is(
    client: Any, asked: list[str], found: list[str]
) -> None:
    assert [trail["Name"] for trail in client.describe_trails(trailNameList=asked)["trailList"]] == found


def test_a_trail_can_be_named_by_its_arn(client: Any) -> None:
    arn = client.get_trail(Name=OTHER)["Trail"]["TrailARN"]
    assert [trail["Name"] for trail in client.describe_trails(trailNameList=[arn])["trailList"]] == [OTHER]
