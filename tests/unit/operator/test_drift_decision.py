"""Who is looked at for drift, and when: one table over the pure decision."""

from typing import Any

import pytest

from tests.fakes.bodies import annotated, body, deleted
from tradai_blueprints.tradai.declaration import TRADAI
from tradai_operator.decide.decision import CancelRun, Decision, StartDriftCheck, StartPlan, StartRun, StartUpdate
from tradai_operator.decide.desired import desired_digest
from tradai_operator.decide.drift import SPREAD_SECONDS, due_at, rules_digest
from tradai_operator.decide.facts import Facts, SecretFacts
from tradai_operator.decide.next_step import decide
from tradai_operator.model import Environment, EnvironmentStatus, LayerStatus, Run
from tradai_operator.model.drift_status import DriftStatus, LayerDrift, LookRun
from tradai_operator.model.times import moment
from tradai_operator.status.drift import CORRECTIONS
from tradai_operator.status.outcomes import with_layer
from tradai_operator.status.phases import Phase

#: 2027-01-15 08:00 UTC; the schedule's next moment is noon.
NOW = 1_800_000_000.0
NOON = NOW + 4 * 3600
ONE_LAYER = {name: {"enabled": False} for name in ("foundation", "compute", "edge")}


def env(uid: str = "uid-1", *, drift: dict[str, Any] | None = None, **spec: Any) -> Environment:
    return Environment.parse(body(uid=uid, layers=ONE_LAYER, drift=drift or {}, **spec))


RULES = rules_digest(env())


def facts(now: float = NOW, since: float = NOW) -> Facts:
    return Facts(now=now, blueprint=TRADAI, program_version="1", secrets=SecretFacts(state="s"), since=since)


def status(**found: Any) -> EnvironmentStatus:
    """The persistent layer stands as declared since now; `found` is what is known of its drift."""
    wanted = desired_digest(env(), EnvironmentStatus(), facts(), TRADAI.layer("persistent"), {})
    layer = LayerStatus(
        name="persistent",
        state="Ready",
        attempted_digest=wanted,
        inputs_digest=wanted,
        operation="up",
        finished_at=moment(NOW),
    )
    drift = DriftStatus(layers=(LayerDrift(name="persistent", **found),)) if found else None
    return with_layer(EnvironmentStatus(drift=drift), layer)


def found(finding: str = "Clean", at: float = NOW, **more: Any) -> dict[str, Any]:
    return {"finding": finding, "looked_at": moment(at), "tried_at": moment(at), "rules": RULES} | more


LIVE = {"run": LookRun(id="r9", handle="h9")}
LATE = NOON + SPREAD_SECONDS


def starts(decision: Decision) -> list[tuple[str, bool, bool]]:
    """(operation, whether it looks for drift, whether it reads anew)."""
    runs = [action for action in decision.actions if isinstance(action, StartRun)]
    return [
        (run.operation, isinstance(run, StartDriftCheck), isinstance(run, StartUpdate | StartPlan) and run.refresh)
        for run in runs
    ]


LOOK = [("preview", True, False)]


@pytest.mark.parametrize(
    ("drift", "standing", "now", "wanted"),
    [
        ({}, status(), NOW + 60, []),
        ({}, status(), LATE, LOOK),
        ({}, status(**found()), NOON - 60, []),
        ({}, status(**found()), LATE, LOOK),
        ({}, status(**found(at=NOON + 1000)), LATE + 1000, []),
        ({"schedule": "* * * * *"}, status(**found()), NOW + 899, []),
        ({"schedule": "* * * * *"}, status(**found()), NOW + 1200, LOOK),
        ({"enabled": False}, status(**found()), LATE, []),
        ({}, status(**found(), **LIVE), LATE, []),
        ({}, status(**found("Unknown", failures=1, next_look_at=moment(NOW + 20))), NOW + 10, []),
        ({}, status(**found("Unknown", failures=1, next_look_at=moment(NOW + 20))), NOW + 20, LOOK),
        ({}, status(**found("Unknown", failures=1)), NOW + 20, []),
        ({}, status(**found("Drifted", stale=True)), NOW + 1, LOOK),
        ({}, status(**found(rules="sha256:others")), NOW + 1, LOOK),
    ],
    ids=[
        "just built", "at the first moment of the schedule", "before the next moment", "after it",
        "after a look that came late", "by one stored too tight", "later by it", "switched off", "while a look goes on",
        "before a failed look is tried again", "when it is", "a failure that waiting cannot mend",
        "after it was put back", "after the ignore rules changed",
    ],
)  # fmt: skip
def test_when_a_layer_is_looked_at(
    drift: dict[str, Any], standing: EnvironmentStatus, now: float, wanted: list[Any]
) -> None:
    decision = decide(env(drift=drift), standing, facts(now))
    assert starts(decision) == wanted
    assert decision.phase is Phase.READY


def test_somebody_asks_for_a_look_once() -> None:
    asked = Environment.parse(annotated(body(layers=ONE_LAYER, drift={}), drift="now"))
    assert starts(decide(asked, status(**found()), facts())) == LOOK
    assert starts(decide(asked, status(**found(request="now")), facts())) == []


def test_a_suspended_environment_is_looked_at_and_not_put_back() -> None:
    drifted = status(**found("Drifted"))
    decision = decide(env(suspend=True, drift={"policy": "Correct"}), drifted, facts(LATE))
    assert starts(decision) == LOOK


