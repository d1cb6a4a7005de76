"""The sessions that look for images: slim, and asking at the same address with the same signature as plain ones."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.session import Session

from tradai_iac.images.session import new_session


def plain_session(region: str) -> Session:
    session = Session()
    session.set_config_variable("region", region)
    return session


def asked(make: Callable[[str], Session], service: str, operation: str, region: str) -> tuple[str, str]:
    """Where a call goes, and the scope of its signature without the day."""
    session: Any = make(region)
    session.set_credentials("AKIATEST", "secret")
    client = session.create_client(service)
    seen: list[Any] = []

    def stop(request: Any, **_: Any) -> AWSResponse:
        seen.append(request)
        return AWSResponse(request.url, 200, HTTPHeaders(), _Empty())

    client.meta.events.register("before-send", stop)
    client._make_api_call(operation, {})
    scope = seen[0].headers["Authorization"]
    scope = (scope.decode() if isinstance(scope, bytes) else scope).split("Credential=")[1].split(",")[0]
    return seen[0].url, "/".join(scope.split("/")[2:])


class _Empty:
    def stream(self, *_: Any, **__: Any) -> list[bytes]:
        return [b"{}"]

    def read(self, *_: Any, **__: Any) -> bytes:
        return b"{}"


@pytest.mark.parametrize("region", ["eu-central-1", "us-east-1", "cn-north-1", "us-gov-west-1"])
@pytest.mark.parametrize(("service", "operation"), [("ecr", "GetAuthorizationToken")])
def test_a_slim_session_asks_where_a_plain_one_does(service: str, operation: str, region: str) -> None:
    assert asked(new_session, service, operation, region) == asked(plain_session, service, operation, region)


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
    assert found["aws"] == found["aws-cn"] == {}


def test_sessions_share_what_they_read_and_no_credentials() -> None:
    first, second = new_session("eu-central-1"), new_session("eu-west-1")
    first.set_credentials("AKIATEST", "secret")
    assert first.get_component("data_loader") is second.get_component("data_loader")
    assert (first.get_config_variable("region"), second.get_config_variable("region")) == ("eu-central-1", "eu-west-1")
    found = second.get_credentials()
    assert found is None or found.access_key != "AKIATEST"
