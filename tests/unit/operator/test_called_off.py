"""Who calls a run off is obeyed in every branch, and it stays called off however it ends; what hangs is stopped."""

from collections.abc import Callable
from typing import Any, Final

import pytest

from tests.fakes.bodies import annotated, body, changed, deleted
from tests.fakes.drive import FOUNDATION, PERSISTENT, Drive
from tests.fakes.world import World
from tradai_operator.model.times import moment
from tradai_operator.status.called_off import LOOK_SECONDS, RUN_SECONDS
from tradai_runner.contract import DriftCheck

STATE: Final = ("tradai", "tradai-state")
ONE_LAYER: Final = {name: {"enabled": False} for name in ("foundation", "compute", "edge")}


async def running(**spec: Any) -> Drive:
    """The first runs of persistent and foundation go on."""
    drive = Drive(World(), body(**spec))
    await drive.turn(2)
    return drive


async def looking() -> Drive:
    """Everything stands, and somebody looks for drift."""
    drive = Drive(World(), body(layers=ONE_LAYER, drift={}))
    await drive.turn(2)
    drive.world.executor.succeed("persistent", PERSISTENT)
    await drive.turn()
    drive.world.clock.time += 8 * 3600
    drive.world.executor.ended_at = drive.world.clock.time
    await drive.turn()
    assert isinstance(drive.world.executor.asked("persistent", DriftCheck), DriftCheck)
    return drive


def run_of(drive: Drive, layer: str) -> str:
    run: str = drive.layer(layer)["run"]["id"]
    return run


async def call_off(drive: Drive, run: str) -> None:
    await drive.put(annotated(drive.body, cancel=run))


async def _missing(drive: Drive) -> None:
    del drive.world.cluster.secrets[STATE]
    drive.loop.notice_secret()


async def _deletion(drive: Drive) -> None:
    drive.world.cluster.objects[drive.uid] = deleted(drive.body)


async def _suspended(drive: Drive) -> None:
    await drive.put(changed(drive.body, suspend=True))


async def _other_program(drive: Drive) -> None:
    await drive.put(changed(drive.body, program={"version": "0", "update": "Manual"}))


async def _bucket_gone(drive: Drive) -> None:
    drive.world.stacks.broken = True
    drive.restart()


async def _nothing(drive: Drive) -> None:
    """All is well."""


BRANCHES: Final[dict[str, Callable[[Drive], Any]]] = {
    "all is well": _nothing,
    "a Secret is missing": _missing,
    "it is suspended": _suspended,
    "it stays on another program": _other_program,
    "the state bucket does not answer": _bucket_gone,
    "it is deleted": _deletion,
}


@pytest.mark.parametrize("branch", BRANCHES)
async def test_every_branch_of_a_decision_obeys(branch: str) -> None:
    drive = await running()
    handle, run = drive.world.executor.live["persistent"], run_of(drive, "persistent")
    await BRANCHES[branch](drive)
    await call_off(drive, run)
    assert handle in drive.world.executor.cancelled


async def test_a_destroy_is_called_off_too() -> None:
    drive = Drive(World(), body())
    await drive.build()
    await drive.put(deleted(drive.body))
    handle = drive.world.executor.live["edge"]
    await call_off(drive, run_of(drive, "edge"))
    assert handle in drive.world.executor.cancelled
    drive.world.executor.lose("edge")
    await drive.turn(2)
    assert drive.layer("edge")["state"] == "Cancelled"
    assert drive.world.executor.live == {}


#: How a run may end that was asked to stop, and the failure that stays to be read.
ENDS: Final[dict[str, tuple[Callable[[Drive], None], str | None]]] = {
    "as it was asked": (lambda drive: drive.world.executor.stop("persistent"), None),
    "killed after its grace": (lambda drive: drive.world.executor.lose("persistent"), None),
    "of something else just then": (lambda drive: drive.world.executor.fail("persistent", "Throttled"), "Throttled"),
    "of its engine's death": (lambda drive: drive.world.executor.fail("persistent", "Lost"), None),
}


@pytest.mark.parametrize("end", ENDS)
async def test_however_it_ends_it_stays_called_off_until_a_person_says_otherwise(end: str) -> None:
    drive = await running()
    await call_off(drive, run_of(drive, "persistent"))
    how, failure = ENDS[end]
    how(drive)
    drive.world.executor.succeed("foundation", FOUNDATION)
    for _ in range(5):
        await drive.turn()
        drive.world.clock.time += 3600
    layer = drive.layer("persistent")
    assert (layer["state"], layer.get("failure", {}).get("kind")) == ("Cancelled", failure)
    assert layer.get("nextRetryAt") is None
    assert drive.status["phase"] == "Cancelled"
    assert drive.world.executor.live == {}
    await drive.put(annotated(drive.body, retry="now"))
    assert set(drive.world.executor.live) == {"persistent"}


async def test_a_success_is_not_taken_back() -> None:
    drive = await running()
    await call_off(drive, run_of(drive, "persistent"))
    drive.world.executor.succeed("persistent", PERSISTENT)
    await drive.turn()
    assert drive.layer("persistent")["state"] == "Ready"


async def test_a_preview_that_ended_well_just_then_is_followed_by_nothing() -> None:
    drive = await running(approval="Always")
    await call_off(drive, run_of(drive, "persistent"))
    drive.world.executor.plan("persistent", create=0)
    await drive.turn(3)
    assert drive.layer("persistent")["state"] == "Cancelled"
    assert ("up", "persistent") not in drive.world.executor.order


