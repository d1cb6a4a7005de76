"""The endpoint counts who calls what, and nothing else."""

import http.client
import io
import json
import threading
from typing import Any

import pytest

from tradai_sandbox.aws import latency
from tradai_sandbox.aws.calls import CONTROL_PATH, Calls, Counted
from tradai_sandbox.aws.http import serve
from tradai_sandbox.aws.operations import operation
from tradai_sandbox.control import take_calls


def _environ(method: str, path: str, query: str = "", body: bytes = b"", **more: Any) -> dict[str, Any]:
    return {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "wsgi.input": io.BytesIO(body),
        **more,
    }


def _signed(service: str) -> dict[str, Any]:
    scope = f"sandbox/20261121/eu-central-1/{service}/aws4_request"
    return {"HTTP_AUTHORIZATION": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"}


def _echo(environ: dict[str, Any], start_response: Any, /) -> list[bytes]:
    start_response("200 OK", [])
    return [environ["wsgi.input"].read()]


def _call(app: Counted, environ: dict[str, Any]) -> bytes:
    return b"".join(app(environ, lambda _status, _headers: None))


def _counts(app: Counted, method: str = "GET") -> list[tuple[str, str, str, int]]:
    found = json.loads(_call(app, _environ(method, CONTROL_PATH)))
    return [(each["caller"], each["service"], each["operation"], each["count"]) for each in found]


FORM: dict[str, Any] = {"CONTENT_TYPE": "application/x-www-form-urlencoded; charset=utf-8"}


@pytest.mark.parametrize(
    ("service", "environ", "expected"),
    [
        ("dynamodb", _environ("POST", "/", HTTP_X_AMZ_TARGET="DynamoDB_20120810.CreateTable"), "CreateTable"),
        ("iam", _environ("POST", "/", body=b"Action=GetRole&RoleName=a", **FORM), "GetRole"),
        ("ec2", _environ("POST", "/", body=b"Version=1&Action=CreateVpc", **FORM), "CreateVpc"),
        ("lambda", _environ("GET", "/2015-03-31/functions/a/policy"), "GetPolicy"),
        ("apigateway", _environ("POST", "/v2/apis/a/routes"), "CreateRoute"),
        ("codeartifact", _environ("GET", "/v1/domain", "domain=a"), "DescribeDomain"),
        ("s3", _environ("PUT", "/bucket"), "CreateBucket"),
        ("s3", _environ("PUT", "/bucket/"), "CreateBucket"),
        ("s3", _environ("PUT", "/bucket", "policy"), "PutBucketPolicy"),
        ("s3", _environ("PUT", "/bucket/a/key"), "PutObject"),
        ("s3", _environ("PUT", "/bucket/a/key", "x-id=CopyObject"), "CopyObject"),
        ("s3", _environ("GET", "/bucket", "list-type=2&prefix=a"), "ListObjectsV2"),
        ("lambda", _environ("GET", "/nowhere"), "GET"),
        ("unheard-of", _environ("GET", "/"), "GET"),
        ("", _environ("GET", "/pool/.well-known/jwks.json"), "GET"),
    ],
)
def test_an_operation_is_told_in_every_protocol(service: str, environ: dict[str, Any], expected: str) -> None:
    assert operation(service, environ) == expected


def test_a_label_is_matched_as_it_was_sent() -> None:
    sent = _environ("GET", "/v2/tags/arn:aws:apigateway:eu::/apis/a", REQUEST_URI="/v2/tags/arn%3A%2Fapis%2Fa?b=c")
    assert operation("apigateway", sent) == "GetTags"


def test_counting_leaves_the_body_to_aws() -> None:
    body = b"Action=GetRole&RoleName=a"
    assert _call(Counted(_echo), _environ("POST", "/", body=body, **FORM, **_signed("iam"))) == body


def test_calls_are_counted_by_caller_service_and_operation() -> None:
    app = Counted(_echo)
    said: dict[str, Any] = {"HTTP_X_SANDBOX_CALLER": "provider read a:b:C", "HTTP_USER_AGENT": "Botocore/1.44"}
    for more in (said, said, {"HTTP_USER_AGENT": "aws-sdk-go-v2/1.3 os/linux"}):
        _call(app, _environ("HEAD", "/bucket", **_signed("s3"), **more))
    assert _counts(app) == [
        ("aws-sdk-go-v2", "s3", "HeadBucket", 1),
        ("provider read a:b:C", "s3", "HeadBucket", 2),
    ]


def test_the_count_can_be_taken_which_begins_a_new_one() -> None:
    app = Counted(_echo)
    _call(app, _environ("GET", "/"))
    assert _counts(app, "DELETE") == [("", "", "GET", 1)]
    assert _counts(app) == []


def test_what_calls_sent_is_told_in_bytes() -> None:
    app = Counted(_echo)
    for size in ("", "0", "40"):
        _call(app, _environ("PUT", "/") | {"CONTENT_LENGTH": size})
    [told] = json.loads(_call(app, _environ("DELETE", CONTROL_PATH)))
    assert (told["count"], told["sent"]) == (3, 40)
    _call(app, _environ("PUT", "/"))
    [told] = json.loads(_call(app, _environ("GET", CONTROL_PATH)))
    assert told["sent"] == 0


@pytest.mark.parametrize("path", [CONTROL_PATH, latency.CONTROL_PATH])
def test_what_the_sandbox_asks_about_itself_does_not_count(path: str) -> None:
    app = Counted(_echo)
    _call(app, _environ("GET", path))
    assert _counts(app) == []


def test_the_calls_of_a_running_endpoint_are_taken_over_http() -> None:
    server = serve("127.0.0.1", 0, Counted(_echo))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=20)
        connection.request("GET", "/bucket%2Fx", headers={"User-Agent": "somebody/1"})
        connection.getresponse().read()
        connection.close()
        assert take_calls(server.server_port) == (Calls("somebody", "", "GET", 1),)
        assert take_calls(server.server_port) == ()
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
