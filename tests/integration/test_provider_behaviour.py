"""What the provider does beside its rows: secrets, previews, errors, retries, half-made resources, accounts."""

import http.server
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.integration.provider_server import moto_server, provider_environment
from tradai_sandbox.provider import lifecycle
from tradai_sandbox.provider.cloud import Cloud
from tradai_sandbox.provider.failures import (
    ApiError,
    CallError,
    NotImplementedByEndpointError,
    PartlyCreatedError,
    ProviderError,
)
from tradai_sandbox.provider.settings import settings_from
from tradai_sandbox.provider.table import rows

ROOT = Path(__file__).parents[2]
QUEUE = rows()["aws:sqs/queue:Queue"]


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """One local AWS for all of these tests."""
    with moto_server() as url:
        yield url


def _cloud(url: str, **more: Any) -> Cloud:
    services = ("sqs", "sts", "iam", "dynamodb", "ec2")
    return Cloud(settings_from({"region": "eu-central-1", "endpoints": [dict.fromkeys(services, url)], **more}))


@contextmanager
def _answering(*answers: tuple[int, str, str]) -> Iterator[tuple[str, list[str]]]:
    """An endpoint that gives these (status, content type, body), the last one for ever; and what it was asked."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            status, kind, body = answers[min(len(asked), len(answers) - 1)]
            asked.append(self.headers.get("X-Amz-Target", ""))
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("x-amzn-RequestId", "11112222-3333")
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()


JSON = "application/x-amz-json-1.0"
THROTTLED = (400, JSON, '{"__type": "ThrottlingException", "message": "Rate exceeded"}')
BROKEN = (503, JSON, '{"__type": "ServiceUnavailable", "message": "later"}')
TABLES = (200, JSON, '{"TableNames": ["one"]}')
PAGE = (500, "text/html; charset=utf-8", "<!doctype html><title>500 Internal Server Error</title>")
TEXT = (500, "text/plain", "Traceback ... NotImplementedError")
UNKNOWN = (501, JSON, "{}")


@pytest.mark.parametrize("trouble", [THROTTLED, BROKEN], ids=["throttling", "server error"])
def test_throttling_and_server_errors_are_retried(trouble: tuple[int, str, str]) -> None:
    with _answering(trouble, TABLES) as (url, asked):
        assert _cloud(url).call("dynamodb", "ListTables")["TableNames"] == ["one"]
        assert len(asked) == 2


def test_retries_end_where_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRADAI_AWS_MAX_ATTEMPTS", "2")
    with _answering(THROTTLED) as (url, asked):
        with pytest.raises(ApiError, match="api error ThrottlingException: Rate exceeded, request id: 11112222-3333"):
            _cloud(url).call("dynamodb", "ListTables")
        assert len(asked) == 2


@pytest.mark.parametrize("hole", [PAGE, TEXT, UNKNOWN], ids=["page", "text", "not implemented"])
def test_what_the_endpoint_lacks_is_not_retried(hole: tuple[int, str, str]) -> None:
    with _answering(hole) as (url, asked):
        with pytest.raises(NotImplementedByEndpointError, match="DynamoDB: ListTables"):
            _cloud(url).call("dynamodb", "ListTables")
        assert len(asked) == 1


def test_a_request_that_the_model_refuses_never_leaves() -> None:
    with _answering(TABLES) as (url, asked):
        with pytest.raises(CallError, match="Invalid type for parameter Limit"):
            _cloud(url).call("dynamodb", "ListTables", Limit="many")
        assert asked == []


def test_another_account_is_refused(endpoint: str) -> None:
    with pytest.raises(ProviderError, match="AWS account ID not allowed: 123456789012"):
        _cloud(endpoint, allowedAccountIds=["999999999999"]).check_account()


def test_a_role_is_taken_on_before_anything_else(endpoint: str) -> None:
    role = {"roleArn": "arn:aws:iam::111122223333:role/deploy", "sessionName": "run", "externalId": "secret"}
    cloud = _cloud(endpoint, assumeRoles=[role])
    assert cloud.account_id == "111122223333"


def test_a_resource_that_is_not_whole_is_not_lost(endpoint: str) -> None:
    row = rows()["aws:iam/instanceProfile:InstanceProfile"]
    inputs = {"name": "half-made", "role": "nobody", "path": "/"}
    with pytest.raises(PartlyCreatedError, match="NoSuchEntity") as caught:
        lifecycle.create(row, _cloud(endpoint), inputs)
    assert caught.value.id == "half-made"
    seen = lifecycle.read(row, _cloud(endpoint), "half-made", inputs, inputs)
    assert seen is not None
    assert "role" not in seen.state


def test_what_is_gone_reads_as_nothing_and_is_deleted_without_complaint(endpoint: str) -> None:
    state = {"name": "never", "url": f"{endpoint}/123456789012/never"}
    assert lifecycle.read(QUEUE, _cloud(endpoint), state["url"], {}, state) is None
    lifecycle.delete(QUEUE, _cloud(endpoint), state["url"], {}, state)


@pytest.fixture(scope="module")
def story(endpoint: str, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What the real engine said in a few small programs (`provider_story`)."""
    folder = tmp_path_factory.mktemp("story")
    env = {**os.environ, **provider_environment(endpoint, folder)}
    command = [sys.executable, "-m", "tests.integration.provider_story", str(folder / "story.json")]
    subprocess.run(command, cwd=ROOT, env=env, check=True, timeout=300)
    return json.loads((folder / "story.json").read_text())


