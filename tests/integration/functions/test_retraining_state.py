"""The lease of a model, on a deployed table."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.retraining import Outcome, Retrainings, Standing

LEASE = timedelta(hours=10)


class Hands:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 29, 10, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Hands:
    return Hands()


@pytest.fixture
def runs(deployed: Any, clock: Hands) -> Retrainings:
    return Retrainings(deployed.table("retraining-state").name, clock)


def test_a_model_has_one_run_at_a_time(runs: Retrainings, clock: Hands) -> None:
    assert runs.take("m", "a", {"strategy": "S"}, LEASE) is Standing.FREE
    assert runs.take("m", "a", {"strategy": "S"}, LEASE) is Standing.OURS
    assert runs.take("m", "b", {}, LEASE) is Standing.BUSY
    assert runs.note("m", "a", execution_arn="arn")
    assert not runs.note("m", "b", execution_arn="other")
    assert not runs.release("m", "b", Outcome.FAILED)
    found = runs.get("m")
    assert found and found.running(clock.at) and found.execution_arn == "arn" and found.request == {"strategy": "S"}


def test_a_run_gives_its_model_back_once(runs: Retrainings, clock: Hands) -> None:
    runs.take("m", "a", {}, LEASE)
    clock.at += timedelta(hours=1)
    assert runs.release("m", "a", Outcome.PROMOTED, "it won")
    assert not runs.release("m", "a", Outcome.FAILED)
    found = runs.get("m")
    assert found and not found.running(clock.at)
    assert (found.outcome, found.reason, found.ended_at) == (Outcome.PROMOTED, "it won", "2026-11-29T11:00:00.000000Z")
    assert runs.take("m", "a", {}, LEASE) is Standing.OVER
    assert runs.take("m", "b", {}, LEASE) is Standing.FREE


def test_a_run_of_which_nobody_hears_loses_its_model_in_time(runs: Retrainings, clock: Hands) -> None:
    runs.take("m", "a", {}, LEASE)
    clock.at += LEASE
    assert runs.take("m", "b", {}, LEASE) is Standing.FREE
    assert not runs.release("m", "a", Outcome.KEPT)
    found = runs.get("m")
    assert found and found.run_id == "b" and found.running(clock.at)


def test_of_two_runs_at_once_one_gets_the_model(runs: Retrainings, monkeypatch: pytest.MonkeyPatch) -> None:
    write: Callable[..., bool] = runs.table.update
    between = iter([True])

    def update(*args: Any) -> bool:
        if next(between, False):
            assert runs.take("m", "b", {}, LEASE) is Standing.FREE
        return write(*args)

    monkeypatch.setattr(runs.table, "update", update)
    assert runs.take("m", "a", {}, LEASE) is Standing.BUSY
    found = runs.get("m")
    assert found and found.run_id == "b" and found.version == 1


def test_what_others_keep_in_an_item_stays(runs: Retrainings, deployed: Any) -> None:
    runs.table.create({"model_name": "m", "noted": "x"})
    runs.take("m", "a", {}, LEASE)
    item = runs.table.get("m")
    assert item and item["noted"] == "x" and isinstance(item["expires_at"], int)
