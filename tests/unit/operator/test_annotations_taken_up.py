"""Reconcile now, and the end of what lives for a while: taken up once, also over a restart of the operator."""

import pytest

from tests.fakes.bodies import annotated, body, changed
from tests.fakes.drive import SETTINGS, Drive
from tests.fakes.world import World
from tradai_operator.decide.annotations import layers_of
from tradai_operator.reconcile.loop import Loop
from tradai_runner.contract import Update

HOUR = 3600.0


@pytest.fixture
async def drive() -> Drive:
    found = Drive(World(), body())
    await found.build()
    found.world.executor.order.clear()
    return found


def restarted(drive: Drive) -> Drive:
    """The same with another operator, which knows what the status says and nothing else."""
    drive.loop = Loop(drive.body, drive.world.ports, SETTINGS)
    return drive


def said(drive: Drive, reason: str) -> list[str]:
    return [event.message for event in drive.world.cluster.events if event.reason == reason]


@pytest.mark.parametrize(
    ("annotation", "layers"),
    [("1", None), ("Sat Nov 21", None), ("compute@1", {"compute"}), ("compute, edge@1", {"compute", "edge"})],
)
def test_the_annotation_names_layers_before_its_at(annotation: str, layers: set[str] | None) -> None:
    assert layers_of(annotation) == layers


async def test_all_layers_run_once_though_nothing_has_changed_and_read_what_is_there(drive: Drive) -> None:
    await drive.put(annotated(drive.body, reconcile="1"))
    assert drive.condition("Ready")["status"] == "False"
    for layers in (("persistent", "foundation"), ("compute",), ("edge",)):
        assert set(drive.world.executor.live) == set(layers)
        asked = drive.world.executor.started.values()
        assert all(isinstance(request, Update) and request.refresh for request in asked)
        for layer in layers:
            drive.world.executor.succeed(layer, drive.status["outputs"][layer])
        await drive.turn()
    assert drive.status["phase"] == "Ready"
    assert drive.status["observedReconcile"] == "1"
    assert said(drive, "ReconcileAsked") == [
        "Asked to run persistent, foundation, compute, edge although nothing has changed"
    ]
    await restarted(drive).turn(3)
    assert len(drive.world.executor.order) == 4


async def test_one_layer_runs_alone(drive: Drive) -> None:
    await drive.put(annotated(drive.body, reconcile="compute@1"))
    assert set(drive.world.executor.live) == {"compute"}
    drive.world.executor.succeed("compute", {"alb_dns_name": "alb.local"})
    await drive.turn(2)
    assert drive.world.executor.order == [("up", "compute")]
    assert drive.status["phase"] == "Ready"


async def test_a_run_that_fails_or_is_lost_still_owes_what_was_asked(drive: Drive) -> None:
    await drive.put(annotated(drive.body, reconcile="compute@1"))
    drive.world.executor.lose("compute")
    await drive.turn()
    restarted(drive).world.clock.time += 5
    await drive.turn()
    assert drive.world.executor.asked("compute", Update).refresh


async def test_a_run_that_began_before_the_word_is_no_answer_to_it(drive: Drive) -> None:
    await drive.put(changed(drive.body, layers={"compute": {"config": {"skipAlb": True}}}))
    layer = "compute"
    await drive.put(annotated(drive.body, reconcile=f"{layer}@1"))
    drive.world.executor.succeed(layer, drive.status["outputs"][layer])
    await drive.turn()
    assert drive.world.executor.live[layer]
    assert drive.world.executor.asked(layer, Update).refresh
    drive.world.executor.succeed(layer, drive.status["outputs"][layer])
    await drive.turn(2)
    assert layer not in drive.world.executor.live


async def test_a_word_that_names_no_layer_is_said_and_runs_nothing(drive: Drive) -> None:
    await drive.put(annotated(drive.body, reconcile="compte@1"))
    assert not drive.world.executor.order
    assert drive.status["phase"] == "Ready"
    assert said(drive, "NothingToReconcile")


async def test_what_is_destroyed_by_it_still_waits_for_approval() -> None:
    drive = Drive(World(), body(approval="OnDestructive"))
    await drive.build()
    await drive.put(annotated(drive.body, reconcile="persistent@1"))
    drive.world.executor.plan("persistent", "deletes aws:ecr/repository:Repository momentum")
    await drive.turn()
    assert drive.status["phase"] == "WaitingForApproval"
    await drive.put(annotated(drive.body, approve=drive.status["plan"]["digest"], approved_by="jane"))
    assert set(drive.world.executor.live) == {"persistent"}
    assert drive.world.executor.asked("persistent", Update).refresh


async def test_it_waits_while_the_environment_is_suspended(drive: Drive) -> None:
    await drive.put(changed(annotated(drive.body, reconcile="compute@1"), suspend=True))
    assert not drive.world.executor.order
    assert drive.status["phase"] == "Suspended"
    await drive.put(changed(drive.body, suspend=False))
    assert drive.world.executor.order == [("up", "compute")]


def ephemeral(ttl: str) -> Drive:
    return Drive(World(), body(environment="eph-a", ttl=ttl, deletionPolicy="Everything"))


@pytest.mark.parametrize(("ttl", "before"), [("100h", 10.0), ("5h", 1.0), ("1h", 0.5)])
async def test_the_end_is_told_once_before_it_comes(ttl: str, before: float) -> None:
    drive = ephemeral(ttl)
    await drive.build()
    created = 1_800_000_000.0 - 60
    ends = created + float(ttl.removesuffix("h")) * HOUR
    assert not said(drive, "Expiring")
    drive.world.clock.time = ends - before * HOUR - 1
    assert await drive.turn() is not None
    assert not said(drive, "Expiring")
    drive.world.clock.time += 1
    await drive.turn()
    assert len(said(drive, "Expiring")) == 1
    await restarted(drive).turn(3)
    assert len(said(drive, "Expiring")) == 1
    assert "it will be deleted with all its data at" in drive.status["message"]


async def test_a_longer_ttl_lets_it_stay_and_its_new_end_is_told_again() -> None:
    drive = ephemeral("5h")
    await drive.build()
    drive.world.clock.time += 4.5 * HOUR
    await drive.turn()
    first = drive.status["expiresAt"]
    await drive.put(changed(drive.body, ttl="10h"))
    drive.world.clock.time += HOUR
    await drive.turn()
    assert drive.status["expiresAt"] > first
    assert not drive.world.cluster.deletions
    drive.world.clock.time += 4 * HOUR
    await drive.turn()
    assert len(said(drive, "Expiring")) == 2
    drive.world.clock.time += HOUR
    await drive.turn()
    assert drive.world.cluster.deletions == ["uid-1"]


async def test_a_suspended_environment_does_not_end() -> None:
    drive = ephemeral("5h")
    await drive.build()
    await drive.put(changed(drive.body, suspend=True))
    drive.world.clock.time += 6 * HOUR
    await drive.turn(2)
    assert not drive.world.cluster.deletions
    assert "it is kept for as long as it is suspended" in drive.status["message"]
    await drive.put(changed(drive.body, suspend=False))
    assert drive.world.cluster.deletions == ["uid-1"]
