"""Failures as they were really printed: what kind each is, what people read of it, and how it is tried again."""

from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

from tradai_iac.runner.contract import FailureClass
from tradai_iac.runner.failure import classify
from tradai_operator.plan.retry import RETRIES

RECORDED: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("failures.yaml").read_text())


@pytest.mark.parametrize("row", RECORDED, ids=[f"{row['kind']}: {row['says'][:40]}" for row in RECORDED])
def test_a_recorded_message_is_taken_for_what_it_is(row: dict[str, Any]) -> None:
    failure = classify(row["text"])
    assert failure.kind == row["kind"]
    assert failure.error.startswith(row["says"])
    assert failure.request_id == row["request"]
    assert failure.hint


@pytest.mark.parametrize("row", RECORDED, ids=[f"{row['kind']}: {row['says'][:40]}" for row in RECORDED])
def test_what_was_recorded_helps_itself(row: dict[str, Any]) -> None:
    """A backend, a network or a lock comes back without anybody changing the spec."""
    assert RETRIES[classify(row["text"]).kind] is not None


def test_every_kind_says_how_it_is_tried_again() -> None:
    assert set(RETRIES) == set(get_args(FailureClass))
