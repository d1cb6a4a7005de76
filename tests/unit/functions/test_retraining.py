"""Who has a model, for any runs at any times."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from shared.retraining import REMEMBERED, Outcome, Retraining, Standing, begun, standing

START = datetime(2026, 11, 29, 10, tzinfo=UTC)
LEASE = timedelta(hours=10)


def taken(found: Retraining | None, run: str, at: datetime) -> Retraining:
    kept = found.model_dump() if found else {"model_name": "m"}
    return Retraining.model_validate(kept | begun(found, run, {}, at, LEASE))


def ended(found: Retraining, at: datetime) -> Retraining:
    return found.model_copy(update={"running_until": None, "outcome": Outcome.KEPT, "ended_at": at.isoformat()})


def test_a_model_that_nobody_has_is_free() -> None:
    assert standing(None, "a", START) is Standing.FREE


def test_a_run_finds_its_own_model_even_after_its_time() -> None:
    assert standing(taken(None, "a", START), "a", START + 2 * LEASE) is Standing.OURS


def test_another_run_waits_until_the_time_has_passed() -> None:
    held = taken(None, "a", START)
    assert standing(held, "b", START + LEASE - timedelta(seconds=1)) is Standing.BUSY
    assert standing(held, "b", START + LEASE) is Standing.FREE


def test_a_run_that_has_been_here_does_not_begin_again() -> None:
    first = ended(taken(None, "a", START), START)
    assert standing(first, "a", START) is Standing.OVER
    second = taken(first, "b", START)
    assert standing(second, "a", START + 2 * LEASE) is Standing.OVER


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["take", "end"]), st.integers(-2000, 2000)), max_size=30)
)
def test_no_run_begins_twice_whatever_the_clock_does(steps: list[tuple[str, str, int]]) -> None:
    found: Retraining | None = None
    begins: list[str] = []
    for run, what, minutes in steps:
        at = START + timedelta(minutes=minutes)
        if what == "end" and found and found.run_id == run:
            found = ended(found, at)
        elif what == "take" and standing(found, run, at) is Standing.FREE:
            found = taken(found, run, at)
            begins.append(run)
    assert len(begins) == len(set(begins))


def test_an_item_does_not_grow_without_end() -> None:
    found: Retraining | None = None
    for number in range(3 * REMEMBERED):
        found = ended(taken(found, f"run-{number}", START), START)
    assert found and len(found.recent) == REMEMBERED
    assert len(repr(found)) < 400_000
