"""Durations as people write them."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradai_operator.model import parse_duration


@pytest.mark.parametrize(
    ("text", "hours"), [("72h", 72), ("7d", 168), ("1d12h", 36), ("90m", 1.5), ("30s", 30 / 3600), ("1h30m", 1.5)]
)
def test_a_duration_is_the_sum_of_its_parts(text: str, hours: float) -> None:
    assert parse_duration(text) == timedelta(hours=hours)


@pytest.mark.parametrize("text", ["", "72", "h", "0h", "-1h", "1.5h", "72 h", "three days", "1w", "72h\n", "10000h"])
def test_what_is_no_duration_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="like 72h"):
        parse_duration(text)


@given(st.integers(1, 9999), st.integers(1, 9999))
def test_days_and_minutes_add_up(days: int, minutes: int) -> None:
    assert parse_duration(f"{days}d{minutes}m") == timedelta(days=days, minutes=minutes)