def test_a_preview_changes_nothing_and_shows_everything(story: Any) -> None:
    assert story["preview"]["changes"] == {"create": 5}
    assert story["preview"]["queues"] == []


def test_default_tags_are_on_everything(story: Any) -> None:
    assert story["up"]["tags"] == {"Application": "story", "own": "tag"}


def test_a_secret_is_nowhere_in_the_state_in_clear(story: Any) -> None:
    assert story["up"]["value"] == "open sesame"
    assert "open sesame" not in story["up"]["state"]


def test_look_ups_answer(story: Any) -> None:
    assert story["up"]["outputs"]["account"] == "123456789012"
    assert story["up"]["outputs"]["region"] == "eu-central-1"
    assert story["up"]["outputs"]["parameter"] == "from outside"


@pytest.mark.parametrize("architecture", ["arm64", "x86_64"])
def test_the_latest_machine_image_of_an_architecture_is_found(story: Any, architecture: str) -> None:
    found = story["up"]["outputs"][architecture]
    assert found["id"].startswith("ami-")
    assert found["architecture"] == architecture
    assert found["name"].startswith("al2023-ami-2023")
    assert found["root_device_name"] == "/dev/xvda"


def test_a_machine_image_is_never_chosen_by_chance(story: Any) -> None:
    assert "narrow them, or set mostRecent" in story["unclear image"]
    assert "no image fits the owners and filters" in story["no image"]


def test_a_name_that_the_program_leaves_out_is_made_up_once(story: Any) -> None:
    assert story["up"]["outputs"]["made_up"].startswith("nameless-")
    assert story["again"]["outputs"]["made_up"] == story["up"]["outputs"]["made_up"]
    assert story["again"]["changes"] == {"same": 5}


def test_a_resource_that_vanished_is_made_again(story: Any) -> None:
    assert story["vanished"]["changes"]["create"] == 1


def test_a_bucket_that_exists_can_be_imported(story: Any) -> None:
    assert story["imported"]["changes"]["import"] == 1
    assert story["imported"]["again"] == {"same": 6}


def test_an_unknown_type_is_an_error_that_names_it(story: Any) -> None:
    assert "does not know the type aws:kinesis/stream:Stream" in story["unknown type"]


def test_an_unknown_property_is_an_error_that_names_it(story: Any) -> None:
    assert "aws:iam/role:Role has no property 'inlinePolicies'" in story["unknown property"]


def test_an_unknown_property_deep_inside_is_an_error_before_anything_is_made(story: Any) -> None:
    assert "unknown property 'scanOnPull'" in story["unknown nested property"]


def test_an_update_leaves_alone_what_it_was_told_to_ignore(story: Any) -> None:
    assert story["ignored"] == {"text": "two", "tags": {"theirs": "kept"}}


def test_an_error_of_aws_reaches_the_person_whole(story: Any) -> None:
    said = story["api error"]
    assert "IAM: CreateRole" in said
    assert "api error EntityAlreadyExists" in said
    assert "request id: " in said


def test_a_half_made_resource_is_kept_in_the_state_and_repaired(story: Any) -> None:
    assert "NoSuchEntity" in story["half"]["error"]
    assert story["half"]["in state"] is True
    assert story["half"]["repaired"] == {"same": 1, "update": 1} or story["half"]["repaired"]["update"] == 1