async def test_neither_a_secret_nor_what_it_waits_for_begins_it_again_but_another_spec_does() -> None:
    drive = await running(layers={"foundation": {"config": {"secrets": {"binance-api": {"secretRef": {
        "name": "tradai-secrets", "key": "binance-api"}}}}}})  # fmt: skip
    drive.world.executor.succeed("persistent", PERSISTENT)
    await call_off(drive, run_of(drive, "foundation"))
    drive.world.executor.stop("foundation")
    await drive.turn()
    drive.world.cluster.secrets["tradai", "tradai-secrets"] = {"binance-api": "other"}
    drive.loop.notice_secret()
    await drive.turn(3)
    assert drive.layer("foundation")["state"] == "Cancelled"
    assert drive.world.executor.live == {}
    await drive.put(changed(drive.body, layers={}))
    assert set(drive.world.executor.live) == {"foundation"}


@pytest.mark.parametrize("end", ["stop", "lose"])
async def test_a_look_that_is_called_off_waits_for_the_schedule(end: str) -> None:
    drive = await looking()
    look = drive.status["drift"]["layers"][0]["run"]["id"]
    handle = drive.world.executor.live["persistent"]
    await call_off(drive, look)
    assert drive.world.executor.cancelled == [handle]
    getattr(drive.world.executor, end)("persistent")
    looks = len(drive.world.executor.order)
    for _ in range(5):
        await drive.turn()
        drive.world.clock.time += 600
    assert len(drive.world.executor.order) == looks, "not begun again"
    assert drive.condition("Drifted")["reason"] == "Looking"
    drive.world.clock.time += 7 * 3600
    await drive.turn()
    assert len(drive.world.executor.order) == looks + 1


async def test_a_run_that_hangs_is_stopped_and_stands_still_in_words() -> None:
    drive = await running()
    drive.world.executor.succeed("foundation", FOUNDATION)
    handle = drive.world.executor.live["persistent"]
    drive.world.clock.time += RUN_SECONDS - 10
    await drive.turn()
    assert drive.world.executor.cancelled == []
    drive.world.clock.time += 20
    await drive.turn()
    assert drive.world.executor.cancelled == [handle]
    drive.world.executor.lose("persistent")
    await drive.turn()
    assert drive.layer("persistent")["failure"]["error"] == "it did not end within 6 h and was stopped"
    assert drive.condition("Stalled")["status"] == "True"
    assert drive.world.executor.live == {}


async def _destroying() -> Drive:
    drive = Drive(World(), body())
    await drive.build()
    await drive.put(deleted(drive.body))
    return drive


async def _previewing() -> Drive:
    return await running(approval="Always")


@pytest.mark.parametrize(
    ("begin", "layer"), [(running, "persistent"), (_previewing, "persistent"), (_destroying, "edge")]
)
async def test_a_run_of_any_kind_has_a_deadline(begin: Callable[[], Any], layer: str) -> None:
    drive = await begin()
    handle = drive.world.executor.live[layer]
    drive.world.clock.time += RUN_SECONDS - 10
    await drive.turn()
    assert drive.world.executor.cancelled == []
    drive.world.clock.time += 20
    await drive.turn()
    assert handle in drive.world.executor.cancelled


@pytest.mark.parametrize("branch", BRANCHES)
async def test_what_hangs_is_stopped_in_every_branch_of_a_decision(branch: str) -> None:
    drive = await running()
    handle = drive.world.executor.live["persistent"]
    await BRANCHES[branch](drive)
    drive.world.clock.time += RUN_SECONDS + 10
    await drive.turn()
    assert handle in drive.world.executor.cancelled


async def test_a_run_that_died_long_ago_while_nobody_looked_is_no_run_that_hung() -> None:
    drive = await running()
    drive.world.executor.succeed("foundation", FOUNDATION)
    drive.world.executor.lose("persistent")
    drive.world.clock.time += 10 * RUN_SECONDS
    drive.restart()
    await drive.turn()
    assert drive.layer("persistent")["failure"]["kind"] == "Lost"
    assert drive.layer("persistent")["nextRetryAt"]


async def test_a_look_that_hangs_is_stopped_and_fails_until_the_schedule() -> None:
    drive = await looking()
    handle = drive.world.executor.live["persistent"]
    wake = await drive.turn()
    assert wake is not None, "nothing else would end the wait"
    drive.world.clock.time = max(wake, drive.world.clock.time + LOOK_SECONDS)
    await drive.turn()
    assert drive.world.executor.cancelled == [handle]
    drive.world.executor.stop("persistent")
    await drive.turn()
    assert drive.condition("Drifted")["reason"] == "LookFailed"
    assert drive.world.executor.live == {}


async def test_what_is_due_later_counts_by_the_operators_clock_alone() -> None:
    drive = await running()
    drive.world.executor.succeed("foundation", FOUNDATION)
    drive.world.executor.ended_at = drive.world.clock.time + 7200
    drive.world.executor.fail("persistent", "Throttled")
    assert await drive.turn() == drive.world.clock.time + 15
    assert drive.layer("persistent")["finishedAt"] == f"{moment(drive.world.clock.time):%Y-%m-%dT%H:%M:%SZ}"
