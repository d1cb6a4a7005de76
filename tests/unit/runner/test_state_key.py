"""The key of KMS that opens a state: how the engine is told of it, and what is said where it does not serve."""

import base64
import json
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from tradai_iac.failure import Failure
from tradai_runner.contract import Update
from tradai_runner.engine.stack import environment_of, settings_of
from tradai_runner.engine.stack_config import stack_file
from tradai_runner.guard.location import moved
from tradai_runner.guard.preflight import BucketSeen, Seen, judge
from tradai_runner.state.checkpoint import parse_checkpoint
from tradai_runner.state.kms import is_opened_by, serves, url_of
from tradai_runner.upkeep import Upkeep

KEY = "arn:aws:kms:eu-central-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef"
OTHER = KEY.replace("0123-456789abcdef", "0123-ffffffffffff")
SANDBOX = "http://127.0.0.1:1"
WRAPPED = base64.b64encode(b"wrapped").decode()
BY_KEY = {"type": "cloud", "state": {"url": f"awskms:///{KEY}?region=eu-central-1", "encryptedkey": WRAPPED}}
BY_PASSPHRASE = {"type": "passphrase", "state": {"salt": "v1:a:v1:b:c"}}
BUCKET = {"urn": "urn:pulumi:dev::p::aws:s3/bucket:Bucket::b", "type": "aws:s3/bucket:Bucket", "id": "b"}
REQUEST = Update(
    run_id="r", layer="store", blueprint="sample", environment="dev", account_id="123456789012", region="eu-central-1",
    backend_url="file:///nowhere", survey="facts",
)  # fmt: skip


def request(key: str | None = KEY, **more: Any) -> Update:
    return REQUEST.model_copy(update={"kms_key": key, **more})


def state(provider: Any, *resources: Any) -> dict[str, Any]:
    return {"checkpoint": {"latest": {"secrets_providers": provider, "resources": list(resources)}}}


def test_the_engine_is_told_of_the_key_by_its_url_with_the_keys_own_region() -> None:
    assert url_of(KEY) == f"awskms:///{KEY}?region=eu-central-1"


@pytest.mark.parametrize(
    ("key", "settings"), [(KEY, (url_of(KEY), "kept", None)), (None, (None, None, "kept"))], ids=["key", "passphrase"]
)
def test_a_run_is_given_what_opens_the_state_and_its_plan(key: str | None, settings: tuple[str | None, ...]) -> None:
    found = settings_of(request(key), "kept")
    assert (found.secrets_provider, found.encrypted_key, found.encryption_salt) == settings


@pytest.mark.parametrize(
    ("key", "endpoint", "told"), [(KEY, SANDBOX, True), (KEY, None, False), (None, SANDBOX, False)]
)
def test_where_the_key_is_asked_for_is_told_to_the_engine_and_never_to_the_state(
    key: str | None, endpoint: str | None, told: bool
) -> None:
    assert ("AWS_ENDPOINT_URL_KMS" in environment_of(request(key, endpoint_url=endpoint), "s3://b")) is told


def test_by_hand_the_file_names_the_key_and_never_a_passphrase() -> None:
    assert stack_file(request())["secretsprovider"] == url_of(KEY)
    assert stack_file(request(None)).keys() == {"config"}


@pytest.mark.parametrize(
    ("provider", "key", "says"),
    [
        (BY_KEY, KEY, ""),
        (BY_PASSPHRASE, None, ""),
        (None, KEY, ""),
        (BY_KEY, None, f"protected by the key {KEY}, and the run was given a passphrase"),
        (BY_KEY, OTHER, f"protected by the key {KEY}, and the run was given the key {OTHER}"),
        (BY_PASSPHRASE, KEY, f"protected by a passphrase, and the run was given the key {KEY}"),
    ],
)
def test_a_state_that_stands_is_only_worked_on_with_what_it_was_made_with(
    provider: Any, key: str | None, says: str
) -> None:
    refused = moved(request(key), parse_checkpoint(state(provider, BUCKET)), None)
    assert (refused.kind if refused else "", bool(refused)) == ("Immutable" if says else "", bool(says))
    assert says in (refused.error if refused else "")


def test_an_update_is_refused_before_an_engine_could_protect_the_state_anew() -> None:
    checkpoint = parse_checkpoint(state(BY_KEY, BUCKET))
    standing = SimpleNamespace(owner=None, unsettled=False, checkpoint=checkpoint, failure=None)
    record: Any = SimpleNamespace(standing=lambda: standing, fence=lambda: 0)
    refused = Upkeep(request(None), "sample-store", record, lambda _: None).look()
    assert refused
    assert refused.kind == "Immutable"
    assert Upkeep(request(), "sample-store", record, lambda _: None).look() is None


def test_what_is_left_of_a_stack_is_not_opened_otherwise_either_and_can_be_removed() -> None:
    refused = moved(request(), parse_checkpoint(state(BY_PASSPHRASE)), None)
    assert refused
    assert "removing its state file" in refused.hint


@pytest.mark.parametrize(
    ("body", "fits"),
    [
        (state(BY_KEY, BUCKET), True),
        (state({**BY_KEY, "state": {"url": url_of(OTHER)}}, BUCKET), False),
        (state(BY_PASSPHRASE, BUCKET), False),
        (state(None), True),
        (state(None, BUCKET), False),
    ],
)
def test_a_copy_fits_where_it_names_the_key(body: dict[str, Any], fits: bool) -> None:
    assert is_opened_by(body, KEY) is fits


def kms() -> Any:
    make: Any = boto3.client
    return make("kms", region_name="eu-central-1", aws_access_key_id="a", aws_secret_access_key="b")


def test_a_key_serves_once_it_has_wrapped_and_opened_and_opened_what_the_state_has() -> None:
    client = kms()
    with Stubber(client) as answers:
        answers.add_response("encrypt", {"CiphertextBlob": b"new"})
        answers.add_response("decrypt", {}, {"KeyId": KEY, "CiphertextBlob": b"new"})
        answers.add_response("decrypt", {}, {"KeyId": KEY, "CiphertextBlob": b"wrapped"})
        assert serves(client, KEY, state(BY_KEY))
        answers.assert_no_pending_responses()


def test_a_key_that_only_wraps_does_not_serve() -> None:
    client = kms()
    with Stubber(client) as answers:
        answers.add_response("encrypt", {"CiphertextBlob": b"new"})
        answers.add_client_error("decrypt", "AccessDeniedException")
        with pytest.raises(ClientError):
            serves(client, KEY, {})


def test_a_key_that_does_not_serve_refuses_before_anything_is_touched() -> None:
    lost = Failure(kind="StateKey", error="DisabledException: it is disabled", hint="Enable it.")
    seen = Seen("123456789012", True, BucketSeen("eu-central-1", True), opens=lost)
    said = judge(request(), seen).result(request())
    assert (said.ok, said.reason) == (False, "StateKeyUnusable")
    assert said.message == "DisabledException: it is disabled. Enable it."


def test_what_is_in_order_is_told_by_its_name() -> None:
    seen = Seen("123456789012", True, BucketSeen("eu-central-1", True), opens=True)
    assert "state backend and key are in order" in judge(request(), seen).result(request()).message
    assert "state backend and passphrase are in order" in judge(request(None), seen).result(request(None)).message


def test_a_request_without_a_key_is_written_as_versions_before_read_it() -> None:
    assert "kms_key" not in json.loads(request(None).model_dump_json())
    assert json.loads(request().model_dump_json())["kms_key"] == KEY
