"""What was never ours, or was never touched, is nobody's to approve: it is let go, and nothing of others is taken."""

from typing import Any

import pytest

from tests.fakes.bodies import body, deleted
from tests.fakes.drive import Drive
from tests.fakes.world import World

APPROVALS = ("Never", "OnDestructive", "Always")


def held(drive: Drive) -> bool:
    return drive.uid in drive.world.cluster.objects


async def failed(kind: str, **spec: Any) -> Drive:
    """An environment whose first runs ended before they touched anything."""
    drive = Drive(World(), body(**spec))
    await drive.turn(2)
    for layer in ("persistent", "foundation"):
        drive.world.executor.fail(layer, kind, "refused", untouched=True)
    await drive.turn()
    return drive


@pytest.mark.parametrize("approval", ["Never", "OnDestructive"])
@pytest.mark.parametrize("kind", ["Owner", "Backend", "Account", "Passphrase", "Config"])
async def test_who_never_touched_anything_goes_at_once(kind: str, approval: str) -> None:
    drive = await failed(kind, approval=approval)
    before = len(drive.world.executor.order)
    await _delete(drive)
    assert drive.world.executor.order[before:] == []
    assert not held(drive)
    assert drive.world.cluster.records == {}


async def test_one_run_that_may_have_touched_something_counts_whatever_comes_after_it() -> None:
    drive = Drive(World(), body())
    await drive.turn(2)
    drive.world.executor.fail("persistent", "Owner", "refused", untouched=True)
    drive.world.executor.fail("foundation", "Network", "half way")
    wake = await drive.turn()
    drive.world.clock.time = (wake or 0) + 10
    await drive.turn()
    drive.world.executor.fail("foundation", "Backend", "NoSuchBucket", untouched=True)
    await drive.turn()
    await _delete(drive)
    assert set(drive.world.executor.live) == {"foundation"}


@pytest.mark.parametrize("end", ["lose", "stop", "succeed"])
async def test_a_run_that_did_not_say_so_may_have_touched_something(end: str) -> None:
    drive = Drive(World(), body())
    await drive.turn(2)
    drive.world.executor.fail("persistent", "Owner", "refused", untouched=True)
    getattr(drive.world.executor, end)("foundation")
    await drive.turn()
    await _delete(drive)
    assert set(drive.world.executor.live) == {"foundation"}


async def test_a_layer_that_is_destroyed_and_built_again_begins_anew() -> None:
    drive = Drive(World(), body())
    await drive.build()
    assert all("untouched" not in layer or layer["untouched"] is False for layer in drive.status["layers"])


@pytest.mark.parametrize("approval", APPROVALS)
async def test_what_the_owner_marker_says_is_anothers_is_left_alone_and_recorded(approval: str) -> None:
    """The layers were ours once; another resource has taken them over since."""
    drive = Drive(World(), body(approval="Never"))
    await drive.build()
    drive.body["spec"]["approval"] = approval
    await _delete(drive)
    while drive.world.executor.live:
        for layer in list(drive.world.executor.live):
            drive.world.executor.fail(layer, "Owner", "this stack belongs to tradai/other of cluster c-2")
        await drive.turn()
    assert not held(drive), drive.status["message"]
    record = drive.world.cluster.records["tradai-system", f"tradai-survivors-{drive.uid}"]
    assert record["layers"] == "persistent"
    assert record["ofOthers"] == "foundation, compute, edge"


async def _delete(drive: Drive) -> None:
    drive.world.cluster.objects[drive.uid] = deleted(drive.body)
    await drive.turn()
