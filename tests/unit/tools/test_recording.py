"""What a recording says: requests by their calls, calls by what was under way, and no more than that in the file."""

import json
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from tests.facts.recorded import recordings
from tools.recording.folder import NAME, begin, plugin
from tools.recording.heard import HeardCall, heard
from tools.recording.judged import beyond, lacking, unknown
from tools.recording.notes import Notes
from tools.recording.recording import Recording, collected, read
from tradai_iac.iam.policies import statements

QUEUE, BUCKET = "aws:sqs/queue:Queue", "aws:s3/bucket:Bucket"
FORM = "application/x-www-form-urlencoded; charset=utf-8"


def signed(service: str) -> str:
    return f"AWS4-HMAC-SHA256 Credential=AKIA/20261130/eu-central-1/{service}/aws4_request, Signature=0"


def asked(service: str, method: str, url: str, body: bytes = b"", **headers: str) -> HeardCall:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    found = heard(method, url, {"authorization": signed(service), **given}, body)
    assert found is not None
    return found


def aws(host: str, path: str = "/") -> str:
    return f"https://{host}.eu-central-1.amazonaws.com{path}"


def test_a_call_of_a_json_service_is_known_by_its_header_and_tags_ask_for_a_right_of_their_own() -> None:
    body = json.dumps({"QueueName": "q", "tags": {"Environment": "dev"}}).encode()
    found = asked("sqs", "POST", aws("sqs"), body, x_amz_target="AmazonSQS.CreateQueue")
    assert found == HeardCall("sqs:CreateQueue", ("sqs:CreateQueue", "sqs:TagQueue"), real=True)


def test_a_call_of_a_query_service_is_known_by_its_body() -> None:
    found = asked("ec2", "POST", aws("ec2"), b"Action=DescribeVpcs&Version=2016-11-15", content_type=FORM)
    assert found.call == "ec2:DescribeVpcs"


def test_a_role_that_is_handed_on_asks_for_a_right_of_its_own() -> None:
    body = json.dumps({"FunctionName": "f", "Role": "arn:aws:iam::123456789012:role/r"}).encode()
    found = asked("lambda", "POST", aws("lambda", "/2015-03-31/functions"), body, content_type="application/json")
    assert (found.call, found.rights) == ("lambda:CreateFunction", ("iam:PassRole", "lambda:CreateFunction"))


@pytest.mark.parametrize(
    ("host", "method", "path", "call", "right"),
    [
        ("b.s3", "PUT", "/?versioning=", "s3:PutBucketVersioning", "s3:PutBucketVersioning"),
        ("b.s3", "GET", "/?encryption=", "s3:GetBucketEncryption", "s3:GetEncryptionConfiguration"),
        ("a.b.s3", "PUT", "/", "s3:CreateBucket", "s3:CreateBucket"),
        ("s3", "GET", "/b?policy=", "s3:GetBucketPolicy", "s3:GetBucketPolicy"),
        ("123456789012.s3-control", "GET", "/v20180820/tags/arn%3Aaws%3As3%3A%3A%3Ab", "s3:ListTagsForResource", ""),
    ],
)
def test_a_bucket_may_be_in_the_host_or_in_the_path(host: str, method: str, path: str, call: str, right: str) -> None:
    found = asked("s3", method, aws(host, path))
    assert (found.call, found.rights) == (call, (right or call,))


def test_a_call_of_smithys_rpc_is_known_by_its_path() -> None:
    url = aws("monitoring", "/service/GraniteServiceVersion20100801/operation/DescribeAlarms")
    found = asked("monitoring", "POST", url, b"\xbf\xff", smithy_protocol="rpc-v2-cbor")
    assert (found.call, found.rights) == ("cloudwatch:DescribeAlarms", ("cloudwatch:DescribeAlarms",))


def test_a_right_of_api_gateway_is_a_method() -> None:
    assert asked("apigateway", "POST", aws("apigateway", "/v2/apis"), b"{}").rights == ("apigateway:POST",)


def test_what_nobody_knows_is_unknown_and_not_free() -> None:
    assert asked("sqs", "PUT", aws("sqs")).rights is None
    assert asked("braket", "POST", aws("braket"), x_amz_target="B.Do").rights is None
    assert asked("sts", "POST", aws("sts"), b"Action=GetCallerIdentity", content_type=FORM).rights == ()


def test_what_is_not_signed_is_no_call() -> None:
    assert heard("GET", "https://example.com/", {}, b"") is None


@pytest.mark.parametrize("url", ["http://127.0.0.1:4566/", "http://sqs.eu-central-1.amazonaws.com/", "https://x.test/"])
def test_only_aws_by_tls_is_aws(url: str) -> None:
    assert not asked("sqs", "POST", url, x_amz_target="AmazonSQS.ListQueues").real


def call(name: str, *rights: str, real: bool = True) -> HeardCall:
    return HeardCall(name, rights or (name,), real)


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_a_call_belongs_to_what_is_under_way_and_a_session_to_the_plug_in(tmp_path: Path) -> None:
    notes = Notes(file := tmp_path / "1.jsonl")
    with notes.under_way(QUEUE, "create"):
        notes.hear(call("sqs:CreateQueue"))
        notes.hear(call("sts:AssumeRole"))
        notes.hear(call("sqs:CreateQueue"))
    notes.hear(call("ec2:DescribeRegions"))
    assert [(line["type"], line["operation"], line["call"]) for line in lines(file)] == [
        (QUEUE, "create", "sqs:CreateQueue"),
        ("provider", "configure", "sts:AssumeRole"),
        ("provider", "configure", "ec2:DescribeRegions"),
    ]


