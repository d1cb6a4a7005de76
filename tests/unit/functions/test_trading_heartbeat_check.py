"""What a heartbeat says of a strategy, whatever clocks do."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import clock
from shared.deployed import DEPLOYED
from shared.events import PROMOTED, Registration
from shared.incidents import Notice, Sight, Watch
from shared.trading import Seen, Status, Trader
from trading_heartbeat_check.logic import (
    RULE,
    STALE,
    START,
    Counts,
    after,
    concerns,
    counts,
    message,
    sight,
    version_message,
    versions_after,
)

NOW = datetime(2026, 11, 29, 10, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
#: How often it looks (002 §7).
LOOK = 5 * MINUTE
HOURS = st.integers(min_value=-48, max_value=48)


def trader(beat: datetime | None, *, status: Status | None = Status.RUNNING, **more: Any) -> Trader:
    return Trader(strategy_id="s", status=status, heartbeat_at=clock.text(beat) if beat else None, **more)


def look(one: Trader, now: datetime, call: str = "") -> Trader:
    watch, seen = after(one, now, call)
    return one.model_copy(update={"watch": watch, "seen": seen})


def test_a_fresh_heartbeat_is_life() -> None:
    assert sight(trader(NOW - MINUTE), NOW)[0] is Sight.GOOD


def test_a_strategy_that_stops_is_found_at_the_second_look_after_its_end() -> None:
    one = look(trader(NOW - MINUTE), NOW)
    one = look(one, NOW + LOOK)
    assert one.watch.bad
    assert [notice.opened for notice in one.watch.owed] == [True]


def test_an_old_heartbeat_that_is_new_to_us_is_neither() -> None:
    one = look(trader(NOW - STALE - MINUTE), NOW)
    assert not one.watch.bad
    assert look(one, NOW + LOOK).watch.bad


@given(HOURS, st.integers(min_value=2, max_value=20))
def test_one_that_beats_is_never_stale_however_far_its_clock_is_off(hours: int, looks: int) -> None:
    one = trader(NOW)
    for number in range(looks):
        now = NOW + number * LOOK
        one = one.model_copy(update={"heartbeat_at": clock.text(now + timedelta(hours=hours) - MINUTE)})
        one = look(one, now, str(number))
        assert not one.watch.bad


@given(st.lists(HOURS, min_size=2, max_size=12))
def test_one_that_beats_is_never_stale_however_our_clock_steps(steps: list[int]) -> None:
    one = trader(NOW)
    for number, hours in enumerate(steps):
        true = NOW + number * LOOK
        one = one.model_copy(update={"heartbeat_at": clock.text(true - MINUTE)})
        one = look(one, true + timedelta(hours=hours), str(number))
        assert not one.watch.bad


@given(HOURS, HOURS, st.integers(min_value=0, max_value=4))
def test_one_that_is_silent_is_found_however_clocks_differ(its: int, ours: int, minutes: int) -> None:
    one = trader(NOW + timedelta(hours=its))
    for number in range(5):
        one = look(one, NOW + timedelta(hours=ours, minutes=minutes) + number * LOOK, str(number))
    assert one.watch.bad


def test_a_silent_one_is_not_over_it_when_our_clock_comes_by_the_time_that_its_own_wrote() -> None:
    one = trader(NOW + 18 * MINUTE)
    for number in range(8):
        one = look(one, NOW + number * LOOK, str(number))
    assert one.watch.bad
    assert [notice.opened for notice in one.watch.owed] == [True]


def test_one_that_is_silent_is_found_after_our_clock_stepped_back() -> None:
    one = look(trader(NOW - MINUTE), NOW + timedelta(days=3), "0")
    for number in (1, 2, 3):
        one = look(one, NOW + number * LOOK, str(number))
    assert one.watch.bad


def test_a_look_that_is_delivered_again_changes_nothing() -> None:
    one = look(trader(NOW - MINUTE), NOW, "a")
    one = look(one, NOW + LOOK, "b")
    assert look(one, NOW + LOOK + MINUTE, "b").watch == one.watch


def test_it_is_well_again_after_some_looks() -> None:
    one = look(look(trader(NOW - MINUTE), NOW), NOW + LOOK)
    for number in range(RULE.successes):
        assert one.watch.bad
        now = NOW + (2 + number) * LOOK
        one = look(one.model_copy(update={"heartbeat_at": clock.text(now)}), now)
    assert not one.watch.bad
    assert [notice.opened for notice in one.watch.owed] == [True, False]


def test_one_that_was_stopped_on_purpose_is_not_stale() -> None:
    silent = trader(NOW - timedelta(days=1), status=Status.STOPPED)
    assert look(look(silent, NOW), NOW + LOOK).watch == Watch()


def test_stopping_a_silent_one_ends_its_incident() -> None:
    bad = look(look(trader(NOW - MINUTE), NOW), NOW + LOOK)
    over = look(bad.model_copy(update={"status": Status.STOPPED}), NOW + 2 * LOOK)
    assert not over.watch.bad
    assert "on purpose" in over.watch.owed[-1].why


def test_one_that_never_came_up_is_found_after_its_grace() -> None:
    registered = clock.text(NOW)
    one = trader(None, status=Status.EXPECTED, registered_at=registered)
    one = look(one, NOW + START - MINUTE)
    one = look(one, NOW + START + MINUTE)
    assert not one.watch.bad
    one = look(one, NOW + START + MINUTE + LOOK)
    assert one.watch.bad
    assert "never" in one.watch.why


def test_a_heartbeat_that_is_no_time_is_refused() -> None:
    with pytest.raises(ValueError, match="Invalid isoformat"):
        sight(Trader(strategy_id="s", status=Status.RUNNING, heartbeat_at="soon"), NOW)


BAD = Watch(bad=True)
BEAT = clock.text(NOW)


@pytest.mark.parametrize(
    ("traders", "expected", "counted"),
    [
        ([], False, Counts(stale=0, live=None)),
        ([], True, Counts(stale=0, live=0)),
        ([trader(NOW)], False, Counts(stale=0, live=1)),
        ([trader(NOW, watch=BAD)], False, Counts(stale=1, live=0)),
        ([trader(NOW, mode="dry-run", watch=BAD)], False, Counts(stale=0, live=None)),
        ([trader(NOW, status=Status.STOPPED)], False, Counts(stale=0, live=None)),
        ([trader(None, status=Status.EXPECTED)], False, Counts(stale=0, live=0)),
        ([trader(NOW, status=None)], False, Counts(stale=0, live=1)),
        ([Trader(strategy_id="s", orphan_task="arn")], False, Counts(stale=0, live=None)),
    ],
)
def test_what_metrics_say(traders: list[Trader], expected: bool, counted: Counts) -> None:
    assert counts(traders, expected=expected) == counted


@pytest.mark.parametrize("opened", [True, False])
def test_people_are_told_which_strategy_and_with_what_money(opened: bool) -> None:
    kind, subject, *sentences = message(trader(NOW), Notice(opened=opened, at=BEAT, why="its last heartbeat is old"))
    assert subject.startswith("live strategy s ")
    assert "its last heartbeat is old" in sentences[0]
    assert kind == ("heartbeat-stale" if opened else "heartbeat-recovered")


def test_an_interval_lets_some_heartbeats_be_lost() -> None:
    watching = DEPLOYED.watching
    assert watching.heartbeat_stale_seconds >= 3 * watching.heartbeat_seconds
    assert Seen() == Trader(strategy_id="s").seen


EVENT = Registration(
    event_id="e", kind=PROMOTED, environment="dev", at=BEAT, strategy="S", version="4", model_name="m", by="somebody"
)


@pytest.mark.parametrize(
    ("trades", "concerned"),
    [
        ({"model_name": "m"}, True),
        ({"model_name": "other", "strategy": "S"}, False),
        ({"strategy": "S"}, True),
        ({"strategy": "T"}, False),
        ({}, False),
    ],
)
def test_an_event_concerns_those_that_trade_with_its_model(trades: dict[str, Any], concerned: bool) -> None:
    assert concerns(EVENT, trader(NOW, **trades)) is concerned


def test_another_version_than_the_wanted_one_is_told_of_at_the_second_look() -> None:
    one = trader(NOW, model_version="3", wanted_version="4", wanted_at=BEAT)
    first = versions_after(one, NOW, "a")
    second = versions_after(one.model_copy(update={"versions": first}), NOW, "b")
    assert (first.bad, second.bad) == (False, True)
    over = one.model_copy(update={"versions": second, "model_version": "4"})
    notices = versions_after(over, NOW, "c").owed
    assert [version_message(over, notice)[0] for notice in notices] == ["version-behind", "version-taken-up"]


@pytest.mark.parametrize("more", [{}, {"model_version": "3"}, {"wanted_version": "4", "wanted_at": BEAT}])
def test_who_says_no_version_is_not_judged(more: dict[str, Any]) -> None:
    assert versions_after(trader(NOW, **more), NOW, "a") == Watch()
