"""What the pre-flight makes of what it sees: passphrases, quotas, and when it only warns."""

from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from tradai_blueprints.tradai.declaration import TRADAI
from tradai_iac.failure import Failure
from tradai_runner.bucket.store import BucketStore
from tradai_runner.contract import PreflightResult, Update
from tradai_runner.guard.asking import conditional
from tradai_runner.guard.global_names import GlobalNames
from tradai_runner.guard.preflight import BucketSeen, Seen, judge
from tradai_runner.guard.program import Guard
from tradai_runner.guard.quotas import Need, Quotas, needs, verdict
from tradai_runner.state.passphrase import opens, salt_of_state

#: Made by `pulumi stack init` (3.255.0) with the passphrase `one`.
SALT = "v1:rKHFvRz69wc=:v1:vwmdW3C/ihS/0FC2:PflAW7GmfWV7brQfBv+S8HVsmo5jgA=="
REQUEST = Update(
    run_id="r", layer="store", environment="dev", account_id="123456789012", region="eu-central-1",
    backend_url="s3://b", survey="facts",
)  # fmt: skip
FIT: dict[str, Any] = {"account": "123456789012", "region": True, "bucket": BucketSeen("eu-central-1", True)}
VPC = ("aws:ec2/vpc:Vpc", {"cidrBlock": "10.0.0.0/16"})


@pytest.mark.parametrize(("passphrase", "fits"), [("one", True), ("two", False), ("", False)])
def test_a_salt_of_the_engine_tells_its_passphrase(passphrase: str, fits: bool) -> None:
    assert opens(SALT, passphrase) is fits


def test_a_state_without_a_passphrase_has_no_salt() -> None:
    assert salt_of_state({}) is None
    assert salt_of_state({"checkpoint": {"latest": {"secrets_providers": {"type": "cloud"}}}}) is None


def test_what_could_not_be_asked_is_a_warning_and_no_refusal() -> None:
    denied = Failure(kind="Credentials", error="AccessDenied", hint="x")
    found = judge(REQUEST, Seen(**(FIT | {"region": denied, "bucket": BucketSeen("eu-central-1", False, False)})))
    assert found.failure is None
    assert len(found.warnings) == 3
    assert found.result(REQUEST).reason == "PreflightWarned"
    assert judge(REQUEST, Seen(**FIT)).result(REQUEST).reason == "PreflightPassed"


@pytest.mark.parametrize(
    ("code", "known"), [("", False), ("PreconditionFailed", True), ("NotImplemented", False), ("AccessDenied", None)]
)
def test_a_bucket_shows_whether_it_knows_conditional_writes(code: str, known: bool | None) -> None:
    make: Any = boto3.client
    client = make("s3", region_name="eu-central-1", aws_access_key_id="a", aws_secret_access_key="b")
    with Stubber(client) as answers:
        if code:
            answers.add_client_error("put_object", code)
        else:
            answers.add_response("put_object", {})
        assert conditional(BucketStore(client, "b"), "probe") is known


@pytest.mark.parametrize(
    ("limit", "used", "broken", "doubtful"),
    [(5, 4, False, False), (5, 5, True, False), (None, 5, False, True), (None, 4, False, False), (20, 5, False, False)],
)
def test_only_what_aws_says_itself_is_refused(limit: int | None, used: int, broken: bool, doubtful: bool) -> None:
    need = needs(TRADAI.quotas, [VPC], [])[0]
    asked = Need(need.quota, need.whole, need.new, limit, used)
    assert (asked.broken, asked.doubtful) == (broken, doubtful)
    failure, warnings = verdict([asked])
    assert (failure is not None, len(warnings)) == (broken, int(doubtful))


def test_what_stands_is_not_needed_again() -> None:
    assert needs(TRADAI.quotas, [VPC], ["aws:ec2/vpc:Vpc"]) == []


PASSED = PreflightResult(facts="facts", ok=True, reason="PreflightPassed", message="fit")
MISSING = PreflightResult(facts="facts", ok=False, reason="ImagesMissing", message="push them")
QUOTA = Failure(kind="Quota", error="VPCs", hint="Ask.")
TAKEN = Failure(kind="Conflict", error="configs is taken", hint="Rename.")


@pytest.mark.parametrize(
    ("before", "quota", "name", "warned", "after"),
    [
        (PASSED, None, None, (), ("PreflightPassed", "fit")),
        (PASSED, QUOTA, None, (), ("QuotaExceeded", "VPCs. Ask.")),
        (PASSED, None, TAKEN, (), ("NameTaken", "configs is taken. Rename.")),
        (PASSED, QUOTA, TAKEN, (), ("QuotaExceeded", "VPCs. Ask.")),
        (PASSED, None, None, ("a", "b"), ("PreflightWarned", "fit; a; b")),
        (PASSED, None, TAKEN, ("a", "b"), ("NameTaken", "configs is taken. Rename.")),
        (MISSING, None, None, ("a", "b"), ("ImagesMissing", "push them")),
    ],
)
def test_what_a_program_needs_is_told_by_its_preflight_as_the_failure_tells_it(
    before: PreflightResult,
    quota: Failure | None,
    name: Failure | None,
    warned: tuple[str, ...],
    after: tuple[str, ...],
) -> None:
    quotas, names = Quotas(REQUEST, TRADAI.quotas), GlobalNames(REQUEST)
    quotas.failure, names.failure = quota, name
    quotas.warnings, names.warnings = warned[:1], warned[1:]
    guard = Guard(list, (), counted=(quotas, names))
    told = guard.completed(before)
    assert told is not None
    assert (told.reason, told.message) == after
    assert told.ok is (before.ok and not quota and not name)
    assert guard.failure() == (quota or name)


def test_a_run_without_a_preflight_tells_none() -> None:
    assert Guard(list, (), counted=(Quotas(REQUEST, TRADAI.quotas),)).completed(None) is None
