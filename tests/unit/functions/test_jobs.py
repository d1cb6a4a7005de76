"""Which status may follow which."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.jobs import AFTER, FINAL, Moved, Status, outcome


@pytest.mark.parametrize(
    ("found", "wanted", "then"),
    [
        (None, Status.RUNNING, Moved.ABSENT),
        (Status.LAUNCHING, Status.RUNNING, Moved.DONE),
        (Status.RUNNING, Status.RUNNING, Moved.ALREADY),
        (Status.COMPLETED, Status.RUNNING, Moved.LATE),
        (Status.CANCELLED, Status.COMPLETED, Moved.LATE),
        (Status.RUNNING, Status.LAUNCHING, Moved.LATE),
        (Status.QUEUED, Status.FAILED, Moved.DONE),
    ],
)
def test_what_a_word_comes_to(found: Status | None, wanted: Status, then: Moved) -> None:
    assert outcome(found, wanted) is then


@given(st.lists(st.sampled_from(Status), max_size=12))
def test_after_any_words_in_any_order_a_final_status_is_the_first_final_one(words: list[Status]) -> None:
    at, finals = Status.QUEUED, []
    for word in words:
        if outcome(at, word) is Moved.DONE:
            at = word
            finals += [word] * (word in FINAL)
    assert len(finals) <= 1
    assert not finals or at is finals[0]


def test_every_status_says_what_it_may_follow() -> None:
    assert set(AFTER) == set(Status)
    assert not any(FINAL & before for before in AFTER.values())
