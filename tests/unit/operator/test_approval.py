"""What runs next under each policy of approval: one table a question, over the pure decision."""

from typing import Any

import pytest

from tests.unit.operator.questions import DAY, FACTS, LOST, NOW, asked_of, env, plan, question, starts, waiting
from tradai_operator.decide.approval import next_run
from tradai_operator.decide.decision import StartPlan, StartUpdate
from tradai_operator.decide.next_step import decide
from tradai_operator.model import EnvironmentStatus, LayerPlan, LayerStatus, PlannedLayer, PlanStatus, Run
from tradai_operator.model.times import moment
from tradai_operator.status.outcomes import with_layer
from tradai_operator.status.phases import Phase
from tradai_operator.status.plans import summary
from tradai_runner.contract import PlanRef

UP = StartUpdate("persistent", "sha256:new")
NEW = LayerStatus(name="persistent")
STANDING = LayerStatus(name="persistent", state="Ready", attempted_digest="sha256:old", inputs_digest="sha256:old")
CALM = plan(create=1)
DIRE = plan(delete=1, destructive=(LOST,), destructive_total=1)
NOTHING = plan()


@pytest.mark.parametrize(
    ("policy", "layer", "now", "granted", "wanted"),
    [
        ("Never", NEW, NOW, False, "up"),
        ("Never", STANDING, NOW, False, "up"),
        ("OnDestructive", NEW, NOW, False, "first"),
        ("OnDestructive", STANDING, NOW, False, "preview"),
        ("OnDestructive", STANDING.model_copy(update={"plan": CALM}), NOW, False, "bound"),
        ("OnDestructive", STANDING.model_copy(update={"plan": DIRE}), NOW, False, "wait"),
        ("OnDestructive", STANDING.model_copy(update={"plan": DIRE}), NOW, True, "bound"),
        ("OnDestructive", STANDING.model_copy(update={"plan": DIRE}), NOW + DAY, True, "preview"),
        ("OnDestructive", STANDING.model_copy(update={"plan": plan(inputs_digest="sha256:x")}), NOW, True, "preview"),
        ("OnDestructive", STANDING.model_copy(update={"plan": plan(digest="")}), NOW, True, "preview"),
        ("Always", NEW, NOW, False, "preview"),
        ("Always", NEW.model_copy(update={"plan": CALM}), NOW, False, "wait"),
        ("Always", NEW.model_copy(update={"plan": CALM}), NOW, True, "bound"),
        ("Always", STANDING.model_copy(update={"plan": NOTHING}), NOW, False, "bound"),
    ],
    ids=[
        "nobody is asked where the policy says so",
        "nor about a layer that stands",
        "a first creation destroys nothing",
        "what stands is planned first",
        "a plan that destroys nothing goes ahead",
        "one that does waits",
        "until it is approved",
        "an approval does not outlive its plan",
        "a plan of other inputs counts for nothing",
        "a preview without an answer counts for nothing",
        "with Always a creation is planned too",
        "and waits",
        "until it is approved too",
        "a plan without changes asks for nothing",
    ],
)
def test_what_runs_next(policy: Any, layer: LayerStatus, now: float, granted: bool, wanted: str) -> None:
    found = next_run(policy, layer, UP, now, granted=granted)
    assert _told(found) == wanted


def _told(run: StartUpdate | StartPlan | None) -> str:
    if run is None:
        return "wait"
    if isinstance(run, StartPlan):
        return "preview"
    if run.plan:
        assert run.plan == PlanRef(run_id="r1", digest="sha256:p")
        return "bound"
    return "first" if run.only_if_new else "up"


def test_what_waits_says_what_is_lost_and_what_to_type() -> None:
    decision = decide(env(), waiting("persistent"), FACTS)
    assert (decision.phase, decision.reason, starts(decision)) == (Phase.APPROVAL, "ApprovalRequired", [])
    assert decision.plan is not None
    assert f"persistent: {LOST}" in decision.message
    assert f"`tradai approve dev {decision.plan.digest}`" in decision.message
    assert decision.plan.expires_at == moment(NOW + DAY)
    assert decision.wake_at == NOW + DAY