def recorded(folder: Path, *calls: tuple[str, str, HeardCall]) -> Recording:
    notes = Notes(folder / "1.jsonl")
    notes.is_version("7.51.1")
    for type_, operation, found in calls:
        with notes.under_way(type_, operation):
            notes.hear(found)
    return collected(folder)


def test_a_recording_has_each_call_of_each_plug_in_once_and_is_written_as_facts_are(tmp_path: Path) -> None:
    Notes(tmp_path / "0.jsonl").hear(call("sqs:ListQueues"))
    tagged = HeardCall("sqs:CreateQueue", ("sqs:CreateQueue", "sqs:TagQueue"), True)
    found = recorded(tmp_path, (QUEUE, "create", call("sqs:CreateQueue")), (QUEUE, "create", tagged))
    assert found.types[QUEUE] == {"create": {"sqs:CreateQueue": ("sqs:CreateQueue", "sqs:TagQueue")}}
    assert found.origin.provider == "7.51.1"
    found.write(file := tmp_path / "calls.json")
    assert read(file) == found
    assert f'"{QUEUE}":{{"create"' in file.read_text()


def test_one_call_that_did_not_go_to_aws_makes_it_no_recording_of_an_account(tmp_path: Path) -> None:
    rows = [(QUEUE, "create", call("sqs:CreateQueue")), (QUEUE, "read", call("sqs:GetQueueUrl", real=False))]
    (tmp_path / "a").mkdir()
    assert recorded(tmp_path / "a", rows[0]).origin.kind == "account"
    (tmp_path / "b").mkdir()
    assert recorded(tmp_path / "b", *rows).origin.kind == "sandbox"


def test_a_call_whose_right_is_unknown_once_stays_unknown_and_is_told(tmp_path: Path) -> None:
    found = recorded(
        tmp_path,
        (QUEUE, "read", HeardCall("sqs:Ask", None, True)),
        (QUEUE, "read", call("sqs:Ask")),
    )
    assert unknown(found) == [f"sqs:Ask of {QUEUE}"]


def test_where_nothing_was_heard_there_is_no_recording(tmp_path: Path) -> None:
    Notes(tmp_path / "1.jsonl").is_version("7.51.1")
    with pytest.raises(LookupError, match="no call was heard"):
        collected(tmp_path)


def test_what_the_role_lacks_is_told_with_type_operation_and_call(tmp_path: Path) -> None:
    policy = statements({"Statement": {"Effect": "Allow", "Action": ["sqs:Create*"], "Resource": "*"}})
    tagged = HeardCall("sqs:CreateQueue", ("sqs:CreateQueue", "sqs:TagQueue"), True)
    assert lacking(recorded(tmp_path, (QUEUE, "create", tagged)), policy) == [
        f"sqs:TagQueue to create {QUEUE} (sqs:CreateQueue)"
    ]


def test_what_it_goes_without_for_a_reason_is_passed_over(tmp_path: Path) -> None:
    found = recorded(tmp_path, (QUEUE, "read", call("sqs:GetQueueUrl")))
    assert lacking(found, (), without={"sqs:GetQueueUrl": "a reason"}) == []


def test_only_a_recording_of_an_account_is_a_fact(tmp_path: Path) -> None:
    (of_aws := tmp_path / "aws").mkdir()
    (of_sandbox := tmp_path / "sandbox").mkdir()
    real = recorded(of_aws, (QUEUE, "read", call("sqs:GetQueueUrl")))
    real.write(of_aws / "tradai.json")
    recorded(of_sandbox, (QUEUE, "read", call("sqs:GetQueueUrl", real=False))).write(of_sandbox / "tradai.json")
    assert list(recordings(of_aws)) == [real]
    with pytest.raises(ValueError, match="recorded in a sandbox"):
        list(recordings(of_sandbox))


def test_what_awss_schemas_do_not_tell_is_told_for_the_types_that_have_one(tmp_path: Path) -> None:
    found = recorded(
        tmp_path,
        (BUCKET, "read", call("s3:GetBucketPolicy")),
        (BUCKET, "read", call("s3:GetBucketWebsite")),
        (QUEUE, "read", call("sqs:GetQueueUrl")),
    )
    assert beyond(found, {BUCKET: ["S3:getBucketP*"]}) == [f"s3:GetBucketWebsite of {BUCKET}"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    begin(tmp_path / "record")
    return tmp_path / "record"


def executable(place: Path) -> Path:
    place.mkdir(parents=True)
    (file := place / NAME).write_text("#!/bin/sh\n")
    file.chmod(0o755)
    return file


def test_the_next_plug_in_on_path_is_recorded(folder: Path, tmp_path: Path) -> None:
    wanted = executable(tmp_path / "other")
    assert plugin(folder, f"{folder / 'bin'}:{wanted.parent}:/usr/bin") == wanted


def test_without_one_it_is_the_engines_own(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = f"{folder / 'bin'}:/usr/bin"
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "home"))
    with pytest.raises(FileNotFoundError, match="pulumi plugin install resource aws 7"):
        plugin(folder, path)
    installed = executable(tmp_path / "home" / "plugins" / f"resource-aws-v{metadata.version('pulumi-aws')}")
    assert plugin(folder, path) == installed


def test_a_play_that_goes_on_keeps_what_was_heard(folder: Path) -> None:
    Notes(file := folder / "1.jsonl").hear(call("sqs:ListQueues"))
    begin(folder, anew=False)
    assert lines(file)
    begin(folder)
    assert not file.exists()
