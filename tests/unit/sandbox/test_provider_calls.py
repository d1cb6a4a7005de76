"""What the provider asks AWS after a create, and what it has been told already."""

from typing import Any

import pytest

from tradai_sandbox.provider.calls import Read
from tradai_sandbox.provider.cloud import Cloud
from tradai_sandbox.provider.row import Work
from tradai_sandbox.provider.rows.dynamodb import TABLE
from tradai_sandbox.provider.rows.sqs import QUEUE
from tradai_sandbox.provider.settings import settings_from

TAGS = Read("ListQueueTags", {"QueueUrl": "{id}"}, only=frozenset({"tags"}))
TTL = Read("DescribeTimeToLive", {"TableName": "{id}"}, told="TimeToLiveDescription")


class Asked(Cloud):
    """AWS that notes what it is asked, and always answers the same."""

    def __init__(self, answer: dict[str, Any]) -> None:
        super().__init__(settings_from({"region": "eu-central-1"}))
        self.answer, self.operations = answer, list[str]()

    def call(self, service: str, operation: str, region: str = "", /, **_: Any) -> dict[str, Any]:
        self.operations.append(operation)
        return self.answer


@pytest.fixture(autouse=True)
def _endpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")


@pytest.mark.parametrize(("creating", "asked"), [(True, []), (False, ["ListQueueTags"])])
def test_tags_are_asked_for_by_a_refresh_and_not_right_after_a_create(creating: bool, asked: list[str]) -> None:
    cloud = Asked({"Tags": {"a": "b"}})
    work = Work(QUEUE, cloud, {"tags": {"a": "b"}}, id="url", creating=creating)
    assert TAGS(work) == {"tags": {"a": "b"}}
    assert cloud.operations == asked


def test_what_a_call_has_answered_is_not_asked_again() -> None:
    found = {"TimeToLiveDescription": {"TimeToLiveStatus": "ENABLING", "AttributeName": "ttl"}}
    asked, told = Asked(found), Asked({})
    for cloud, made in ((asked, {}), (told, found)):
        work = Work(TABLE, cloud, {}, id="table", made=made)
        assert TTL(work) == {"ttl": {"enabled": True, "attributeName": "ttl"}}
    assert (asked.operations, told.operations) == (["DescribeTimeToLive"], [])
