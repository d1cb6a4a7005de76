"""Names that exist once in the world: whose each is, is asked before a layer's first resource."""

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.stub import Stubber
from moto import mock_aws

from tests.unit.runner.test_runner_rooms import request
from tradai_iac.failure import Failure
from tradai_runner.guard import global_names
from tradai_runner.guard.global_names import GlobalNames, bucket_holder, verdict
from tradai_runner.state.checkpoint import Recorded

ACCOUNT, REGION = "123456789012", "eu-central-1"
BUCKET = "aws:s3/bucket:Bucket"


def client() -> Any:
    make: Any = boto3.client
    return make("s3", region_name=REGION, aws_access_key_id="a", aws_secret_access_key="b")


def answering(status: int) -> Callable[[str], Any]:
    s3 = client()
    stubber = Stubber(s3)
    stubber.add_client_error("head_bucket", str(status), http_status_code=status)
    stubber.activate()
    return lambda _: s3


@pytest.mark.parametrize(
    ("status", "holder"), [(404, "free"), (403, "foreign"), (301, "own"), (400, "unknown"), (500, "unknown")]
)
def test_the_answer_tells_whose_a_bucket_is(status: int, holder: str) -> None:
    assert bucket_holder(answering(status), ACCOUNT, "tradai-configs-dev") == holder


def test_no_answer_is_no_news() -> None:
    class Dead:
        def head_bucket(self, **_: Any) -> None:
            raise EndpointConnectionError(endpoint_url="https://s3")

    assert bucket_holder(lambda _: Dead(), ACCOUNT, "tradai-configs-dev") == "unknown"


def test_a_bucket_of_this_account_is_its_own() -> None:
    with mock_aws():
        s3 = client()
        s3.create_bucket(Bucket="taken", CreateBucketConfiguration={"LocationConstraint": REGION})
        assert bucket_holder(lambda _: s3, ACCOUNT, "taken") == "own"
        assert bucket_holder(lambda _: s3, ACCOUNT, "free") == "free"


def test_only_what_another_account_holds_is_refused() -> None:
    failure, said = verdict({"a": "free", "b": "foreign", "c": "own", "d": "unknown", "e": "foreign"})
    assert failure is not None
    assert (failure.kind, failure.error, said) == ("Conflict", "another account holds b, e", ())
    assert verdict({"a": "free"}) == (None, ())
    assert verdict({"c": "own", "d": "unknown"}) == (
        None,
        ("c stands in this account already", "whether d is free could not be asked"),
    )


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The names that were asked about; another account holds `taken`."""
    names: list[str] = []

    def holder(_: Any, account: str, name: str) -> str:
        assert account == ACCOUNT
        names.append(name)
        return "foreign" if name == "taken" else "free"

    monkeypatch.setitem(global_names._ASK, BUCKET, holder)
    monkeypatch.setattr("tradai_runner.repair.clients.clients_for", lambda _: None)
    yield names


def registered(*buckets: Any) -> GlobalNames:
    found = GlobalNames(request(account_id=ACCOUNT))
    for name in buckets:
        args: Any = SimpleNamespace(type_=BUCKET, props={"bucket": name})
        found._note(args)
    queue: Any = SimpleNamespace(type_="aws:sqs/queue:Queue", props={"name": "jobs"})
    found._note(queue)
    return found


def standing(name: str) -> Recorded:
    return Recorded("urn", BUCKET, "it", name, {"bucket": name}, {}, False, False)


def test_new_names_are_asked_about_and_standing_ones_are_not(asked: list[str]) -> None:
    names = registered("old", "new", None)
    names.check([standing("old")])
    assert (asked, names.failure) == (["new"], None)
    assert names.warnings == ()


def test_a_name_of_another_account_is_refused_with_the_way_out(asked: list[str]) -> None:
    names = registered("taken")
    names.check([])
    assert asked == ["taken"]
    assert isinstance(names.failure, Failure)
    assert names.failure.kind == "Conflict"
    assert "spec.aws.bucketSuffix" in names.failure.hint and "--bucket-suffix" in names.failure.hint


def test_where_nothing_is_new_nobody_is_asked(asked: list[str]) -> None:
    registered("old").check([standing("old")])
    registered().check([])
    assert asked == []
