"""What people are told of, kind by kind: when it holds, under which name, and when that name is another one."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.fakes.bodies import body, changed, deleted
from tradai_operator.model import Condition, Environment, EnvironmentStatus, LayerFailure, LayerStatus, PlanStatus
from tradai_operator.model.records import NOTICES
from tradai_operator.model.times import moment
from tradai_operator.status.delivery import delivered, due_at, failed, next_due
from tradai_operator.status.notices import KINDS, Notice, about, notices_of

NOW = 1_800_000_000.0
ENV = Environment.parse(body())
GONE = Environment.parse(deleted(body()))
URN = "urn:pulumi:dev::tradai-compute::aws:ecs/service:Service::backend"
END = moment(NOW + 3600)


def failing(name: str = "compute", *, kind: str = "Provider", attempts: int = 5, **more: Any) -> LayerStatus:
    failure = LayerFailure.model_validate({"kind": kind, "urn": URN, "error": "no room", "hint": "Make some"})
    plain = {"state": "Failed", "operation": "up", "attempts": attempts, "failing_since": moment(NOW - 900)}
    fields = plain | {"failure": failure, "attempted_digest": "sha256:in", "next_retry_at": moment(NOW + 3600)}
    return LayerStatus(name=name).model_copy(update=fields | more)


def status(*layers: LayerStatus, **more: Any) -> EnvironmentStatus:
    return EnvironmentStatus(layers=layers).model_copy(update=more)


WAITS = PlanStatus(number=1, digest="sha256:plan", expires_at=END, data=("instance/database",))
UNCONFIRMED = Condition(type="Stalled", status="True", reason="ConfirmationMissing")
CONFIRM = {"phase": "DeleteFailed", "message": "confirm it", "conditions": (UNCONFIRMED,)}
WARNED = {"expires_at": END, "expiry_warned": END}

#: What holds → the kinds that are told of it, with a word that stands in each.
HOLDS: dict[str, tuple[Environment, EnvironmentStatus, list[tuple[str, str]]]] = {
    "nothing": (ENV, status(LayerStatus(name="compute", state="Ready")), []),
    "a plan": (ENV, status(plan=WAITS), [("Approval", "until 2027-01-15 09:00 UTC: tradai approve dev sha256:plan")]),
    "a plan that was used": (ENV, status(plan=PlanStatus(number=1, used_digest="sha256:plan")), []),
    "the plan of a deletion": (GONE, status(plan=WAITS), [("Approval", "It destroys data: instance/database")]),
    "a layer whose retries have ended": (
        ENV,
        status(failing()),
        [("Stalled", "Building compute failed, 5 times in a row: aws:ecs/service:Service backend: no room. Make some")],
    ),
    "one that is tried seldom": (ENV, status(failing()), [("Stalled", "only rarely, next at 2027-01-15 09:00 UTC")]),
    "one that waits for a change": (
        ENV,
        status(failing(kind="Program", attempts=1, next_retry_at=None)),
        [("Stalled", "It is not tried again until something it depends on changes")],
    ),
    "a destroy that failed for good": (GONE, status(failing(operation="destroy")), [("Stalled", "Destroying compute")]),
    "one that is still tried": (ENV, status(failing(attempts=4)), []),
    "one that is being tried": (ENV, status(failing(state="Running")), []),
    "one that waits for something else": (ENV, status(failing(state="Blocked")), []),
    "two at once": (ENV, status(failing("store"), failing()), [("Stalled", "store"), ("Stalled", "compute")]),
    "a plan and a layer": (ENV, status(failing(), plan=WAITS), [("Approval", "approve"), ("Stalled", "compute")]),
    "a deletion without its word": (GONE, status(**CONFIRM), [("Confirmation", "confirm it")]),
    "one that was approved": (GONE, status(plan=WAITS, **CONFIRM), [("Approval", ""), ("Confirmation", "confirm it")]),
    "data that a destroy came upon": (
        GONE,
        status(failing(kind="Unconfirmed", attempts=1), **CONFIRM),
        [("Confirmation", "compute: aws:ecs/service:Service backend: no room. Make some")],
    ),
    "a deletion that fails otherwise": (GONE, status(phase="DeleteFailed"), []),
    "an end": (ENV, status(**WARNED), [("Expiring", "will be deleted with all its data at 2027-01-15 09:00 UTC\n")]),
    "an end while suspended": (
        Environment.parse(body(suspend=True)),
        status(**WARNED),
        [("Expiring", "while it is suspended, it is kept")],
    ),
    "an end that was put off": (ENV, status(expires_at=moment(NOW + 9000), expiry_warned=END), []),
    "an end that has come": (GONE, status(**WARNED), []),
}  # fmt: skip


@pytest.mark.parametrize(("env", "now", "told"), HOLDS.values(), ids=HOLDS)
def test_what_holds_is_told_of_and_nothing_else(
    env: Environment, now: EnvironmentStatus, told: list[tuple[str, str]]
) -> None:
    found = notices_of(env, now)
    assert [notice.kind for notice in found] == [kind for kind, _ in told]
    for notice, (_, word) in zip(found, told, strict=True):
        assert word in notice.text
        assert notice.subject.startswith("dev: ")
        assert (notice.environment, notice.resource) == ("dev", "tradai/dev")
    assert len({notice.digest for notice in found}) == len(found)


def test_every_kind_is_told_of_in_that_table() -> None:
    assert {kind for _, _, told in HOLDS.values() for kind, _ in told} == set(KINDS)


def name(*layers: LayerStatus, env: Environment = ENV, **more: Any) -> str:
    return notices_of(env, status(*layers, **more))[-1].digest


#: One thing told in other words, or seen again → still the same name.
SAME: dict[str, Callable[[], tuple[str, str]]] = {
    "tried once more": lambda: (name(failing()), name(failing(attempts=6, next_retry_at=moment(NOW + 9000)))),
    "of another resource": lambda: (
        name(failing()),
        name(failing(failure=LayerFailure(kind="Provider", urn="urn:y", error="req-2: no"))),
    ),
    "another part of the spec": lambda: (
        name(failing()),
        name(failing(), env=Environment.parse(changed(body(), suspend=True))),
    ),
    "the same question in other words": lambda: (
        name(env=GONE, plan=WAITS, **CONFIRM),
        name(env=GONE, plan=WAITS, **CONFIRM | {"message": "still"}),
    ),
}
#: Another thing → another name.
OTHER: dict[str, Callable[[], tuple[str, str]]] = {
    "another layer": lambda: (name(failing()), name(failing("edge"))),
    "another environment": lambda: (name(failing()), name(failing(), env=Environment.parse(body(uid="uid-2")))),
    "another row of failures": lambda: (name(failing()), name(failing(failing_since=moment(NOW)))),
    "other inputs": lambda: (name(failing()), name(failing(attempted_digest="sha256:other"))),
    "another kind of failure": lambda: (name(failing()), name(failing(kind="Quota"))),
    "another plan": lambda: (
        name(env=GONE, plan=WAITS, **CONFIRM),
        name(env=GONE, plan=WAITS.model_copy(update={"digest": "sha256:next"}), **CONFIRM),
    ),
    "another end": lambda: (
        name(expires_at=END, expiry_warned=END),
        name(expires_at=moment(NOW + 9000), expiry_warned=moment(NOW + 9000)),
    ),
}


@pytest.mark.parametrize("names", SAME.values(), ids=SAME)
def test_the_same_thing_keeps_its_name(names: Callable[[], tuple[str, str]]) -> None:
    before, after = names()
    assert before == after


@pytest.mark.parametrize("names", OTHER.values(), ids=OTHER)
def test_another_thing_has_another_name(names: Callable[[], tuple[str, str]]) -> None:
    before, after = names()
    assert before != after


def test_a_plan_is_told_under_the_name_that_approves_it() -> None:
    assert name(plan=WAITS) == WAITS.digest


def test_what_failed_to_be_told_holds_nothing_else_up() -> None:
    both = status(failing(), plan=WAITS)
    plan, stalled = notices_of(ENV, both)
    assert next_due(ENV, both) == (0.0, plan)
    tried = failed(ENV, both, plan, "the webhook answered 500", NOW)
    assert next_due(ENV, tried) == (0.0, stalled)
    told = delivered(ENV, tried, stalled, NOW)
    assert next_due(ENV, told) == (NOW + 10, plan), "the plan is not lost because another thing was told"
    assert next_due(ENV, delivered(ENV, told, plan, NOW + 10)) is None


def test_what_was_told_is_remembered_while_it_holds_and_the_rest_within_bounds() -> None:
    now = delivered(ENV, status(plan=WAITS), notices_of(ENV, status(plan=WAITS))[0], NOW)
    for number in range(3 * NOTICES):
        row = failing(failing_since=moment(NOW + number))
        now = now.model_copy(update={"layers": (row,)})
        now = delivered(ENV, now, notices_of(ENV, now)[-1], NOW)
        assert len(now.notices) <= NOTICES
        assert [due_at(now, notice) for notice in notices_of(ENV, now)] == [None, None]
    assert len(now.notices) == NOTICES


def test_a_kind_of_another_version_can_be_spoken_of() -> None:
    assert about("Unheard") == "what happens"
    assert len({about(kind) for kind in KINDS}) == len(KINDS)


def test_a_notice_says_nothing_twice_to_a_status_that_a_newer_operator_wrote() -> None:
    kept = delivered(ENV, status(plan=WAITS), Notice("sha256:plan", "dev", "tradai/dev", "Approval", "", ""), NOW)
    again = EnvironmentStatus.parse(kept.dump() | {"unheard": 1})
    assert next_due(ENV, again) is None