def test_an_environment_under_deletion_is_not_looked_at_and_waits_for_a_look_to_stop() -> None:
    gone = Environment.parse(deleted(body(layers=ONE_LAYER, drift={})))
    assert starts(decide(gone, status(**found()), facts(LATE))) == []
    decision = decide(gone, status(**found(), **LIVE), facts(LATE))
    assert decision.actions == (CancelRun("persistent", "h9"),)
    assert decision.phase is Phase.DELETING


def test_a_layer_with_something_to_do_is_not_looked_at_and_waits_for_a_look_to_stop() -> None:
    layers = ONE_LAYER | {"persistent": {"config": {"strategyRepositories": ["other"]}}}
    assert starts(decide(_changed(layers), status(**found()), facts(LATE))) == [("up", False, False)]
    decision = decide(_changed(layers), status(**found(), **LIVE), facts(LATE))
    assert decision.actions == (CancelRun("persistent", "h9"),)


def _changed(layers: dict[str, Any]) -> Environment:
    return Environment.parse(body(layers=layers, drift={}))


def test_a_running_layer_is_not_looked_at() -> None:
    standing = status(**found())
    layer = standing.layer("persistent").model_copy(update={"run": Run(id="r", handle="h"), "state": "Running"})
    assert decide(env(), with_layer(standing, layer), facts(LATE)).actions == ()


def test_a_look_at_a_layer_whose_upstream_is_about_to_run_makes_way() -> None:
    standing = EnvironmentStatus(drift=DriftStatus(layers=(LayerDrift(name="compute", **LIVE),)))
    actions = decide(Environment.parse(body(drift={})), standing, facts()).actions
    assert CancelRun("compute", "h9") in actions
    assert {action.layer for action in actions if isinstance(action, StartRun)} == {"persistent", "foundation"}


def test_switched_off_the_look_that_goes_on_is_stopped() -> None:
    decision = decide(env(drift={"enabled": False}), status(**found(), **LIVE), facts(LATE))
    assert decision.actions == (CancelRun("persistent", "h9"),)


def test_environments_with_one_schedule_look_at_times_of_their_own() -> None:
    times = {due_at(env(f"uid-{number}"), status(), facts(), "persistent") for number in range(50)}
    assert len(times) == 50
    assert NOON <= min(times) < max(times) <= NOON + SPREAD_SECONDS
    decision = decide(env(), status(), facts())
    assert decision.wake_at == due_at(env(), status(), facts(), "persistent")


def test_a_restarted_operator_does_not_look_at_everything_at_once() -> None:
    started = NOON + 24 * 3600
    times = {due_at(env(f"uid-{n}"), status(**found()), facts(started, started), "persistent") for n in range(50)}
    assert started < min(times)
    assert max(times) - min(times) > SPREAD_SECONDS / 2
    early = status(**found(at=started))
    assert due_at(env(), early, facts(started, started), "persistent") > started + 3600


CORRECT = {"policy": "Correct"}


@pytest.mark.parametrize(
    ("drift", "known", "now", "wanted"),
    [
        (CORRECT, found("Drifted"), NOW + 1, [("up", False, True)]),
        (CORRECT, found("Clean"), NOW + 1, []),
        (CORRECT, found("Unknown"), NOW + 1, []),
        ({}, found("Drifted"), NOW + 1, []),
        (CORRECT | {"enabled": False}, found("Drifted"), NOW + 1, []),
        (CORRECT, found("Drifted", stale=True), NOW + 1, LOOK),
        (CORRECT, found("Drifted", corrections=1, corrected_at=moment(NOW)), NOW + 599, []),
        (CORRECT, found("Drifted", corrections=1, corrected_at=moment(NOW)), NOW + 600, [("up", False, True)]),
        (CORRECT, found("Drifted", corrections=3, corrected_at=moment(NOW)), NOW + 2399, []),
    ],
    ids=[
        "drifted", "clean", "unknown", "only reported", "switched off", "put back, not looked at since",
        "came right back", "a while later", "came back for the third time",
    ],
)  # fmt: skip
def test_when_what_drifted_is_put_back(
    drift: dict[str, Any], known: dict[str, Any], now: float, wanted: list[Any]
) -> None:
    assert starts(decide(env(drift=drift), status(**known), facts(now))) == wanted


def test_the_wait_for_the_next_correction_is_when_the_loop_wakes() -> None:
    standing = status(**found("Drifted", corrections=1, corrected_at=moment(NOW)))
    decision = decide(env(drift=CORRECT), standing, facts(NOW + 1))
    assert (decision.phase, decision.wake_at) == (Phase.READY, NOW + 600)


@pytest.mark.parametrize("policy", ["Always", "OnDestructive"])
def test_a_correction_is_planned_first_where_changes_may_need_approval(policy: str) -> None:
    decision = decide(env(drift=CORRECT, approval=policy), status(**found("Drifted")), facts())
    assert starts(decision) == [("preview", False, True)]


def test_corrections_grow_ever_more_seldom() -> None:
    waits = [CORRECTIONS.wait(number) for number in range(1, 9)]
    assert waits[0] == 600
    assert waits == sorted(waits, key=lambda wait: wait or 0)
    assert waits[-1] == 21600
