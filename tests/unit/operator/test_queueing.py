"""What a decision wants to start, and how it reads where the line says no: a table over the pure functions."""

from dataclasses import replace
from typing import Any

import pytest

from tradai_operator.decide.decision import CancelRun, Decision, StartDriftCheck, StartPlan, StartRun, StartUpdate
from tradai_operator.decide.queueing import held_back, live, queued, wanted
from tradai_operator.model import EnvironmentStatus, PlanStatus
from tradai_operator.model.times import moment
from tradai_operator.status.phases import LayerNote, Phase
from tradai_runner.contract import PlanRef
from tradai_runner.contract.drift import DriftLook

NOW = 1_800_000_000.0
EMPTY = EnvironmentStatus()
RUNNING = {"name": "edge", "run": {"id": "run-1", "executor": "local", "handle": "h"}}
BUSY = EnvironmentStatus.parse({"layers": [RUNNING]})
PLAN = PlanRef(run_id="run-0", digest="p")
STORE, WORK = StartUpdate("store", "a"), StartUpdate("work", "b")
PREVIEW = StartPlan("store", "a")
ASIDE, LOOK = replace(PREVIEW, purpose="Offer"), StartDriftCheck("store", {}, DriftLook())
USED = PlanStatus(used_digest="question")


def decision(*starts: Any, phase: Phase = Phase.BUILDING, **more: Any) -> Decision:
    return Decision(phase, "LayersRunning", "building", actions=starts, retry_seen="now", **more)


@pytest.mark.parametrize(
    ("made", "groups"),
    [
        (decision(), ()),
        (decision(STORE, WORK), (("store",), ("work",))),
        (decision(CancelRun("store", "h"), WORK), (("work",),)),
        (decision(replace(STORE, plan=PLAN), replace(WORK, plan=PLAN), plan=USED), (("store", "work"),)),
        (decision(replace(STORE, plan=PLAN), WORK, plan=USED), (("store",), ("work",))),
        (decision(replace(STORE, plan=PLAN), replace(WORK, plan=PLAN), plan=PlanStatus()), (("store",), ("work",))),
    ],
    ids=["nothing", "each by itself", "only starts", "what one approval permits", "not the others", "approved before"],
)
def test_what_begins_as_one(made: Decision, groups: tuple[tuple[str, ...], ...]) -> None:
    assert wanted(EMPTY, made) == groups


def test_what_goes_on_keeps_its_place_and_so_does_a_look() -> None:
    look = {"name": "store", "run": {"id": "run-2", "executor": "local", "handle": "g"}}
    status = EnvironmentStatus.parse({"layers": [RUNNING, {"name": "work"}], "drift": {"layers": [look]}})
    assert live(status) == {"edge", "store"}


def test_a_decision_with_a_place_for_everything_is_left_as_it_is() -> None:
    made = decision(STORE, WORK)
    assert held_back(EMPTY, made, {}, NOW) is made


@pytest.mark.parametrize(
    ("made", "status", "reason"),
    [
        (decision(STORE), EMPTY, "Queued"),
        (decision(STORE), BUSY, "LayersRunning"),
        (decision(STORE, WORK), EMPTY, "LayersRunning"),
        (decision(STORE, phase=Phase.RETRYING), EMPTY, "LayersRunning"),
    ],
    ids=["nothing else", "another runs", "another begins", "another phase"],
)
def test_the_environment_says_that_it_waits_where_nothing_of_it_moves(
    made: Decision, status: EnvironmentStatus, reason: str
) -> None:
    held = held_back(status, made, {"store": "3rd of 8"}, NOW)
    assert (held.reason, held.phase) == (reason, made.phase)
    assert STORE not in held.actions
    assert held.notes["store"] == LayerNote("Pending", "waits for a free place: 3rd of 8", queued_at=moment(NOW))


@pytest.mark.parametrize(
    ("start", "seen", "noted"),
    [(STORE, "now", True), (PREVIEW, "", True), (ASIDE, "now", False), (LOOK, "now", False)],
    ids=["an update", "a preview", "a look aside", "a look for drift"],
)
def test_a_retry_is_not_forgotten_and_a_look_says_nothing_of_its_layer(start: StartRun, seen: str, noted: bool) -> None:
    held = held_back(EMPTY, decision(start), {"store": "1st of 1"}, NOW)
    assert (held.retry_seen, "store" in held.notes, held.actions) == (seen, noted, ())


@pytest.mark.parametrize(
    ("plan", "spent"), [(PLAN, False), (None, True)], ids=["what it permits waits", "something else waits"]
)
def test_an_approval_is_not_used_up_by_a_run_that_waits(plan: PlanRef | None, spent: bool) -> None:
    made = decision(replace(STORE, plan=plan), replace(WORK, plan=PLAN), plan=USED, granted=("work",))
    held = held_back(EMPTY, made, {"store": "1st of 1"}, NOW)
    assert (held.plan, held.granted) == ((USED, ("work",)) if spent else (None, ()))


def test_who_waited_before_has_waited_since_then() -> None:
    waits = EnvironmentStatus.parse({"layers": [{"name": "store", "queuedAt": moment(NOW - 60)}, {"name": "work"}]})
    assert queued(waits) == {"store": NOW - 60}
    held = held_back(waits, decision(STORE, WORK), {"store": "1st of 2", "work": "2nd of 2"}, NOW)
    assert [held.notes[name].queued_at for name in ("store", "work")] == [moment(NOW - 60), moment(NOW)]


def test_who_runs_waits_no_more() -> None:
    begun = EnvironmentStatus.parse({"layers": [{**RUNNING, "queuedAt": moment(NOW - 60)}]})
    assert queued(begun) == {}
