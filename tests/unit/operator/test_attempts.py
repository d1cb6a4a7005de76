"""Failures in a row are counted by kind: whoever was unlucky in one way has not used up the patience of another."""

from typing import Final

import pytest

from tests.fakes.bodies import body
from tests.fakes.drive import FOUNDATION, Drive
from tests.fakes.world import World
from tradai_iac.failure import Failure, FailureClass
from tradai_operator.model import EnvironmentStatus, LayerFailure, LayerStatus
from tradai_operator.model.drift_status import LayerDrift
from tradai_operator.model.times import epoch
from tradai_operator.plan.retry import RETRIES, wait_after
from tradai_operator.status.drift import drift_of, look_lost
from tradai_operator.status.outcomes import failed

NOW: Final = 1_800_000_000.0
_LOST, _PROVIDER = Failure(kind="Lost", error="gone"), Failure(kind="Provider", error="broken")


def waited(layer: LayerStatus) -> float:
    assert layer.next_retry_at is not None
    return epoch(layer.next_retry_at) - NOW


@pytest.mark.parametrize("before", sorted(set(RETRIES) - {"Provider"}))
def test_a_first_failure_of_its_kind_waits_as_a_first_one_whatever_failed_before(before: FailureClass) -> None:
    layer = LayerStatus(name="edge")
    for _ in range(7):
        layer = failed(layer, Failure(kind=before, error="x"), NOW)
    layer = failed(layer, _PROVIDER, NOW)
    assert waited(layer) == wait_after("Provider", 1)
    assert layer.attempts == 8


def test_two_kinds_in_turns_use_up_the_patience_of_each() -> None:
    layer = LayerStatus(name="edge")
    waits = []
    for _ in range(RETRIES["Provider"].limit):
        layer = failed(failed(layer, _LOST, NOW), _PROVIDER, NOW)
        waits.append(waited(layer))
    assert waits == [wait_after("Provider", number) for number in range(1, 1 + RETRIES["Provider"].limit)]


def test_what_a_version_before_counted_counts_as_of_the_kind_that_failed_last() -> None:
    stored = LayerStatus(name="edge", attempts=4, failure=LayerFailure(kind="Provider"))
    assert waited(failed(stored, _PROVIDER, NOW)) == wait_after("Provider", 5)
    assert waited(failed(stored, _LOST, NOW)) == wait_after("Lost", 1)
    assert waited(failed(failed(stored, _LOST, NOW), _PROVIDER, NOW)) == wait_after("Provider", 5)


def test_looks_for_drift_are_counted_alike() -> None:
    status = EnvironmentStatus()
    for _ in range(5):
        status = look_lost(status, drift_of(status, "edge"), NOW)
    status = look_lost(status, drift_of(status, "edge"), NOW, _PROVIDER)
    again = drift_of(status, "edge").next_look_at
    assert again is not None
    assert epoch(again) - NOW == wait_after("Provider", 1)
    assert LayerDrift(name="edge", kind="Lost", failures=3).failures_of("Lost") == 3


async def test_five_lost_runs_and_one_refusal_of_aws_are_no_standstill() -> None:
    drive = Drive(World(), body())
    await drive.turn()
    drive.world.executor.succeed("foundation", FOUNDATION)
    for _ in range(5):
        drive.world.executor.lose("persistent")
        drive.world.clock.time = await drive.turn() or 0.0
        await drive.turn()
    drive.world.executor.fail("persistent", "Provider")
    await drive.turn()
    assert drive.status["phase"] == "Retrying"
    assert drive.condition("Reconciling")["status"] == "True"


async def test_a_success_begins_the_counts_anew() -> None:
    drive = Drive(World(), body())
    await drive.turn()
    drive.world.executor.succeed("foundation", FOUNDATION)
    drive.world.executor.lose("persistent")
    drive.world.clock.time = await drive.turn() or 0.0
    await drive.turn()
    assert drive.layer("persistent")["attemptsByKind"] == {"Lost": 1}
    drive.world.executor.succeed("persistent")
    await drive.turn()
    assert drive.layer("persistent").get("attemptsByKind") in (None, {})
