"""Maintenance windows: when they are open, and what waits for them in an environment's loop over fakes."""

from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.bodies import annotated, body, changed, deleted
from tests.fakes.drive import FOUNDATION, PERSISTENT, Drive
from tests.fakes.world import World
from tradai_operator.model import Environment, InvalidResource
from tradai_operator.model.cron import next_after
from tradai_operator.model.durations import parse_duration
from tradai_operator.model.maintenance import Maintenance, Window

#: A Friday, 08:00 UTC.
NOW = 1_800_000_000.0
HOUR = 3600.0
WINDOWS = {"windows": [{"schedule": "0 22 * * SAT", "duration": "4h"}]}
OPENS = NOW + 38 * HOUR
CHANGE: dict[str, Any] = {"compute": {"config": {"skipAlb": True}}}


def at(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


@pytest.mark.parametrize(
    ("schedule", "duration", "timezone", "now", "opens"),
    [
        ("0 22 * * SAT", "4h", "UTC", "2027-01-15T08:00+00:00", "2027-01-16T22:00+00:00"),
        ("0 22 * * SAT", "4h", "UTC", "2027-01-16T21:59+00:00", "2027-01-16T22:00+00:00"),
        ("0 22 * * SAT", "4h", "UTC", "2027-01-16T22:00+00:00", None),
        ("0 22 * * SAT", "4h", "UTC", "2027-01-17T01:59+00:00", None),
        ("0 22 * * SAT", "4h", "UTC", "2027-01-17T02:00+00:00", "2027-01-23T22:00+00:00"),
        ("0 22 * * SAT", "4h", "Europe/Berlin", "2027-01-16T20:59+00:00", "2027-01-16T21:00+00:00"),
        ("0 22 * * SAT", "4h", "Europe/Berlin", "2027-07-10T19:59+00:00", "2027-07-10T20:00+00:00"),
        # the night in which 02:30 does not exist
        ("30 2 * * *", "1h", "Europe/Berlin", "2027-03-28T00:30+00:00", "2027-03-28T01:00+00:00"),
        ("0 * * * *", "2h", "UTC", "2027-01-15T08:30+00:00", None),
    ],
)
def test_a_window_is_open_from_its_schedule_for_its_duration(
    schedule: str, duration: str, timezone: str, now: str, opens: str | None
) -> None:
    window = Window(schedule=schedule, duration=duration, timezone=timezone)
    assert window.opens(at(now)) == (at(opens) if opens else None)


def test_a_window_without_a_zone_is_one_of_utc_as_objects_have_it_that_were_stored_with_the_default() -> None:
    (silent,) = WINDOWS["windows"]
    told = Environment.parse(body(maintenance={"windows": [silent | {"timezone": "UTC"}]}))
    assert Environment.parse(body(maintenance=WINDOWS)).spec == told.spec


@given(st.floats(NOW, NOW + 400 * 24 * HOUR), st.sampled_from(["0 22 * * SAT", "*/7 3 1 * *", "0 2 * * 1-5"]))
def test_what_opens_next_is_open_then_and_shut_just_before(now: float, schedule: str) -> None:
    window = Window(schedule=schedule, duration="5m", timezone="America/New_York")
    opens = window.opens(now)
    if opens is None:
        assert next_after(schedule, now - parse_duration("5m").total_seconds(), "America/New_York") <= now
    else:
        assert opens > now
        assert window.opens(opens) is None
        assert window.opens(opens - 1) == opens


@pytest.mark.parametrize(
    ("schedule", "zone", "night"),
    [
        ("30 2 * * *", "Europe/Berlin", "2026-10-24T22:00+00:00"),
        ("0 2 * * *", "Europe/Berlin", "2026-10-24T22:00+00:00"),
        ("0 3 * * SUN", "Europe/Berlin", "2026-10-24T22:00+00:00"),
        ("30 1 * * *", "America/New_York", "2026-11-01T03:00+00:00"),
        ("45 1 * * *", "Australia/Lord_Howe", "2027-04-03T12:00+00:00"),
        ("30 2 * * *", "Europe/Berlin", "2027-03-27T22:00+00:00"),
    ],
)
def test_no_window_opens_twice_where_an_hour_comes_twice_nor_is_lost_where_one_is_missing(
    schedule: str, zone: str, night: str
) -> None:
    window = Window(schedule=schedule, duration="30m", timezone=zone)
    opened = [window.opens(at(night) + 60 * minute) is None for minute in range(8 * 60)]
    assert sum(now and not before for before, now in pairwise(opened)) == 1
    assert sum(opened) == 30


def test_one_open_window_is_enough_and_the_first_to_open_counts() -> None:
    nights = {"schedule": "0 1 * * *", "duration": "1h"}
    both = Maintenance.model_validate({"windows": [*WINDOWS["windows"], nights]})
    assert both.opens(at("2027-01-15T08:00+00:00")) == at("2027-01-16T01:00+00:00")
    assert both.opens(at("2027-01-16T22:30+00:00")) is None


@pytest.mark.parametrize(
    ("window", "says"),
    [
        ({"schedule": "0 22 * *", "duration": "4h"}, "write five fields"),
        ({"schedule": "0 0 31 2 *", "duration": "4h"}, "never comes round"),
        ({"schedule": "0 22 * * SAT", "duration": "8d"}, "open for at most 7 days"),
        ({"schedule": "0 22 * * SAT", "duration": "4h", "timezone": "Mars/Base"}, "no time zone 'Mars/Base'"),
    ],
)
def test_what_is_no_window_is_said_in_a_sentence(window: dict[str, str], says: str) -> None:
    with pytest.raises(InvalidResource, match=says):
        Environment.parse(body(maintenance={"windows": [window]}))


@pytest.fixture
async def drive() -> Drive:
    """A Ready environment with a window that opens in a day and a half."""
    found = Drive(World(), body(maintenance=WINDOWS))
    await found.build()
    return found


async def test_a_first_creation_waits_for_no_window(drive: Drive) -> None:
    assert drive.status["phase"] == "Ready"
    assert len(drive.world.executor.order) == 4


async def test_a_change_of_what_stands_waits_and_says_when_it_begins(drive: Drive) -> None:
    await drive.put(changed(drive.body, layers=CHANGE))
    assert not drive.world.executor.live
    assert drive.status["phase"] == "WaitingForWindow"
    assert "opens at 2027-01-16 22:00 UTC" in drive.status["message"]
    ready, moving = drive.condition("Ready"), drive.condition("Reconciling")
    assert (ready["status"], ready["observedGeneration"]) == ("False", 2)
    assert (moving["status"], drive.condition("Stalled")["status"]) == ("True", "False")
    drive.world.clock.time = OPENS - HOUR
    wake = await drive.turn()
    assert wake is not None
    assert wake <= OPENS
    drive.world.clock.time = OPENS
    await drive.turn()
    assert set(drive.world.executor.live) == {"compute"}


async def test_a_run_that_began_in_the_window_ends_and_the_next_waits(drive: Drive) -> None:
    await drive.put(changed(drive.body, layers=CHANGE))
    drive.world.clock.time = OPENS + 4 * HOUR - 1
    await drive.turn()
    drive.world.clock.time += 60
    await drive.turn()
    assert set(drive.world.executor.live) == {"compute"}
    assert not drive.world.executor.cancelled
    drive.world.executor.succeed("compute", {"alb_dns_name": "new.local"})
    await drive.turn()
    assert not drive.world.executor.live
    assert drive.status["phase"] == "WaitingForWindow"


async def test_a_creation_that_failed_half_way_is_mended_at_any_time() -> None:
    drive = Drive(World(), body(maintenance=WINDOWS))
    await drive.turn()
    drive.world.executor.fail("foundation", "Program")
    drive.world.executor.succeed("persistent", PERSISTENT)
    await drive.turn()
    await drive.put(changed(drive.body, layers={"foundation": {"config": {"alertEmails": ["a@example.com"]}}}))
    assert "foundation" in drive.world.executor.live
    drive.world.executor.succeed("foundation", FOUNDATION)


async def test_a_deletion_waits_for_no_window(drive: Drive) -> None:
    await drive.put(deleted(drive.body))
    assert set(drive.world.executor.live) == {"edge"}


async def test_an_approver_overrides_the_windows_for_four_hours_and_is_named(drive: Drive) -> None:
    await drive.put(changed(drive.body, layers=CHANGE))
    await drive.put(annotated(drive.body, open_window="2027-01-15T08:00:00Z", opened_by="april"))
    assert set(drive.world.executor.live) == {"compute"}
    assert drive.status["window"] == {"openedBy": "april", "openedUntil": "2027-01-15T12:00:00Z"}
    said = [event.message for event in drive.world.cluster.events if event.reason == "WindowOverridden"]
    assert said == ["april overrode the maintenance windows until 2027-01-15 12:00 UTC"]
    drive.world.clock.time += 4 * HOUR
    drive.world.executor.succeed("compute", {"alb_dns_name": "new.local"})
    await drive.turn()
    assert drive.status["phase"] == "WaitingForWindow"


@pytest.mark.parametrize(
    "annotations",
    [
        {"open_window": "2027-01-15T08:00:00Z"},
        {"open_window": "2027-01-15T08:00:01Z", "opened_by": "april"},
        {"open_window": "2027-01-15T03:59:00Z", "opened_by": "april"},
        {"open_window": "now", "opened_by": "april"},
    ],
    ids=["without a name", "not yet", "no more", "no moment"],
)
async def test_nothing_else_overrides_them(drive: Drive, annotations: dict[str, str]) -> None:
    await drive.put(annotated(changed(drive.body, layers=CHANGE), **annotations))
    assert not drive.world.executor.live


async def test_a_plan_is_made_before_the_window_so_that_it_can_be_approved_in_time(drive: Drive) -> None:
    drive.world.executor.order.clear()
    await drive.put(changed(drive.body, layers=CHANGE, approval="Always"))
    assert not drive.world.executor.order
    drive.world.clock.time = OPENS - 12 * HOUR
    drive.world.executor.ended_at = drive.world.clock.time
    await drive.turn()
    assert drive.world.executor.order == [("preview", "compute")]
    drive.world.executor.plan("compute", update=1)
    await drive.turn()
    assert drive.status["phase"] == "WaitingForApproval"
    await drive.put(annotated(drive.body, approve=drive.status["plan"]["digest"], approved_by="april"))
    assert drive.status["phase"] == "WaitingForWindow"
    drive.world.clock.time = OPENS
    await drive.turn()
    assert drive.world.executor.order == [("preview", "compute"), ("up", "compute")]
