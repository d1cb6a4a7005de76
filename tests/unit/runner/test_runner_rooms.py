"""The runner's pure rooms: addresses, configuration, failures, counts, seals, journals, locks."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.requests import request_of
from tradai_iac.backend import bucket_of, engine_url, prefix_of
from tradai_iac.failure import Diagnosis, classify
from tradai_runner.contract import Progress, ResourceCounts, RunRequest, RunResult
from tradai_runner.engine.stack_config import stack_config
from tradai_runner.journal.local import ProcessMark, RunJournal, is_alive
from tradai_runner.journal.progress import Tally, observe, short_name
from tradai_runner.journal.seal import WrongPassphraseError, seal, unseal
from tradai_runner.process.alive import process_start
from tradai_runner.remote.command import COMMAND

URN = "urn:pulumi:dev::tradai-compute::tradai:compute:Alb$aws:lb/loadBalancer:LoadBalancer::alb"


def request(**changes: Any) -> RunRequest:
    base: dict[str, Any] = {
        "run_id": "r1",
        "layer": "compute",
        "environment": "dev",
        "operation": "up",
        "account_id": "123456789012",
        "region": "eu-central-1",
        "backend_url": "s3://state",
    }
    return request_of(**(base | changes))


def test_in_production_the_backend_gets_its_region_and_nothing_else() -> None:
    assert engine_url("s3://state/folder", "eu-central-1", None) == "s3://state/folder?region=eu-central-1"


def test_at_a_local_endpoint_the_same_backend_is_addressed_by_path() -> None:
    url = engine_url("s3://state", "eu-central-1", "http://127.0.0.1:5000")
    assert url == "s3://state?region=eu-central-1&endpoint=http://127.0.0.1:5000&s3ForcePathStyle=true&disableSSL=true"


def test_what_a_person_wrote_into_the_backends_query_wins() -> None:
    assert "region=us-east-1" in engine_url("s3://state?region=us-east-1", "eu-central-1", None)


def test_a_backend_that_is_no_bucket_is_left_alone() -> None:
    assert engine_url("file:///tmp/state", "eu-central-1", "http://127.0.0.1:5000") == "file:///tmp/state"
    assert bucket_of("file:///tmp/state") is None


def test_bucket_and_prefix_are_read_from_the_backend() -> None:
    assert (bucket_of("s3://state/a/b"), prefix_of("s3://state/a/b")) == ("state", "a/b/")


def test_the_provider_may_touch_only_the_declared_account() -> None:
    config = stack_config(request())
    assert config["aws:allowedAccountIds"] == ["123456789012"]
    assert "aws:endpoints" not in config


def test_an_assumed_role_is_given_its_external_id() -> None:
    config = stack_config(request(assume_role_arn="arn:aws:iam::123456789012:role/x", external_id="tradai/dev"))
    assert config["aws:assumeRoles"] == [
        {"roleArn": "arn:aws:iam::123456789012:role/x", "sessionName": "tradai-dev", "externalId": "tradai/dev"}
    ]


@settings(max_examples=10)
@given(st.dictionaries(st.text(min_size=1, max_size=9), st.text(min_size=6), min_size=1, max_size=3))
def test_sealed_values_come_back_and_are_not_to_be_read(values: dict[str, str]) -> None:
    sealed = seal(values, "open sesame")
    assert unseal(sealed, "open sesame") == values
    assert not any(value in sealed for value in values.values() if value.isascii())


def test_another_passphrase_opens_nothing() -> None:
    with pytest.raises(WrongPassphraseError):
        unseal(seal({"a": 1}, "right"), "wrong")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("api error ThrottlingException: Rate exceeded, request id: 0a1b2c3d4e", "Throttled"),
        ("api error AccessDenied: User is not authorized to perform: s3:CreateBucket", "Credentials"),
        ("api error VpcLimitExceeded: The maximum number of VPCs has been reached.", "Quota"),
        ("api error BucketAlreadyExists: The requested bucket name is not available", "Conflict"),
        ("error: the stack is currently locked by 1 lock(s).", "Lock"),
        ("error: resource urn:x violates plan: properties changed: +-policy", "Plan"),
        ("delete is not allowed by the plan: no steps were expected for this resource", "Plan"),
        ("error: incorrect passphrase", "Passphrase"),
        ('error: read ".pulumi/meta.yaml": blob (code=NotFound): NoSuchBucket', "Backend"),
        ("dial tcp 127.0.0.1:1: connect: connection refused", "Network"),
        ("Traceback (most recent call last):\n  KeyError: 'x'", "Program"),
        ("api error ValidationError: cidr is wrong", "Provider"),
        ("something that nobody has seen before", "Unknown"),
    ],
)
def test_a_message_tells_its_kind_of_failure(text: str, kind: str) -> None:
    failure = classify(text)
    assert failure.kind == kind
    assert failure.hint


def test_a_failure_has_the_words_and_the_request_id_of_aws() -> None:
    text = (
        "operation error EC2: CreateVpc, https response error StatusCode: 400, RequestID: 59dbff89-35bd-4eac-99ed, "
        "api error VpcLimitExceeded: The maximum number of VPCs has been reached."
    )
    failure = classify(text, URN)
    assert failure.request_id == "59dbff89-35bd-4eac-99ed"
    assert failure.error == "VpcLimitExceeded: The maximum number of VPCs has been reached."
    assert failure.urn == URN


def test_the_complaint_about_a_resource_outranks_the_stacks_own() -> None:
    diagnosis = Diagnosis()
    diagnosis.add("urn:pulumi:dev::p::pulumi:pulumi:Stack::p-dev", "update failed")
    diagnosis.add(URN, "api error AccessDenied: no")
    assert diagnosis.failure("exit 1").urn == URN


def _event(kind: str, urn: str, operation: str) -> Any:
    step = SimpleNamespace(metadata=SimpleNamespace(urn=urn, op=SimpleNamespace(value=operation)))
    events: dict[str, Any] = {"resource_pre_event": None, "res_outputs_event": None, kind: step}
    return SimpleNamespace(**events)


def test_a_replacement_counts_once() -> None:
    tally = Tally()
    for operation in ("create-replacement", "replace", "delete-replaced"):
        observe(tally, _event("resource_pre_event", URN, operation))
        observe(tally, _event("res_outputs_event", URN, operation))
    assert tally.counts() == ResourceCounts(total=1, done=1, replaced=1)


def test_the_total_is_what_the_program_registered_even_before_the_engine_got_there() -> None:
    tally = Tally()
    for _ in range(3):
        tally.registered()
    observe(tally, _event("resource_pre_event", URN, "create"))
    assert tally.counts() == ResourceCounts(total=3, done=0)
    assert short_name(tally.current) == "aws:lb/loadBalancer:LoadBalancer alb"


def test_the_stack_itself_and_providers_are_no_resources_of_anybodys() -> None:
    tally = Tally()
    for urn in ("urn:pulumi:dev::p::pulumi:pulumi:Stack::p-dev", "urn:pulumi:dev::p::pulumi:providers:aws::default"):
        observe(tally, _event("resource_pre_event", urn, "create"))
        observe(tally, _event("res_outputs_event", urn, "create"))
    assert tally.counts() == ResourceCounts()


def test_a_journal_gives_back_what_was_written(tmp_path: Path) -> None:
    journal = RunJournal(tmp_path / "run")
    journal.open(request())
    assert journal.request() == request()
    assert (journal.progress(), journal.result(), journal.process()) == (None, None, None)
    for done in range(200):
        journal.append(Progress(phase="running", resources=ResourceCounts(total=200, done=done)))
    newest = journal.progress()
    assert newest is not None
    assert newest.resources.done == 199
    result = RunResult(run_id="r1", layer="compute", operation="up", outcome="succeeded")
    journal.finish(result)
    assert journal.result() == result


def test_half_an_event_at_the_end_of_the_journal_is_passed_over(tmp_path: Path) -> None:
    journal = RunJournal(tmp_path)
    journal.append(Progress(phase="running", at=1.0))
    with (tmp_path / "events.jsonl").open("a") as events:
        events.write('{"phase": "runn')
    assert journal.progress() == Progress(phase="running", at=1.0)


def test_a_process_is_known_by_pid_and_start() -> None:
    start = process_start(os.getpid())
    assert start is not None
    assert is_alive(ProcessMark(pid=os.getpid(), started=start))
    assert not is_alive(ProcessMark(pid=os.getpid(), started=start + 1))
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    assert process_start(ended.pid) is None


@pytest.mark.parametrize("command", [("python", "-m", "tradai_runner"), COMMAND], ids=["here", "in a container"])
def test_a_request_that_is_none_ends_with_status_2_and_a_sentence(tmp_path: Path, command: tuple[str, ...]) -> None:
    (tmp_path / "request.json").write_text('{"layer": "compute"}')
    ran = subprocess.run([sys.executable, *command[1:], str(tmp_path)], capture_output=True, text=True, check=False)
    assert ran.returncode == 2
    assert "is not a valid request" in ran.stderr