def test_layers_that_wait_are_one_question_and_those_below_are_unknown() -> None:
    below = {"edge": {"enabled": False}}
    decision = decide(env(layers=below), waiting("persistent", "foundation"), FACTS)
    assert decision.plan is not None
    assert [(layer.name, layer.unknown) for layer in decision.plan.layers] == [
        ("persistent", False),
        ("foundation", False),
        ("compute", True),
    ]
    assert decision.plan.destructive_total == 2


def test_an_approval_starts_everything_that_it_names_bound_to_what_was_planned() -> None:
    digest, status = question(waiting("persistent", "foundation"))
    decision = decide(env(digest), status, FACTS)
    assert starts(decision) == [("up", "persistent"), ("up", "foundation")]
    assert {action.plan for action in decision.actions if isinstance(action, StartUpdate)} == {
        PlanRef(run_id="r1", digest="sha256:p")
    }
    assert decision.plan is not None
    assert (decision.plan.digest, decision.plan.used_digest, decision.plan.approved_by) == ("", digest, "jane")


def test_nobody_is_asked_while_another_layer_is_still_planned() -> None:
    status = waiting("persistent")
    busy = status.layer("foundation").model_copy(
        update={"state": "Running", "operation": "preview", "run": Run(id="r2"), "plan": LayerPlan(run_id="r2")}
    )
    decision = decide(env(), with_layer(status, busy), FACTS)
    assert (decision.phase, decision.plan) == (Phase.BUILDING, None)


def test_a_suspended_environment_asks_for_nothing() -> None:
    decision = decide(env(suspend=True), waiting("persistent"), FACTS)
    assert (decision.phase, decision.plan) == (Phase.SUSPENDED, None)


def test_a_policy_of_never_lets_go_what_waited() -> None:
    decision = decide(env(policy="Never"), waiting("persistent"), FACTS)
    assert starts(decision) == [("up", "persistent")]


def planned_layer(name: str, **counts: Any) -> PlannedLayer:
    return PlannedLayer(name=name, **counts)


@pytest.mark.parametrize(
    ("layers", "told"),
    [
        ([planned_layer("edge", delete=10)], "10 to delete in edge"),
        ([planned_layer("edge")], "nothing to delete in edge, because its state is missing or empty"),
        (
            [planned_layer("edge", delete=10), planned_layer("compute")],
            "10 to delete in edge; nothing to delete in compute, because its state is missing or empty",
        ),
        (
            [planned_layer("edge"), planned_layer("compute")],
            "nothing to delete in edge, compute, because their states are missing or empty",
        ),
        ([planned_layer("edge", update=1, create=2)], "2 to create, 1 to update in edge"),
        (
            [planned_layer("persistent", create=2), planned_layer("compute", create=3, unknown=True)],
            "2 to create in persistent, 3 to create later in compute",
        ),
        (
            [planned_layer("persistent", create=2), planned_layer("compute", unknown=True)],
            "2 to create in persistent",
        ),
    ],
    ids=["counts", "an empty deletion", "one layer of it empty", "several", "a change", "foreseen", "not foreseen"],
)
def test_a_question_says_what_it_is_about(layers: list[PlannedLayer], told: str) -> None:
    assert summary(PlanStatus(digest="d", layers=tuple(layers))) == told


def test_a_question_that_an_older_operator_asked_can_still_be_answered_or_is_asked_again() -> None:
    """As its status stands in the cluster: nothing in it is more than this version reads."""
    digest, status = asked_of("persistent")
    stored = EnvironmentStatus.parse(status.dump())
    assert starts(decide(env(digest), stored, FACTS)) == [("up", "persistent")]
