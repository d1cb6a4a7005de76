"""Failures as they were really printed: what kind each is, what people read of it, and how it is tried again."""

from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

from tradai_iac.failure import SIGNS, TOLD, FailureClass, classify
from tradai_operator.plan.retry import RETRIES

RECORDED: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("failures.yaml").read_text())
KINDS: tuple[FailureClass, ...] = get_args(FailureClass)
#: What only a change of the run's inputs, or of the state, mends, and those are watched.
UNTIL_CHANGED = {
    "Program",
    "Config",
    "Passphrase",
    "Cancelled",
    "Immutable",
    "Unconfirmed",
    "StateGone",
    "StateDamaged",
}


@pytest.mark.parametrize("row", RECORDED, ids=[f"{row['kind']}: {row['says'][:40]}" for row in RECORDED])
def test_a_recorded_message_is_taken_for_what_it_is(row: dict[str, Any]) -> None:
    failure = classify(row["text"])
    assert failure.kind == row["kind"]
    assert failure.error.startswith(row["says"])
    assert failure.request_id == row["request"]
    assert row.get("hint", "") in failure.hint
    assert failure.hint


def test_what_another_can_mend_is_tried_again_by_itself() -> None:
    assert {kind for kind, retry in RETRIES.items() if retry.tail is None} == UNTIL_CHANGED


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_detected_or_told_by_somebody(kind: FailureClass) -> None:
    assert (kind in TOLD) != any(sign.kind == kind for sign in SIGNS)
    assert all(sign.hint.endswith(".") for sign in SIGNS if sign.kind == kind)


@pytest.mark.parametrize("kind", sorted(set(KINDS) - set(TOLD)))
def test_every_kind_that_is_detected_has_a_recorded_message(kind: FailureClass) -> None:
    assert any(row["kind"] == kind for row in RECORDED)


def test_every_kind_says_how_it_is_tried_again() -> None:
    assert set(RETRIES) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_waits_grow_to_a_standstill_that_is_tried_seldom_or_never(kind: FailureClass) -> None:
    retry = RETRIES[kind]
    waits = [retry.wait(attempts) or 0.0 for attempts in range(1, retry.limit)]
    assert waits == sorted(waits)
    assert all(1 <= wait <= retry.cap <= 3600 for wait in waits)
    assert [retry.stalled(attempts) for attempts in (retry.limit - 1, retry.limit, 10**9)] == [False, True, True]
    assert retry.wait(retry.limit) == retry.wait(10**9) == retry.tail
    assert retry.tail is None or retry.tail >= 900


@pytest.mark.parametrize(
    "text",
    [
        "api error BadRequestException: Invalid throttlingBurstLimit",
        "api error ValidationException: logGroup must not be null",
    ],
)
def test_a_word_within_a_word_tells_nothing(text: str) -> None:
    assert classify(text).kind == "Provider"
