"""Cron expressions: which are ones, which moments they name."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from tradai_operator.model.cron import Cron, next_after

CRON: TypeAdapter[str] = TypeAdapter(Cron)


@pytest.mark.parametrize(
    "text",
    ["0 */6 * * *", "* * * * *", "0 9 * * MON-FRI", "0 9 * * 1#2", "0 0 L * *", "0 0 29 2 *", "5,10 0-6/2 1 jan 7"],
)
def test_what_is_a_schedule(text: str) -> None:
    assert CRON.validate_python(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "@daily",
        "0 * * *",
        "0 0 0 * * *",
        "60 * * * *",
        "0 25 * * *",
        "0 0 32 * *",
        "0 0 * 13 *",
        "*/0 * * * *",
        "x",
    ],
)
def test_what_a_field_cannot_hold_is_refused_by_its_pattern(text: str) -> None:
    with pytest.raises(ValidationError, match="String should match pattern"):
        CRON.validate_python(text)


@pytest.mark.parametrize("text", ["0 0 31 2 *", "5-1 * * * *"])
def test_a_moment_that_never_comes_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(ValidationError, match=r"never comes round; write five fields"):
        CRON.validate_python(text)


@pytest.mark.parametrize(
    ("text", "after"),
    [("0 */6 * * *", "2027-01-15T12:00"), ("* * * * *", "2027-01-15T08:01"), ("0 0 29 2 *", "2028-02-29T00:00")],
)
def test_the_next_moment_is_in_utc(text: str, after: str) -> None:
    at = datetime(2027, 1, 15, 8, 0, 0, tzinfo=UTC).timestamp()
    assert datetime.fromtimestamp(next_after(text, at), UTC).isoformat(timespec="minutes") == f"{after}+00:00"


@given(st.sampled_from(["0 */6 * * *", "*/5 * * * *", "0 9 * * MON-FRI"]), st.floats(1.7e9, 2e9))
def test_the_next_moment_is_later_and_the_same_until_it_comes(text: str, at: float) -> None:
    first = next_after(text, at)
    assert first > at
    assert next_after(text, (at + first) / 2) == first
