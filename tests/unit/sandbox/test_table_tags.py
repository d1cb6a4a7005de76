"""A table's tags in the sandbox: one value each however often they change, and all of them read, page by page."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.dynamodb.models import DynamoDBBackend

from tradai_sandbox.moto_ext.gaps import dynamodb
from tradai_sandbox.provider.calls import Read
from tradai_sandbox.provider.cloud import Cloud
from tradai_sandbox.provider.row import Work
from tradai_sandbox.provider.rows.dynamodb import TABLE
from tradai_sandbox.provider.settings import settings_from

REGION = "eu-central-1"
TAGS = Read("ListTagsOfResource", {"ResourceArn": "{arn}"}, only=frozenset({"tags"}))


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setattr(DynamoDBBackend, "tag_resource", DynamoDBBackend.tag_resource)  # undoes the repair afterwards
    dynamodb.repair()
    make: Any = boto3.client  # its stubs know each service by a literal name
    with mock_aws():
        yield make("dynamodb", region_name=REGION, aws_access_key_id="sandbox", aws_secret_access_key="sandbox")


def table(client: Any) -> str:
    made = client.create_table(
        TableName="items",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return str(made["TableDescription"]["TableArn"])


class Client(Cloud):
    """The provider's door to AWS, through the client of the test."""

    def __init__(self, client: Any) -> None:
        super().__init__(settings_from({"region": REGION}))
        self._client = client

    def call(self, service: str, operation: str, region: str = "", /, **params: Any) -> dict[str, Any]:
        assert operation == "ListTagsOfResource"
        answer: dict[str, Any] = self._client.list_tags_of_resource(**params)
        return answer


def read(client: Any, arn: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    return TAGS(Work(TABLE, Client(client), {}, {"arn": arn}, id="items"))


def test_a_tag_that_changes_a_dozen_times_has_its_last_value_and_no_other(
    client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    arn = table(client)
    client.tag_resource(ResourceArn=arn, Tags=[{"Key": "kept", "Value": "1"}])
    for number in range(12):
        client.tag_resource(ResourceArn=arn, Tags=[{"Key": "often", "Value": str(number)}])
    assert client.list_tags_of_resource(ResourceArn=arn)["Tags"] == [
        {"Key": "kept", "Value": "1"},
        {"Key": "often", "Value": "11"},
    ]
    assert read(client, arn, monkeypatch) == {"tags": {"kept": "1", "often": "11"}}


@pytest.mark.parametrize("count", [10, 11, 25, 50])
def test_as_many_tags_as_a_table_may_have_are_all_read(
    count: int, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    arn, tags = table(client), {f"tag-{number:02}": str(number) for number in range(count)}
    client.tag_resource(ResourceArn=arn, Tags=[{"Key": key, "Value": value} for key, value in tags.items()])
    assert read(client, arn, monkeypatch) == {"tags": tags}
