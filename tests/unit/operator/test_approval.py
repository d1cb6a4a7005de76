"""What runs next under each policy of approval: one table a question, over the pure decision."""

from dataclasses import replace
from typing import Any

import pytest

from tests.fakes.bodies import annotated, body, deleted
from tradai_iac.blueprints import TRADAI
from tradai_iac.runner.contract import PlanRef
from tradai_operator.model import Environment, EnvironmentStatus, LayerPlan, LayerStatus, PlannedLayer, PlanStatus, Run
from tradai_operator.model.times import moment
from tradai_operator.reconcile.approval import next_run
from tradai_operator.reconcile.consent import teardown_digest
from tradai_operator.reconcile.decide import decide
from tradai_operator.reconcile.decision import Decision, StartRun
from tradai_operator.reconcile.desired import desired_digest
from tradai_operator.reconcile.facts import Facts, SecretFacts, StackFacts
from tradai_operator.status.outcomes import with_layer
from tradai_operator.status.phases import Phase
from tradai_operator.status.plans import LIFETIME, summary

NOW = 1_800_000_000.0
UP = StartRun("persistent", "up", "sha256:new")
DAY = LIFETIME.total_seconds()
LOST = "deletes aws:ecr/repository:Repository momentum"


def plan(**changes: Any) -> LayerPlan:
    base: dict[str, Any] = {
        "inputs_digest": "sha256:new",
        "run_id": "r1",
        "digest": "sha256:p",
        "planned_at": moment(NOW),
    }
    return LayerPlan(**(base | changes))


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


def _told(run: StartRun | None) -> str:
    if run is None:
        return "wait"
    if run.plan:
        assert run.plan == PlanRef(run_id="r1", digest="sha256:p")
        return "bound"
    return "first" if run.only_if_new else run.operation


#: Whatever the time is, the state bucket was asked just now.
FACTS = Facts(NOW, TRADAI, "1", SecretFacts(state="print"), since=NOW, stacks=StackFacts(float("inf")))
OFF: dict[str, Any] = {name: {"enabled": False} for name in ("compute", "edge")}


def env(approve: str = "", by: str = "jane", policy: str = "OnDestructive", **spec: Any) -> Environment:
    whole = body(**({"approval": policy, "layers": OFF} | spec))
    return Environment.parse(annotated(whole, approve=approve, approved_by=by) if approve else whole)


def waiting(*layers: str, before: EnvironmentStatus | None = None, **changes: Any) -> EnvironmentStatus:
    """A status in which those layers have a plan that destroys something, and the other one is up to date."""
    status = before or EnvironmentStatus()
    for name in ("persistent", "foundation"):
        wanted = desired_digest(env(), status, FACTS, TRADAI.layer(name), {})
        layer = LayerStatus(name=name, state="Ready", attempted_digest="sha256:old", inputs_digest=wanted)
        if name in layers:
            found = plan(inputs_digest=wanted, delete=1, destructive=(LOST,), destructive_total=1, **changes)
            layer = layer.model_copy(update={"inputs_digest": "sha256:old", "plan": found})
        status = with_layer(status, layer)
    return status


def after(decision: Decision, status: EnvironmentStatus) -> EnvironmentStatus:
    return status.model_copy(update={"plan": decision.plan})


def starts(decision: Decision) -> list[tuple[str, str]]:
    return [(action.operation, action.layer) for action in decision.actions if isinstance(action, StartRun)]


def question(status: EnvironmentStatus, **more: Any) -> tuple[str, EnvironmentStatus]:
    decision = decide(env(**more), status, FACTS)
    assert decision.plan is not None
    assert decision.plan.digest
    return decision.plan.digest, after(decision, status)


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
    assert {action.plan for action in decision.actions if isinstance(action, StartRun)} == {
        PlanRef(run_id="r1", digest="sha256:p")
    }
    assert decision.plan is not None
    assert (decision.plan.digest, decision.plan.used_digest, decision.plan.approved_by) == ("", digest, "jane")


@pytest.mark.parametrize(
    ("approve", "by"),
    [("sha256:other", "jane"), ("{}", "")],
    ids=["another digest", "an approval that names nobody"],
)
def test_what_approves_nothing(approve: str, by: str) -> None:
    digest, status = question(waiting("persistent"))
    decision = decide(env(approve.format(digest), by), status, FACTS)
    assert (decision.phase, starts(decision)) == (Phase.APPROVAL, [])
    assert decision.plan == status.plan


