"""Which stacks are to be looked at, what their runs are asked, and what an answer says."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_drift_detector.logic import (
    NO_HISTORY,
    NO_KEY,
    NO_SECRETS,
    PATIENCE,
    PERIOD,
    Place,
    Unknown,
    answered,
    fresh,
    overdue,
    request,
    seen,
    sentences,
    settled,
    sighted,
    unknown,
)
from shared import clock
from shared.infra_drift import Look, Memory, moment

NOW = datetime(2026, 11, 29, 10, tzinfo=UTC)
STACK = "tradai-compute-dev"
KEY = "arn:aws:kms:eu-central-1:123456789012:key/k"
SPEC: dict[str, Any] = {
    "blueprint": "tradai",
    "environment": "dev",
    "aws": {"accountId": "123456789012", "region": "eu-central-1", "assumeRoleArn": "arn:aws:iam::1:role/deploy"},
    "state": {"backendUrl": "s3://state", "secrets": {"awskms": KEY}},
    "layers": {"compute": {"config": {"imageTag": "v1"}}},
    "drift": {"ignore": [{"path": "tags", "reason": "a team tags by hand", "until": "2027"}]},
}
SUMMARY = {"digest": "sha256:1", "changed": 0, "missing": 0, "unexpected": 0, "ignored": 2, "first": []}


def record(**changed: Any) -> dict[str, Any]:
    return {"manifest": {"spec": SPEC | changed}, "images": {"compute": {"backend": "sha256:2"}}}


def result(**changed: Any) -> bytes:
    said = {"outcome": "succeeded", "finished_at": NOW.timestamp(), "drift": SUMMARY} | changed
    return json.dumps(said).encode()


def test_a_run_is_asked_what_the_environment_last_was_and_only_to_look() -> None:
    asked = request(record(), "compute", "dev", "look-1")
    assert isinstance(asked, dict)
    assert (asked["operation"], asked["kms_key"], asked["config"]) == ("preview", KEY, {"imageTag": "v1"})
    assert asked["drift"] == {"ignore": [{"path": "tags", "reason": "a team tags by hand"}]}
    assert asked["images"] == {"backend": "sha256:2"}
    # As the task's own role, which may only read: never as the role that deploys.
    assert "assume_role_arn" not in asked


@pytest.mark.parametrize(
    ("known", "why"),
    [
        (None, NO_HISTORY),
        (record(state={"backendUrl": "s3://state", "secrets": {"passphraseSecretRef": {}}}), NO_KEY),
        (record(layers={"compute": {"config": {"secrets": {"jwt-secret": {}}}}}), NO_SECRETS),
    ],
)
def test_what_cannot_be_looked_at_is_unknown_and_says_why(known: dict[str, Any] | None, why: str) -> None:
    assert request(known, "compute", "dev", "look-1") == Unknown(why=why)


@given(st.timedeltas(min_value=-2 * PERIOD, max_value=2 * PERIOD))
def test_a_stack_that_somebody_has_looked_at_within_the_period_is_left_alone(age: timedelta) -> None:
    look = Look(stack_name=STACK, has_drift="false", last_check=clock.text(NOW - age))
    assert fresh(look, NOW) is (abs(age) < PERIOD)
    assert not fresh(look.model_copy(update={"has_drift": "unknown"}), NOW)
    assert not fresh(None, NOW)


@pytest.mark.parametrize(
    ("said", "has_drift"),
    [
        (result(), "false"),
        (result(drift=SUMMARY | {"missing": 1, "first": ["a queue is gone"]}), "true"),
        (result(drift=SUMMARY | {"changed": 1}), "true"),
        (result(drift=SUMMARY | {"unexpected": 1}), "true"),
        (result(drift=None), "unknown"),
        (result(outcome="failed", drift=None, failure={"error": "AccessDenied"}), "unknown"),
        (result(outcome="cancelled"), "unknown"),
    ],
)
def test_what_an_answer_says(said: bytes, has_drift: str) -> None:
    assert answered(STACK, "report", said, NOW).has_drift == has_drift


def test_a_look_has_the_operators_shape() -> None:
    look = answered(STACK, "report", result(drift=SUMMARY | {"missing": 1, "first": ["a queue is gone"]}), NOW)
    assert look.model_dump(mode="json", exclude_none=True) == {
        "stack_name": STACK,
        "has_drift": "true",
        "last_check": "2026-11-29T10:00:00+00:00",
        "changed": 0,
        "missing": 1,
        "unexpected": 0,
        "ignored": 2,
        "resources": ["a queue is gone"],
        "report": "report",
        "checked_by": "pulumi-drift-detector",
    }


def test_a_run_is_given_up_after_a_while() -> None:
    assert not overdue(Memory(asked_at=clock.text(NOW)), NOW + PATIENCE)
    assert overdue(Memory(asked_at=clock.text(NOW)), NOW + PATIENCE + timedelta(seconds=1))


def test_people_are_told_of_drift_and_of_blindness_once_each() -> None:
    memory, told = Memory(run_id="look-1"), []
    drifted = Look(stack_name=STACK, has_drift="true", last_check=moment(NOW), resources=("a queue is gone",))
    blind = unknown(STACK, "no runner", NOW)
    whole = Look(stack_name=STACK, has_drift="false", last_check=moment(NOW))
    for look in (blind, blind, drifted, drifted, blind, whole, whole):
        memory = seen(memory, look, "at")
        told += sentences(STACK, memory)
        memory = settled(memory)
    assert told == [
        f"{STACK} cannot be looked at: no runner.",
        f"{STACK} has drifted: a queue is gone.",
        f"{STACK} can be looked at again.",
        f"{STACK} cannot be looked at: no runner.",
        f"{STACK} is as declared again.",
        f"{STACK} can be looked at again.",
    ]
    assert memory.run_id is None


def test_a_look_of_somebody_else_ends_blindness() -> None:
    blind = settled(seen(Memory(), unknown(STACK, "no runner", NOW), "at"))
    assert sentences(STACK, sighted(blind, "at")) == [f"{STACK} can be looked at again."]


def test_the_address_is_the_runners() -> None:
    where = {"bucket": "state", "region": "eu-central-1", "project": "tradai-compute", "environment": "dev"}
    place = Place(run_id="look-1", **where)
    assert place.address(None) == "s3://state?region=eu-central-1#tradai-compute/dev/look-1"
    with_endpoint = "s3://state?region=eu-central-1&endpoint=http://127.0.0.1:4566#tradai-compute/dev/look-1"
    assert place.address("http://127.0.0.1:4566") == with_endpoint


#: What both sides of the border are held against; the runner's is tests/unit/runner/test_looks_of_the_detector.py.
BORDER = json.loads((Path(__file__).parents[1] / "runner" / "look_of_the_detector.json").read_text())


def test_the_runner_is_asked_in_its_own_words() -> None:
    assert request(BORDER["record"], "compute", "dev", "look-1") == BORDER["request"]
    where = {"bucket": "tradai-pulumi-state-dev", "region": "eu-central-1", "environment": "dev"}
    assert Place(project="tradai-compute", run_id="look-1", **where).address(None) == BORDER["address"]


def test_the_runners_answer_is_read() -> None:
    look = answered("tradai-compute-dev", BORDER["row"]["report"], json.dumps(BORDER["result"]).encode(), NOW)
    assert look.model_dump(mode="json", exclude_none=True) == BORDER["row"]
