"""When what is watched is bad, when well again, and what people are owed of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.incidents import Rule, Sight, Watch, ended, looked, told

RULE = Rule(failures=3, successes=2)
AT = "2026-11-29T10:00:00.000000Z"
GOOD, BAD, UNKNOWN = Sight.GOOD, Sight.BAD, Sight.UNKNOWN
sights = st.lists(st.sampled_from(Sight), max_size=40)


def after(*seen: Sight, rule: Rule = RULE) -> Watch:
    watch = Watch()
    for number, one in enumerate(seen):
        watch = looked(watch, one, "why", rule, AT, f"call-{number}")
    return watch


@pytest.mark.parametrize(
    ("seen", "bad"),
    [
        ((BAD, BAD), False),
        ((BAD, BAD, BAD), True),
        ((BAD, BAD, GOOD, BAD, BAD), False),
        ((BAD, UNKNOWN, BAD, UNKNOWN, BAD), True),
        ((BAD, BAD, BAD, GOOD), True),
        ((BAD, BAD, BAD, GOOD, BAD, GOOD), True),
        ((BAD, BAD, BAD, GOOD, UNKNOWN, GOOD), False),
        ((UNKNOWN,) * 9, False),
    ],
)
def test_some_sights_in_a_row_turn_it(seen: tuple[Sight, ...], bad: bool) -> None:
    assert after(*seen).bad is bad


@given(sights)
def test_what_is_owed_begins_and_ends_by_turns(seen: list[Sight]) -> None:
    watch, notices = Watch(), []
    for number, one in enumerate(seen):
        watch = looked(watch, one, "why", RULE, AT, str(number))
        if watch.owed:
            notices.append(watch.owed[0].opened)
            watch = told(watch)
        assert not watch.owed
    assert notices == [at % 2 == 0 for at in range(len(notices))]
    assert watch.bad == (len(notices) % 2 == 1)


@given(sights, st.data())
def test_a_call_that_is_delivered_again_changes_nothing(seen: list[Sight], data: st.DataObject) -> None:
    watch = Watch()
    for number, one in enumerate(seen):
        watch = looked(watch, one, "why", RULE, AT, str(number))
        again = data.draw(st.sampled_from(Sight))
        if one is not UNKNOWN:
            assert looked(watch, again, "other", RULE, "later", str(number)) == watch


@given(sights)
def test_what_could_not_be_asked_changes_nothing(seen: list[Sight]) -> None:
    assert after(*seen).bad == after(*[one for one in seen if one is not UNKNOWN]).bad


@given(sights)
def test_an_incident_needs_its_failures_in_a_row(seen: list[Sight]) -> None:
    known = "".join(one.value[0] for one in seen if one is not UNKNOWN)
    assert bool(after(*seen).owed) == ("bbb" in known)


@given(sights)
def test_people_are_owed_the_latest_incident_at_most(seen: list[Sight]) -> None:
    owed = after(*seen, rule=Rule(failures=1, successes=1)).owed
    assert len(owed) <= 2
    assert [one.opened for one in owed] in ([], [True], [False], [True, False], [False, True])


def test_an_incident_of_what_is_watched_no_more_is_over() -> None:
    over = ended(after(BAD, BAD, BAD), "stopped on purpose", AT, "last")
    assert not over.bad
    assert [one.opened for one in over.owed] == [True, False]
    assert over.owed[1].why == "stopped on purpose"
    assert ended(over, "stopped on purpose", AT, "one more").owed == over.owed


def test_a_long_reason_is_cut() -> None:
    assert len(looked(Watch(), BAD, "x" * 9999, RULE, AT, "").why) == 500
