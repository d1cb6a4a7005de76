"""When a repair looks at AWS again: what is not shown yet is no absence, and an absence counts from the first look."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.unit.runner.mending import (
    BACKUP,
    BEGAN,
    HOUR,
    LOOKS,
    QUEUE,
    ROLE,
    STATE,
    Aws,
    Clock,
    Engine,
    latest,
    settler,
    stored,
)
from tests.unit.runner.states import operation, urn


class Late(Aws):
    """AWS shows the queue only after that many questions."""

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.hidden = hidden

    def get_queue_url(self, QueueName: str) -> Mapping[str, Any]:  # noqa: N803 - AWS's own name
        self.hidden -= 1
        return super().get_queue_url("nothing yet" if self.hidden >= 0 else QueueName)


def test_what_aws_does_not_show_yet_is_looked_at_again_in_the_same_run_where_that_is_soon(tmp_path: Path) -> None:
    store, clock = stored(operation("creating", QUEUE, "jobs")), Clock(BEGAN + 52)
    late = replace(settler(store, tmp_path, Late(1)), now=clock, pause=clock.pause)
    done = late.settle(Engine())
    assert done.failure is None
    assert "taken into the state" in done.repairs[0].what
    assert clock.waited == [5.0, 5.0], "one for the look, and one before what was found is read"
    assert set(store) == {STATE, BACKUP}


def test_what_aws_may_not_show_yet_is_the_runs_outcome_and_the_next_runs_look(tmp_path: Path) -> None:
    store, clock, aws = stored(operation("creating", QUEUE, "jobs")), Clock(BEGAN + HOUR), Late(1)
    before = store[STATE]
    one = replace(settler(store, tmp_path, aws, endpoint_url=None), now=clock, pause=clock.pause)
    first = one.settle(Engine())
    assert first.failure is not None
    assert (first.failure.kind, first.failure.urn) == ("Unseen", urn(QUEUE, "jobs"))
    assert clock.waited == []
    assert store[STATE] == before
    assert set(store) == {STATE, LOOKS}
    second = one.settle(engine := Engine())
    assert second.failure is not None
    assert second.failure.kind == "Unseen"
    assert latest(store)["resources"][1]["id"] == "http://jobs"
    assert engine.targets == [], "AWS may not show it to everybody yet, and what is not shown would be dropped"
    clock.now += HOUR
    third = one.settle(engine)
    assert "taken into the state" in third.repairs[0].what
    assert engine.targets == [[urn(QUEUE, "jobs")]]
    assert set(store) == {STATE, BACKUP}


def test_an_engine_that_writes_the_state_anew_does_not_make_the_interruption_younger(tmp_path: Path) -> None:
    store, clock = stored(operation("creating", QUEUE, "gone")), Clock(BEGAN + 5)
    again = replace(settler(store, tmp_path, endpoint_url=None), now=clock, pause=clock.pause)
    for _ in range(9):
        assert again.settle(Engine()).failure is not None
        body = json.loads(store[STATE])
        body["checkpoint"]["latest"]["manifest"]["time"] = datetime.fromtimestamp(clock.now, UTC).isoformat()
        store[STATE] = json.dumps(body).encode()
        clock.now += 5
    clock.now += 15
    done = again.settle(Engine())
    assert done.failure is None
    assert "nothing of it is in AWS" in done.repairs[0].what
    assert set(store) == {STATE, BACKUP}


@pytest.mark.parametrize(
    "change", [{"parent": "another"}, {}], ids=["of other inputs", "cleared by hand, and the same again"]
)
def test_another_interruption_of_the_same_thing_is_as_young_as_it_is(change: dict[str, Any], tmp_path: Path) -> None:
    store, clock = stored(operation("creating", QUEUE, "gone")), Clock(BEGAN + 5)
    first = replace(settler(store, tmp_path, endpoint_url=None), now=clock, pause=clock.pause)
    assert first.settle(Engine()).failure is not None
    looks = store[LOOKS]
    store |= stored(operation("creating", QUEUE, "gone", **change))
    store[LOOKS] = looks
    clock.now = BEGAN + HOUR
    assert first.settle(Engine()).failure is not None


def test_where_nothing_is_half_made_any_more_earlier_looks_are_forgotten(tmp_path: Path) -> None:
    store, clock = stored(operation("creating", QUEUE, "gone")), Clock(BEGAN + 5)
    one = replace(settler(store, tmp_path, endpoint_url=None), now=clock, pause=clock.pause)
    one.settle(Engine())
    assert LOOKS in store
    store |= stored(operation("updating", ROLE, "known"))
    one.settle(Engine())
    assert LOOKS not in store


def test_one_of_our_own_machines_that_is_ahead_of_time_makes_nothing_old(tmp_path: Path) -> None:
    store, clock = stored(operation("creating", QUEUE, "gone")), Clock(BEGAN - 30)
    done = replace(settler(store, tmp_path, endpoint_url=None), now=clock, pause=clock.pause).settle(Engine())
    assert done.failure is not None
    assert done.failure.kind == "Unseen"
