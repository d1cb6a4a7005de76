"""Slim sessions: they ask at the same address with the same signature as plain ones, and hold much less."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config
from botocore.loaders import Loader
from botocore.session import Session

from tradai_iac.sessions import _Loader, _own, _read, client, new_session


def plain_session(region: str) -> Session:
    session = Session()
    session.set_config_variable("region", region)
    return session


def asked(
    make: Callable[[str], Session], region: str, service: str, operation: str, words: dict[str, Any]
) -> tuple[str, str, set[str], Any]:
    """Where a call goes, the scope of its signature without the day, the names of its headers, and its content."""
    session: Any = make(region)
    session.set_credentials("AKIATEST", "secret")
    asking = session.create_client(service)
    seen: list[Any] = []

    def stop(request: Any, **_: Any) -> AWSResponse:
        seen.append(request)
        return AWSResponse(request.url, 200, HTTPHeaders(), _Empty())

    asking.meta.events.register("before-send", stop)
    asking._make_api_call(operation, dict(words))  # the call adds to its own
    scope = seen[0].headers["Authorization"]
    scope = (scope.decode() if isinstance(scope, bytes) else scope).split("Credential=")[1].split(",")[0]
    return seen[0].url, "/".join(scope.split("/")[2:]), set(seen[0].headers), _read_out(seen[0].body)


def _read_out(body: Any) -> Any:
    return body.read() if hasattr(body, "read") else body


class _Empty:
    def stream(self, *_: Any, **__: Any) -> list[bytes]:
        return [b""]

    def read(self, *_: Any, **__: Any) -> bytes:
        return b""


OBJECT = {"Bucket": "tradai-pulumi-state-dev", "Key": ".pulumi/stacks/a b.json"}


@pytest.mark.parametrize("region", ["eu-central-1", "us-east-1", "cn-north-1", "us-gov-west-1"])
@pytest.mark.parametrize(
    ("service", "operation", "words"),
    [
        ("ecr", "GetAuthorizationToken", {}),
        ("s3", "GetObject", OBJECT),
        ("s3", "PutObject", OBJECT | {"Body": b"state", "IfMatch": '"etag"'}),
        ("s3", "ListObjectsV2", {"Bucket": "tradai-pulumi-state-dev", "Prefix": ".pulumi/locks/"}),
        ("s3", "DeleteObject", OBJECT),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_slim_session_asks_as_a_plain_one_does(
    service: str, operation: str, words: dict[str, Any], region: str
) -> None:
    slim, plain = (asked(make, region, service, operation, words) for make in (new_session, plain_session))
    assert slim == plain


@pytest.mark.parametrize("region", ["eu-central-1", "us-east-1", "cn-north-1"])
def test_a_slim_session_assumes_roles_where_a_plain_one_does(region: str) -> None:
    clients = [make(region) for make in (new_session, plain_session)]
    for session in clients:
        session.set_credentials("AKIATEST", "secret")
    slim, plain = (session.create_client("sts").meta for session in clients)
    assert (slim.endpoint_url, slim.region_name) == (plain.endpoint_url, plain.region_name)


def test_a_slim_session_holds_no_list_of_every_endpoint() -> None:
    endpoints, _ = new_session("eu-central-1").get_component("data_loader").load_data_with_path("endpoints")
    found = {partition["partition"]: partition["services"] for partition in endpoints["partitions"]}
    assert (set(found["aws"]), set(found["aws-cn"])) == ({"s3"}, set())


def test_sessions_share_what_they_read_and_no_credentials() -> None:
    first, second = new_session("eu-central-1"), new_session("eu-west-1")
    first.set_credentials("AKIATEST", "secret")
    assert first.get_component("data_loader") is second.get_component("data_loader")
    assert (first.get_config_variable("region"), second.get_config_variable("region")) == ("eu-central-1", "eu-west-1")
    found = second.get_credentials()
    assert found is None or found.access_key != "AKIATEST"


@pytest.mark.parametrize("service", ["ecr", "s3", "sts"])
@pytest.mark.parametrize("kind", ["service-2", "endpoint-rule-set-1"])
def test_a_slim_session_holds_every_description_but_for_what_is_written_for_people(service: str, kind: str) -> None:
    slim, plain = (loader().load_service_model(service, kind) for loader in (_Loader, Loader))  # fresh: calls edit them
    assert slim == untold(plain)


def untold(description: Any) -> Any:
    """The same without any text under `documentation`."""
    if isinstance(description, dict):
        return {
            key: "" if key == "documentation" and isinstance(value, str) else untold(value)
            for key, value in description.items()
        }
    return [untold(each) for each in description] if isinstance(description, list) else description


def test_a_shape_that_is_called_documentation_is_no_text() -> None:
    description = b'{"members": {"documentation": {"shape": "Text", "documentation": "<p>for people</p>"}}}'
    assert _read(description) == {"members": {"documentation": {"shape": "Text", "documentation": ""}}}


def test_clients_of_the_process_share_its_credentials_whoever_asks_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIATEST")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    _own.cache_clear()
    with ThreadPoolExecutor(8) as threads:
        making = [threads.submit(client, "s3", region, None, Config()) for region in ("eu-central-1", "us-east-1") * 4]
        made = [each.result() for each in making]
    _own.cache_clear()
    assert len({id(each._request_signer._credentials) for each in made}) == 1
    assert {each.meta.region_name for each in made} == {"eu-central-1", "us-east-1"}
