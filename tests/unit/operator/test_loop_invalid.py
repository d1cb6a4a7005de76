"""A spec becomes invalid while runs go on: they are followed, accounted for and called off as ever; nothing begins."""

from dataclasses import replace
from typing import Any

import pytest

from tests.fakes.bodies import annotated, body, changed, deleted
from tests.fakes.drive import PERSISTENT, SETTINGS, Drive
from tests.fakes.world import World
from tradai_operator.model import keys
from tradai_operator.reconcile.loop import Loop
from tradai_operator.schedule.places import DEFAULT_WEIGHT, Places

OUTPUTS = ("tradai", "dev-outputs")
#: Passes the definition's pattern, and is no zone all the same.
MARS = {"windows": [{"schedule": "0 22 * * SAT", "duration": "4h", "timezone": "Mars/Base"}]}
EXPIRING = {"environment": "eph-a", "ttl": "1h", "deletionPolicy": "Everything", "created": "2027-01-15T07:59:30Z"}


async def building(**spec: Any) -> Drive:
    """Two runs go on, and two is all there is room for."""
    world = World()
    drive = Drive(world, body(**spec))
    drive.loop = Loop(drive.body, with_room(world), SETTINGS)
    await drive.turn()
    assert set(world.executor.live) == {"persistent", "foundation"}
    return drive


def with_room(world: World) -> Any:
    return replace(world.ports, places=Places(2 * DEFAULT_WEIGHT))


def places(drive: Drive) -> Places:
    return drive.loop._ports.places


async def test_what_a_run_has_made_is_told_and_published_though_the_spec_is_invalid_by_then() -> None:
    drive = await building()
    await drive.put(changed(drive.body, maintenance=MARS))
    assert drive.status["phase"] == "Invalid"
    drive.world.executor.succeed("persistent", PERSISTENT, cognito_m2m_client_secret="s3cr3t")
    await drive.turn()
    assert drive.layer("persistent")["state"] == "Ready"
    assert drive.layer("persistent").get("run") is None
    assert drive.world.cluster.secrets[OUTPUTS] == {"persistent.cognito_m2m_client_secret": "s3cr3t"}
    assert drive.layer("foundation")["state"] == "Running"
    assert drive.status["phase"] == "Invalid"
    assert "Mars/Base" in drive.status["message"]


@pytest.mark.parametrize("rotated", [False, True])
async def test_its_secrets_are_opened_by_what_was_kept_whatever_the_spec_refers_to_now(rotated: bool) -> None:
    drive = await building()
    if rotated:
        drive.world.cluster.secrets["tradai", "tradai-state"] = {"passphrase": "another one"}
        drive.loop.notice_secret()
    drive.restart()
    drive.world.executor.succeed("persistent", PERSISTENT, token="s3cr3t")
    await drive.put(changed(drive.body, state={"backendUrl": "nowhere"}))
    assert drive.status["phase"] == "Invalid"
    assert drive.world.cluster.secrets[OUTPUTS] == {"persistent.token": "s3cr3t"}


async def test_what_was_built_meanwhile_is_not_built_again_once_the_spec_is_valid() -> None:
    drive = await building()
    valid = drive.body["spec"]
    await drive.put(changed(drive.body, maintenance=MARS))
    drive.world.executor.succeed("persistent", PERSISTENT)
    await drive.turn()
    await drive.put(changed(drive.body) | {"spec": {k: v for k, v in valid.items() if k != "maintenance"}})
    assert drive.world.executor.order.count(("up", "persistent")) == 1
    assert drive.layer("persistent")["state"] == "Ready"


async def test_runs_that_go_on_keep_their_places_and_those_that_ended_give_them_back_once() -> None:
    drive = await building()
    await drive.put(changed(drive.body, maintenance=MARS))
    assert places(drive).used == 2 * DEFAULT_WEIGHT
    drive.world.executor.succeed("persistent", PERSISTENT)
    await drive.turn(3)
    assert places(drive).used == DEFAULT_WEIGHT


async def test_a_run_is_cancelled_though_the_spec_is_invalid() -> None:
    drive = await building()
    run = drive.layer("persistent")["run"]
    await drive.put(annotated(changed(drive.body, maintenance=MARS), cancel=run["id"]))
    assert drive.world.executor.cancelled == [run["handle"]]
    drive.world.executor.stop("persistent")
    await drive.turn()
    assert drive.layer("persistent")["state"] == "Cancelled"


async def test_a_ttl_ends_what_it_would_have_ended_though_the_spec_is_invalid_by_then() -> None:
    drive = await building(**EXPIRING)
    await drive.put(changed(drive.body, maintenance=MARS))
    for layer in list(drive.world.executor.live):
        drive.world.executor.fail(layer, "Program")
    wake = await drive.turn()
    assert wake is not None
    assert not drive.world.cluster.deletions
    drive.world.clock.time = wake
    await drive.turn()
    assert drive.world.cluster.deletions == [drive.uid]
    assert drive.status["phase"] == "Deleting"
    drive.world.cluster.objects[drive.uid] = deleted(drive.body)
    await drive.turn()
    assert drive.world.executor.order[-1][0] == "destroy"


@pytest.mark.parametrize(
    "put_off",
    [
        pytest.param({"suspend": True}, id="it is suspended"),
        pytest.param({"ttl": None}, id="its ttl was taken away"),
        pytest.param({"deletionPolicy": "Soft"}, id="its policy keeps data now"),
    ],
)
async def test_no_ttl_ends_what_people_keep_in_a_spec_that_nobody_can_read(put_off: dict[str, Any]) -> None:
    drive = await building(**EXPIRING)
    await drive.put(changed(drive.body, maintenance=MARS, **put_off))
    drive.world.clock.time += 7 * 24 * 3600
    await drive.turn(2)
    assert not drive.world.cluster.deletions
    assert drive.status["phase"] == "Invalid"


async def test_a_ttl_that_cannot_end_it_yet_is_asked_for_again_a_while_later() -> None:
    drive = await building(**EXPIRING)
    await drive.put(changed(drive.body, maintenance=MARS))
    for layer in list(drive.world.executor.live):
        drive.world.executor.fail(layer, "Program")
    drive.restart()
    drive.world.stacks.broken = True
    drive.world.clock.time += 7200
    wake = await drive.turn()
    assert not drive.world.cluster.deletions
    assert drive.status["phase"] == "Invalid"
    assert wake is not None
    assert wake >= drive.world.clock.time + 10
    drive.world.stacks.broken = False
    drive.world.clock.time = wake
    await drive.turn()
    assert drive.world.cluster.deletions == [drive.uid]


async def test_it_is_held_before_its_ttl_ends_it() -> None:
    drive = await building(**EXPIRING)
    await drive.put(changed(drive.body, maintenance=MARS))
    drive.body["metadata"]["finalizers"] = []
    drive.world.clock.time += 7200
    await drive.turn()
    assert drive.body["metadata"]["finalizers"] == [keys.FINALIZER]
    assert not drive.world.cluster.deletions
    await drive.turn()
    assert drive.world.cluster.deletions == [drive.uid]


async def test_nothing_begins_while_the_spec_is_invalid() -> None:
    drive = await building()
    before = list(drive.world.executor.order)
    await drive.put(changed(drive.body, maintenance=MARS))
    for layer in list(drive.world.executor.live):
        drive.world.executor.succeed(layer, PERSISTENT if layer == "persistent" else {"vpc_id": "vpc-1"})
    drive.world.clock.time += 3600
    await drive.turn(3)
    assert drive.world.executor.order == before
