"""What a destroy would take, read from the state: what is lost, what stays, what has to be confirmed, what binds it."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.runner.objects import Objects
from tests.unit.runner.test_runner_rooms import request
from tradai_blueprints.tradai.declaration import TRADAI
from tradai_runner.contract import PlanRef, PlanSummary
from tradai_runner.journal.local import RunJournal
from tradai_runner.plan.changes import Plan
from tradai_runner.planning import Planning
from tradai_runner.state.checkpoint import Checkpoint, Recorded
from tradai_runner.teardown.plan import confirmation, deletions, exceeds, unconfirmed

DATABASE = "aws:rds/instance:Instance"
TOPIC = "aws:sns/topic:Topic"


def recorded(type_: str, name: str, *, protect: bool = False, retained: bool = False, **inputs: Any) -> Recorded:
    urn = f"urn:pulumi:prod::tradai-foundation::{type_}::{name}"
    return Recorded(urn, type_, name, f"id-{name}", inputs, {}, protect=protect, retained=retained)


KEPT = recorded(DATABASE, "database", deletionProtection=True, finalSnapshotIdentifier="s-1")
LOST = recorded(DATABASE, "database", skipFinalSnapshot=True)


def holding(*resources: Recorded) -> Checkpoint:
    return Checkpoint(
        (recorded("pulumi:pulumi:Stack", "stack"), recorded("tradai:foundation:Database", "d"), *resources)
    )


def plan(checkpoint: Checkpoint) -> Plan:
    changes = deletions(checkpoint, TRADAI)
    return Plan(run_id="r1", layer="foundation", environment="prod", state_version="v1", changes=changes)


@pytest.mark.parametrize(
    ("resource", "said"),
    [
        (KEPT, f"deletes {DATABASE} database with its data, leaving the final snapshot s-1"),
        (LOST, f"deletes {DATABASE} database with its data"),
        (recorded(TOPIC, "alerts"), f"deletes {TOPIC} alerts"),
        (
            recorded("aws:secretsmanager/secret:Secret", "jwt", recoveryWindowInDays=30.0),
            "deletes aws:secretsmanager/secret:Secret jwt, leaving the secret for 30 days",
        ),
        (
            recorded("aws:secretsmanager/secret:Secret", "jwt", recoveryWindowInDays=0),
            "deletes aws:secretsmanager/secret:Secret jwt",
        ),
    ],
)
def test_each_loss_is_a_sentence_with_what_is_left_of_it(resource: Recorded, said: str) -> None:
    assert plan(holding(resource)).summary().destructive == (said,)


def test_only_what_stands_in_a_cloud_counts_and_data_comes_first() -> None:
    summary = plan(holding(recorded(TOPIC, "alerts"), KEPT)).summary()
    assert (summary.delete, summary.destructive_total, summary.data) == (2, 2, ("instance/database",))
    assert "Instance database" in summary.destructive[0]


def test_what_is_retained_is_listed_and_lost_to_nobody() -> None:
    found = plan(holding(recorded("aws:s3/bucket:Bucket", "logs", retained=True)))
    assert (found.summary().delete, found.destructive, found.summary().data) == (1, (), ())


def test_protection_is_shown_and_is_no_other_loss() -> None:
    before, lifted = holding(KEPT), holding(recorded(DATABASE, "database", finalSnapshotIdentifier="s-1"))
    assert [change.protected for change in deletions(before, TRADAI)] == [True]
    assert exceeds(plan(before), lifted, TRADAI) is None


@pytest.mark.parametrize(
    ("confirmed", "allowed"),
    [
        (None, True),
        (("*",), True),
        (("instance/database",), True),
        (("table/runs", "instance/database"), True),
        ((), False),
        (("prod",), False),
        (("database",), False),
    ],
)
def test_data_goes_only_by_its_name(confirmed: tuple[str, ...] | None, allowed: bool) -> None:
    failure = unconfirmed(holding(KEPT), TRADAI, confirmed)
    assert (failure is None) == allowed
    if failure:
        assert failure.kind == "Unconfirmed"
        assert "tradai.io/confirm-destroy=instance/database" in failure.hint


def test_what_holds_no_data_needs_no_name() -> None:
    assert unconfirmed(holding(recorded(TOPIC, "alerts")), TRADAI, ()) is None


def test_names_say_what_they_name() -> None:
    assert confirmation("aws:cognito/userPool:UserPool", "users") == "userpool/users"


@pytest.mark.parametrize(
    ("now", "same"),
    [
        ((KEPT,), True),
        ((), True),
        ((KEPT, recorded(TOPIC, "new")), False),
        ((LOST,), False),
        ((Recorded(**{**vars(KEPT), "id": "another"}),), False),
    ],
    ids=["as it was", "gone already", "something new", "without its snapshot", "another one of the same name"],
)
def test_a_destroy_takes_nothing_that_was_not_planned(now: tuple[Recorded, ...], same: bool) -> None:
    failure = exceeds(plan(holding(KEPT)), holding(*now), TRADAI)
    assert (failure is None) == same
    assert failure is None or failure.kind == "Plan"


NAMES = st.sets(st.sampled_from("abcdefgh"))


@given(NAMES, NAMES)
def test_it_may_go_on_exactly_while_what_stands_is_part_of_the_plan(planned: set[str], now: set[str]) -> None:
    def of(names: set[str]) -> Checkpoint:
        return holding(*(recorded(TOPIC, name) for name in sorted(names)))

    assert (exceeds(plan(of(planned)), of(now), TRADAI) is None) == (now <= planned)


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Objects:
    found = Objects()
    monkeypatch.setattr("tradai_runner.bucket.store.open_store", lambda *_: found)
    return found


def planning(folder: Path, checkpoint: Checkpoint, **changes: Any) -> Planning:
    record: Any = SimpleNamespace(get=lambda: checkpoint)
    return Planning(request(layer="foundation", **changes), TRADAI, record, RunJournal(folder))


def kept(folder: Path) -> PlanSummary:
    return planning(folder, holding(KEPT), operation="preview", keep_plan=True, teardown=True).keep_teardown()


def test_a_kept_plan_binds_the_destroy_without_the_engine(tmp_path: Path, bucket: Objects) -> None:
    ref = PlanRef(run_id="r1", digest=kept(tmp_path).digest)
    bound = planning(tmp_path, holding(KEPT), operation="destroy", plan=ref)
    assert (bound.prepare(), bound.options) == (None, {}), "the engine takes no plan for a destroy"
    other = planning(tmp_path, holding(KEPT, recorded(TOPIC, "new")), operation="destroy", plan=ref).prepare()
    assert other is not None
    assert (other.kind, "Topic new" in other.error) == ("Plan", True)


def test_a_plan_of_a_destroy_that_is_gone_or_altered_is_refused(tmp_path: Path, bucket: Objects) -> None:
    ref = PlanRef(run_id="r1", digest=kept(tmp_path).digest)
    altered = planning(tmp_path, holding(), operation="destroy", plan=PlanRef(run_id="r1", digest="sha256:0")).prepare()
    assert altered is not None
    bucket.clear()
    gone = planning(tmp_path, holding(), operation="destroy", plan=ref).prepare()
    assert gone is not None
    assert [altered.kind, gone.kind] == ["Plan", "Plan"]
