"""The provider's borders: wire format, configuration, templates, errors."""

from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from tradai_iac.failure import classify
from tradai_sandbox.provider.codec import SECRET, SIGNATURE, decode, encode
from tradai_sandbox.provider.failures import ApiError, ProviderError, is_gone
from tradai_sandbox.provider.settings import require_loopback, settings_from
from tradai_sandbox.provider.table import row_of, rows
from tradai_sandbox.provider.templates import fill, parse
from tradai_sandbox.provider.unknown import UNKNOWN, has_unknown

values = st.recursive(
    st.booleans() | st.integers(-(2**50), 2**50) | st.text(max_size=5) | st.just(UNKNOWN),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text("abcdef", min_size=1, max_size=4), values, max_size=4))
def test_properties_survive_the_wire(props: dict[str, Any]) -> None:
    bag = decode(encode(props))
    assert bag.props == props
    assert bag.secrets == frozenset()


@given(values, values)
def test_a_secret_survives_the_wire_as_a_secret(secret: Any, other: Any) -> None:
    struct = encode({"secret": secret, "other": other}, {"secret"})
    assert struct.fields["secret"].struct_value.fields[SIGNATURE].string_value == SECRET
    bag = decode(struct)
    assert bag.props == {"secret": secret, "other": other}
    assert bag.secrets == {"secret"}


def test_a_secret_deep_inside_makes_its_property_secret() -> None:
    inner = {SIGNATURE: SECRET, "value": "x"}
    bag = decode(encode({"environment": {"variables": {"PASSWORD": inner}}, "name": "n"}))
    assert bag.props["environment"] == {"variables": {"PASSWORD": "x"}}
    assert bag.secrets == {"environment"}


def test_unknowns_are_seen_wherever_they_hide() -> None:
    assert has_unknown({"a": [{"b": UNKNOWN}]})
    assert not has_unknown({"a": [{"b": 1}]})


@pytest.mark.parametrize(
    "url",
    [
        "https://sqs.eu-central-1.amazonaws.com",
        "http://10.0.0.1:4566",
        "http://127.0.0.1.example.com",
        "http://localhost.example.com",
        "https://128.0.0.1",
        "",
    ],
)
def test_an_endpoint_that_is_not_loopback_is_refused(url: str) -> None:
    with pytest.raises(ProviderError, match="not loopback"):
        require_loopback(url)


@pytest.mark.parametrize("url", ["http://127.0.0.1:5000", "http://localhost:1", "http://[::1]:80", "http://127.3.2.1"])
def test_an_endpoint_on_loopback_is_taken(url: str) -> None:
    require_loopback(url)


def test_no_endpoint_at_all_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with pytest.raises(ProviderError, match="no endpoint for sqs"):
        settings_from({"region": "eu-central-1"}).endpoint("sqs")


def test_nested_configuration_arrives_as_json_text() -> None:
    settings = settings_from(
        {
            "region": "eu-central-1",
            "endpoints": '[{"sqs": "http://127.0.0.1:1", "cognitoidp": "http://127.0.0.1:2"}]',
            "assumeRoles": '[{"roleArn": "arn:x", "externalId": "e"}]',
            "defaultTags": '{"tags": {"a": "b"}}',
            "allowedAccountIds": '["123456789012"]',
            "s3UsePathStyle": "true",
            "version": "7.51.1",
        }
    )
    assert settings.endpoint("cognito-idp") == "http://127.0.0.1:2"
    assert settings.assume_roles[0].external_id == "e"
    assert settings.default_tags.tags == {"a": "b"}
    assert settings.allowed_account_ids == ("123456789012",)


@pytest.mark.parametrize(
    ("props", "said"),
    [
        ({"region": "r", "endpoints": '[{"sqs": "https://sqs.amazonaws.com"}]'}, "not loopback"),
        ({"region": "r", "colour": "red"}, "colour"),
        ({"region": "r", "maxRetries": "many"}, "max"),
    ],
)
def test_an_unsound_configuration_is_refused_with_its_reason(props: dict[str, Any], said: str) -> None:
    with pytest.raises(ProviderError, match=said):
        settings_from(props)


names = st.text("abcdefgh-_.", min_size=1, max_size=8)


@given(names, names)
def test_an_id_made_by_a_template_is_taken_apart_by_it(role: str, policy: str) -> None:
    made = fill("{role}:{name}", {"role": role, "name": policy}, lambda: "")
    assert parse("{role}:{name}", made) == {"role": role, "name": policy}


def test_an_id_of_another_form_is_an_error() -> None:
    with pytest.raises(ProviderError, match="does not have the form"):
        parse("{a}/{b}", "only-one")


def test_a_template_keeps_the_kind_of_a_value_that_stands_alone() -> None:
    template = {"n": ["{size}", "x-{size}", 3], "who": "{account}"}
    assert fill(template, {"size": 5}, lambda: "123") == {"n": [5, "x-5", 3], "who": "123"}


def test_a_template_without_its_value_names_what_is_missing() -> None:
    with pytest.raises(ProviderError, match="'name'"):
        fill("{name}", {}, lambda: "")


def _error(code: str, **more: str) -> ApiError:
    answer: Any = {
        "Error": {"Code": code, "Message": "Rate exceeded.", **more},
        "ResponseMetadata": {"HTTPStatusCode": 400, "RequestId": "5bPpOstRBjhAMGX5eix8"},
    }
    return ApiError("SQS", "CreateQueue", ClientError(answer, "CreateQueue"))


def test_an_api_error_tells_code_message_request_id_and_operation() -> None:
    said = str(_error("Throttling"))
    assert "SQS: CreateQueue" in said
    assert "api error Throttling: Rate exceeded., request id: 5bPpOstRBjhAMGX5eix8" in said


def test_the_runner_reads_the_providers_errors() -> None:
    failure = classify(str(_error("Throttling")), "urn")
    assert (failure.kind, failure.request_id) == ("Throttled", "5bPpOstRBjhAMGX5eix8")
    assert failure.error == "Throttling: Rate exceeded."


@pytest.mark.parametrize(
    ("code", "gone"),
    [
        ("NoSuchEntity", True),
        ("ResourceNotFoundException", True),
        ("InvalidVpcID.NotFound", True),
        ("QueueDoesNotExist", True),
        ("DBInstanceNotFound", True),
        ("AccessDenied", False),
        ("Throttling", False),
        ("DependencyViolation", False),
    ],
)
def test_which_errors_say_that_a_thing_is_not_there(code: str, gone: bool) -> None:
    assert is_gone(_error(code)) is gone


def test_the_table_finds_a_row_by_the_urn_of_a_nested_resource() -> None:
    urn = "urn:pulumi:dev::p::tradai:x:Component$aws:sqs/queue:Queue::queue"
    assert row_of(urn) is rows()["aws:sqs/queue:Queue"]


def test_a_type_without_a_row_is_an_error_that_names_it() -> None:
    with pytest.raises(ProviderError, match="aws:kinesis/stream:Stream"):
        row_of("urn:pulumi:dev::p::aws:kinesis/stream:Stream::s")
