"""The proxy says what AWS says: every protocol's trouble is understood, and retried, by AWS's own client."""

import http.server
import threading
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.faults.errors import Answer, Trouble, trouble
from tests.faults.proxy import RESET, Call, Late, Proxy, Trigger, shaky

#: Protocol → a service that speaks it, and a call of it.
CALLS: dict[str, tuple[str, str, dict[str, str]]] = {
    "s3": ("s3", "list_buckets", {}),
    "ec2": ("ec2", "describe_vpcs", {}),
    "query": ("sns", "list_topics", {}),
    "json": ("dynamodb", "list_tables", {}),
    "rest-json": ("lambda", "list_functions", {}),
}
THROTTLED = {"SlowDown", "RequestLimitExceeded", "Throttling", "ThrottlingException", "TooManyRequestsException"}


class _Nothing(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    do_POST = do_PUT = do_GET  # noqa: N815 - as above

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class has it
        """Says nothing."""


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    behind = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Nothing)
    behind.daemon_threads = True
    threading.Thread(target=behind.serve_forever, daemon=True).start()
    opened = Proxy(f"http://127.0.0.1:{behind.server_address[1]}")
    yield opened
    opened.close()
    behind.shutdown()
    behind.server_close()


def client(proxy: Proxy, service: str, attempts: int) -> Any:
    make: Any = boto3.client
    return make(
        service,
        endpoint_url=proxy.url,
        region_name="eu-central-1",
        aws_access_key_id="a",
        aws_secret_access_key="b",
        config=Config(retries={"mode": "standard", "total_max_attempts": attempts}, s3={"addressing_style": "path"}),
    )


@pytest.mark.parametrize("kind", ["throttled", "broken"])
@pytest.mark.parametrize("protocol", CALLS)
def test_the_client_understands_the_trouble_and_tries_again(proxy: Proxy, protocol: str, kind: Trouble) -> None:
    service, operation, arguments = CALLS[protocol]

    def rule(call: Call, after: bool) -> Answer | None:
        return None if after else trouble(call.headers, kind)

    with proxy.under(rule), pytest.raises(ClientError) as refused:
        getattr(client(proxy, service, 2), operation)(**arguments)
    code = refused.value.response["Error"]["Code"]
    assert (code in THROTTLED) == (kind == "throttled"), code
    assert proxy.calls == proxy.spoiled == 2, "once more, as AWS asks for"


def test_a_share_of_the_calls_is_spoiled_and_a_seed_tells_the_same_story_again() -> None:
    call = Call("GET", "/", {"authorization": "Credential=a/1/r/s3/aws4_request"})
    first, second = shaky(5), shaky(5)
    told = [first(call, False) for _ in range(1000)]
    assert told == [second(call, False) for _ in range(1000)]
    assert 250 < sum(answer is not None for answer in told) < 350
    assert any(answer is RESET for answer in told)


def test_a_trigger_fires_once_at_its_call(proxy: Proxy) -> None:
    fired: list[str] = []
    trigger = Trigger(lambda call: call.path.startswith("/2015"), 2, "before", lambda call: fired.append(call.method))
    with proxy.under(trigger):
        for _ in range(3):
            client(proxy, "lambda", 1).list_functions()
    assert fired == ["GET"]
    assert len(trigger.seen) == 3


def test_reads_that_lag_behind_a_write_say_that_nothing_is_there_in_aws_s_own_words(proxy: Proxy) -> None:
    table, network = Late("CreateTable", "DescribeTable"), Late("CreateVpc", "DescribeVpcs", looks=2)
    dynamodb, ec2 = client(proxy, "dynamodb", 1), client(proxy, "ec2", 1)
    with proxy.under(table, network):
        dynamodb.describe_table(TableName="t")
        assert (table.told, network.told) == (0, 0), "nothing was written"
        table.written.set()
        network.written.set()
        with pytest.raises(dynamodb.exceptions.ResourceNotFoundException):
            dynamodb.describe_table(TableName="t")
        dynamodb.describe_table(TableName="t")
        assert [ec2.describe_vpcs().get("Vpcs", []) for _ in range(2)] == [[], []]
    assert (table.told, network.told) == (1, 2)


def test_the_object_of_a_call_to_s3_is_told() -> None:
    call = Call("PUT", "/b/.pulumi/stacks/p/s.json", {"authorization": "Credential=a/1/r/s3/aws4_request"}, b"{}")
    assert call.writes and call.key == ".pulumi/stacks/p/s.json"
