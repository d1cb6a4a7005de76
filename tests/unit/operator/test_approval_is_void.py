"""What an approval does not cover: any other question, and the same one when anything under it has changed."""

from dataclasses import replace
from typing import Any

import pytest

from tests.fakes.bodies import annotated, body, deleted
from tests.unit.operator.questions import (
    DAY,
    FACTS,
    NOW,
    OFF,
    after,
    asked_of,
    env,
    plan,
    question,
    starts,
    waiting,
)
from tradai_blueprints.tradai.declaration import TRADAI
from tradai_operator.decide.approval import next_run
from tradai_operator.decide.decision import StartPlan, StartUpdate
from tradai_operator.decide.desired import desired_digest
from tradai_operator.decide.facts import SecretFacts
from tradai_operator.decide.next_step import decide
from tradai_operator.decide.teardown_approval import teardown_digest
from tradai_operator.model import Environment, EnvironmentStatus, LayerStatus
from tradai_operator.model.times import moment
from tradai_operator.status.outcomes import with_layer
from tradai_operator.status.phases import Phase


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
    assert not any(action.plan for action in decision.actions if isinstance(action, StartUpdate))
    assert decision.plan is None or decision.plan.used_digest == ""


def test_the_unchanged_question_is_what_those_rows_differ_from() -> None:
    digest, status = asked_of("persistent")
    assert starts(decide(env(digest), status, FACTS)) == [("up", "persistent")]


def test_other_images_void_what_was_approved_for_those_before() -> None:
    """The digest that a run is given has them; a plan of other inputs is made anew."""
    before = desired_digest(env(), EnvironmentStatus(), FACTS, TRADAI.layer("compute"), {"backend": "sha256:1"})
    after_push = desired_digest(env(), EnvironmentStatus(), FACTS, TRADAI.layer("compute"), {"backend": "sha256:2"})
    layer = LayerStatus(name="compute", attempted_digest="sha256:old", plan=plan(inputs_digest=before, delete=1))
    found = next_run("Always", layer, StartUpdate("compute", after_push), NOW, granted=True)
    assert isinstance(found, StartPlan)


@pytest.mark.parametrize("changed", ["upstream", "nothing"])
def test_what_a_layer_reads_voids_its_approval_when_it_changes(changed: str) -> None:
    """An approved plan of compute does not outlive the outputs that it was made from."""
    built = EnvironmentStatus(outputs={"foundation": {"vpc_id": "vpc-1"}, "persistent": {}})
    moved = EnvironmentStatus(outputs={"foundation": {"vpc_id": "vpc-2"}, "persistent": {}})
    now = moved if changed == "upstream" else built
    made = desired_digest(env(), built, FACTS, TRADAI.layer("compute"), {})
    wanted = desired_digest(env(), now, FACTS, TRADAI.layer("compute"), {})
    layer = LayerStatus(name="compute", attempted_digest="sha256:old", plan=plan(inputs_digest=made, delete=1))
    found = next_run("Always", layer, StartUpdate("compute", wanted), NOW, granted=True)
    assert isinstance(found, StartPlan if changed == "upstream" else StartUpdate)


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


@pytest.mark.parametrize(
    "changes",
    [
        {"aws": {"assumeRoleArn": "arn:aws:iam::123456789012:role/other"}},
        {"aws": {"endpointUrl": "http://127.0.0.1:2"}},
        {"state": {"backendUrl": "s3://another"}},
    ],
)
def test_the_plan_of_a_destroy_is_made_for_its_place_and_role(changes: dict[str, dict[str, str]]) -> None:
    before = body()
    after = deleted(before)
    for part, values in changes.items():
        after["spec"][part] = after["spec"][part] | values
    assert teardown_digest(Environment.parse(before), "edge") == teardown_digest(
        Environment.parse(deleted(before)), "edge"
    )
    assert teardown_digest(Environment.parse(before), "edge") != teardown_digest(Environment.parse(after), "edge")