def test_the_same_plan_once_more_is_another_question() -> None:
    digest, status = question(waiting("persistent"))
    done = after(decide(env(digest), status, FACTS), status)
    again = decide(env(digest), waiting("persistent", before=done), FACTS)
    assert (again.phase, starts(again)) == (Phase.APPROVAL, [])
    assert again.plan is not None
    assert again.plan.digest not in {"", digest}


def test_an_approval_of_one_layer_is_none_of_two() -> None:
    digest, status = question(waiting("persistent"))
    both = waiting("persistent", "foundation", before=status)
    decision = decide(env(digest), both, FACTS)
    assert (decision.phase, starts(decision)) == (Phase.APPROVAL, [])


def test_a_changed_spec_voids_the_approval_and_is_planned_anew() -> None:
    digest, status = question(waiting("persistent"))
    layers = OFF | {"persistent": {"config": {"strategyRepositories": ["other"]}}}
    decision = decide(env(digest, layers=layers), status, FACTS)
    assert starts(decision) == [("preview", "persistent")]
    assert decision.plan is not None
    assert decision.plan.digest == ""
    back = decide(env(digest), after(decision, status), FACTS)
    assert starts(back) == [], "what was approved before the change is not approved after it"


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
        ([planned_layer("edge")], "takes nothing of edge, because its state is not there or is empty"),
        (
            [planned_layer("edge", delete=10), planned_layer("compute")],
            "10 to delete in edge; takes nothing of compute, because its state is not there or is empty",
        ),
        (
            [planned_layer("edge"), planned_layer("compute")],
            "takes nothing of edge, compute, because their states are not there or are empty",
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


def asked_of(*layers: str) -> tuple[str, EnvironmentStatus]:
    """The digest of the question about those layers, and the status in which it is open."""
    return question(waiting(*layers))


@pytest.mark.parametrize(
    ("spec", "facts", "plan_of"),
    [
        ({"layers": OFF | {"persistent": {"config": {"strategyRepositories": ["x"]}}}}, {}, {}),
        ({}, {"program_version": "2"}, {}),
        ({}, {"secrets": SecretFacts(state="another passphrase")}, {}),
        ({}, {"secrets": SecretFacts(state="print", layers={"persistent": {"token": "another value"}})}, {}),
        ({"aws": {"accountId": "123456789012", "region": "eu-central-1", "endpointUrl": "http://127.0.0.1:9"}}, {}, {}),
        ({"aws": {"accountId": "123456789012", "region": "us-east-1"}}, {}, {}),
        ({}, {"now": NOW + DAY}, {}),
        ({}, {}, {"digest": "sha256:another state"}),
        ({}, {}, {"run_id": "r2", "digest": "sha256:another content"}),
        ({"environment": "staging"}, {}, {}),
        ({"suspend": True}, {}, {}),
    ],
    ids=[
        "the spec changed", "another program", "another passphrase", "another value of a secret", "another endpoint",
        "another region", "its time is over", "the state changed and it was planned anew", "it was planned anew",
        "it is another environment's", "it is suspended",
    ],
)  # fmt: skip
def test_an_approval_is_void_when_anything_under_it_changes(
    spec: dict[str, Any], facts: dict[str, Any], plan_of: dict[str, Any]
) -> None:
    digest, status = asked_of("persistent")
    if plan_of:
        layer = status.layer("persistent")
        assert layer.plan is not None
        status = with_layer(status, layer.model_copy(update={"plan": layer.plan.model_copy(update=plan_of)}))
    decision = decide(env(digest, **spec), status, replace(FACTS, **facts))
    assert ("up", "persistent") not in starts(decision)
    assert not any(action.plan for action in decision.actions if isinstance(action, StartRun))
    assert decision.plan is None or decision.plan.used_digest == ""


def test_the_unchanged_question_is_what_those_rows_differ_from() -> None:
    digest, status = asked_of("persistent")
    assert starts(decide(env(digest), status, FACTS)) == [("up", "persistent")]


def test_other_images_void_what_was_approved_for_those_before() -> None:
    """The digest that a run is given has them; a plan of other inputs is made anew."""
    before = desired_digest(env(), EnvironmentStatus(), FACTS, TRADAI.layer("compute"), {"backend": "sha256:1"})
    after_push = desired_digest(env(), EnvironmentStatus(), FACTS, TRADAI.layer("compute"), {"backend": "sha256:2"})
    layer = LayerStatus(name="compute", attempted_digest="sha256:old", plan=plan(inputs_digest=before, delete=1))
    found = next_run("Always", layer, StartRun("compute", "up", after_push), NOW, granted=True)
    assert found is not None
    assert (found.operation, found.plan) == ("preview", None)


@pytest.mark.parametrize("changed", ["upstream", "nothing"])
def test_what_a_layer_reads_voids_its_approval_when_it_changes(changed: str) -> None:
    """An approved plan of compute does not outlive the outputs that it was made from."""
    built = EnvironmentStatus(outputs={"foundation": {"vpc_id": "vpc-1"}, "persistent": {}})
    moved = EnvironmentStatus(outputs={"foundation": {"vpc_id": "vpc-2"}, "persistent": {}})
    now = moved if changed == "upstream" else built
    made = desired_digest(env(), built, FACTS, TRADAI.layer("compute"), {})
    wanted = desired_digest(env(), now, FACTS, TRADAI.layer("compute"), {})
    layer = LayerStatus(name="compute", attempted_digest="sha256:old", plan=plan(inputs_digest=made, delete=1))
    found = next_run("Always", layer, StartRun("compute", "up", wanted), NOW, granted=True)
    assert found is not None
    assert (found.operation == "preview") == (changed == "upstream")


def test_an_approval_of_a_change_is_none_of_the_deletion() -> None:
    digest, status = asked_of("persistent")
    gone = Environment.parse(deleted(annotated(body(approval="OnDestructive", deletionPolicy="Everything"),
                                               approve=digest, approved_by="jane")))  # fmt: skip
    decision = decide(gone, status, FACTS)
    assert {operation for operation, _ in starts(decision)} == {"preview"}


def teardown_question(*layers: str, policy: str = "All") -> tuple[str, EnvironmentStatus]:
    """A deletion whose layers are planned and asked about."""
    base = Environment.parse(deleted(body(approval="OnDestructive", deletionPolicy=policy)))
    status = EnvironmentStatus()
    for name in layers:
        found = plan(inputs_digest=teardown_digest(base, name), digest=f"sha256:{name}", delete=1)
        status = with_layer(status, LayerStatus(name=name, state="Ready", attempted_digest="sha256:x", plan=found))
    decision = decide(base, status, FACTS)
    assert decision.plan is not None
    assert decision.plan.digest
    return decision.plan.digest, after(decision, status)


@pytest.mark.parametrize(
    ("policy", "changes", "goes"),
    [
        ("All", {}, True),
        ("Everything", {}, False),
        ("Soft", {}, False),
        ("All", {"digest": "sha256:another"}, False),
        ("All", {"planned_at": moment(NOW - DAY)}, False),
        ("All", {"inputs_digest": "sha256:of a change"}, False),
    ],
    ids=[
        "the question as it was asked", "the policy takes more now", "the policy takes less now",
        "another plan of one layer", "a plan whose time is over", "a change's plan in the place of the deletion's",
    ],
)  # fmt: skip
def test_a_deletion_begins_only_under_the_approval_of_just_what_it_takes_now(
    policy: str, changes: dict[str, Any], goes: bool
) -> None:
    digest, status = teardown_question("edge", "compute", "foundation", "persistent")
    layer = status.layer("edge")
    assert layer.plan is not None
    status = with_layer(status, layer.model_copy(update={"plan": layer.plan.model_copy(update=changes)}))
    now = deleted(annotated(body(approval="OnDestructive", deletionPolicy=policy), approve=digest, approved_by="jane"))
    decision = decide(Environment.parse(now), status, FACTS)
    assert bool([found for found in starts(decision) if found[0] == "destroy"]) is goes


def test_an_approval_of_another_environments_deletion_begins_nothing() -> None:
    digest, status = teardown_question("edge", "compute", "foundation")
    other = body(approval="OnDestructive", deletionPolicy="All", environment="staging")
    decision = decide(Environment.parse(deleted(annotated(other, approve=digest, approved_by="jane"))), status, FACTS)
    assert {operation for operation, _ in starts(decision)} == {"preview"}


def test_a_question_that_an_older_operator_asked_can_still_be_answered_or_is_asked_again() -> None:
    """As its status stands in the cluster: nothing in it is more than this version reads."""
    digest, status = asked_of("persistent")
    stored = EnvironmentStatus.parse(status.dump())
    assert starts(decide(env(digest), stored, FACTS)) == [("up", "persistent")]
