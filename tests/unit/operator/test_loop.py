"""One environment's loop over fakes: what runs when, what is written, what is never done."""

import asyncio
import json

import pytest

from tests.fakes.bodies import body, changed, deleted, with_secrets
from tests.fakes.drive import FOUNDATION, PERSISTENT, Drive
from tests.fakes.world import World
from tradai_operator.model import Environment, keys
from tradai_operator.ports import ClusterError


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def drive(world: World) -> Drive:
    return Drive(world, body())


async def test_the_finalizer_comes_before_anything_runs(world: World) -> None:
    fresh = body()
    fresh["metadata"]["finalizers"] = ["someone/else"]
    drive = Drive(world, fresh)
    await drive.turn()
    assert drive.body["metadata"]["finalizers"] == ["someone/else", keys.FINALIZER]
    assert not world.executor.started
    await drive.turn()
    assert set(world.executor.live) == {"persistent", "foundation"}


async def test_independent_layers_run_side_by_side_and_readers_wait(drive: Drive) -> None:
    await drive.turn()
    assert set(drive.world.executor.live) == {"persistent", "foundation"}
    assert drive.layer("compute")["state"] == "Blocked"
    assert drive.layer("compute")["message"] == "waits for persistent"
    assert drive.condition("Reconciling")["status"] == "True"
    assert drive.condition("Ready")["status"] == "False"


async def test_the_whole_environment_becomes_ready_with_endpoint_and_outputs(drive: Drive) -> None:
    await drive.build()
    assert drive.status["phase"] == "Ready"
    assert drive.status["endpoint"] == "https://api.local"
    assert drive.status["layersText"] == "4/4"
    assert drive.status["outputs"]["foundation"] == FOUNDATION
    assert drive.condition("Ready") | {"lastTransitionTime": ""} == {
        "type": "Ready",
        "status": "True",
        "reason": "AllLayersReady",
        "message": "all layers are as declared",
        "observedGeneration": 1,
        "lastTransitionTime": "",
    }
    assert drive.world.executor.order == [
        ("up", "persistent"),
        ("up", "foundation"),
        ("up", "compute"),
        ("up", "edge"),
    ]


async def test_a_secret_output_is_in_the_secret_and_nowhere_else(drive: Drive) -> None:
    await drive.build()
    outputs = drive.world.cluster.secrets["tradai", "dev-outputs"]
    assert outputs == {"persistent.cognito_m2m_client_secret": "s3cr3t"}
    assert "s3cr3t" not in json.dumps(drive.world.cluster.statuses)
    assert "s3cr3t" not in repr(drive.world.cluster.events)


async def test_an_unchanged_environment_costs_no_run_and_no_write(drive: Drive) -> None:
    await drive.build()
    writes, runs = len(drive.world.cluster.statuses), len(drive.world.executor.order)
    await drive.turn(5)
    reborn = Drive(drive.world, drive.body)
    await reborn.turn(3)
    assert (len(drive.world.cluster.statuses), len(drive.world.executor.order)) == (writes, runs)


async def test_an_edit_during_a_run_is_applied_after_it(drive: Drive) -> None:
    await drive.turn()
    await drive.put(changed(drive.body, layers={"persistent": {"config": {"strategyRepositories": ["momentum"]}}}))
    assert len(drive.world.executor.order) == 2, "the run under way goes on, no second one beside it"
    drive.world.executor.succeed("persistent", PERSISTENT)
    await drive.turn()
    assert drive.world.executor.order[2] == ("up", "persistent")
    request = drive.world.executor.started[drive.world.executor.live["persistent"]]
    assert request.config == {"strategyRepositories": ["momentum"]}


async def test_only_the_changed_layer_runs_when_its_outputs_stay(drive: Drive) -> None:
    await drive.build()
    await drive.put(changed(drive.body, layers={"persistent": {"config": {"strategyRepositories": ["m"]}}}))
    assert drive.world.executor.order[4:] == [("up", "persistent")]
    assert drive.condition("Ready")["status"] == "False"
    drive.world.executor.succeed("persistent", PERSISTENT)
    await drive.turn()
    assert drive.status["phase"] == "Ready"
    assert drive.world.executor.order[4:] == [("up", "persistent")]
    assert drive.condition("Ready")["observedGeneration"] == 2


async def test_a_changed_output_runs_those_who_read_it(drive: Drive) -> None:
    await drive.build()
    await drive.put(changed(drive.body, layers={"foundation": {"config": {"alertEmails": ["a@b.example"]}}}))
    drive.world.executor.succeed("foundation", {"vpc_id": "vpc-2"})
    await drive.turn()
    assert drive.world.executor.order[4:] == [("up", "foundation"), ("up", "compute")]


async def test_a_changed_secret_runs_the_layer_that_takes_it(world: World) -> None:
    source = {"secretRef": {"name": "tradai-secrets", "key": "binance-api"}}
    drive = Drive(world, body(layers={"foundation": {"config": {"secrets": {"binance-api": source}}}}))
    await drive.turn()
    handle = world.executor.live["foundation"]
    assert world.executor.secrets[handle] == {"binance-api": "k:s"}
    await drive.build()
    world.cluster.secrets["tradai", "tradai-secrets"] = {"binance-api": "new"}
    drive.loop.notice_secret()
    await drive.turn()
    assert world.executor.order[4:] == [("up", "foundation")]


async def test_a_missing_secret_is_said_and_waited_for(drive: Drive) -> None:
    del drive.world.cluster.secrets["tradai", "tradai-state"]
    await drive.turn()
    assert drive.condition("Stalled")["reason"] == "SecretMissing"
    assert "Secret tradai-state does not exist in namespace tradai" in drive.status["message"]
    with_secrets(drive.world.cluster)
    drive.loop.notice_secret()
    await drive.turn()
    assert set(drive.world.executor.live) == {"persistent", "foundation"}


async def test_progress_is_written_at_most_once_a_second(drive: Drive) -> None:
    await drive.turn()
    before = len(drive.world.cluster.statuses)
    for done in range(10):
        drive.world.executor.progress("persistent", done, 10, f"aws:s3/bucket:Bucket b{done}")
        await drive.turn()
    assert len(drive.world.cluster.statuses) == before
    drive.world.clock.time += 1
    await drive.turn()
    assert len(drive.world.cluster.statuses) == before + 1
    assert drive.layer("persistent")["resources"] | {"created": 0} == {
        "total": 10,
        "done": 9,
        "created": 0,
        "updated": 0,
        "replaced": 0,
        "deleted": 0,
    }
    assert drive.layer("persistent")["current"] == "aws:s3/bucket:Bucket b9"


async def test_the_later_of_two_claimants_stalls_and_its_deletion_destroys_nothing(drive: Drive) -> None:
    await drive.build()
    late = Drive(drive.world, body("copy", uid="uid-2", created="2027-01-15T08:30:00Z"))
    runs = len(drive.world.executor.order)
    await late.turn()
    assert late.condition("Stalled")["reason"] == "AlreadyClaimed"
    assert "tradai/dev claimed environment dev" in late.status["message"]
    await late.put(deleted(late.body))
    assert "uid-2" not in drive.world.cluster.objects
    assert len(drive.world.executor.order) == runs


async def test_the_later_claimant_takes_over_when_the_first_is_gone(drive: Drive) -> None:
    late = Drive(drive.world, body("copy", uid="uid-2", created="2027-01-15T08:30:00Z"))
    await late.turn()
    assert not drive.world.executor.live
    del drive.world.cluster.objects[drive.uid]
    await late.turn()
    assert set(drive.world.executor.live) == {"persistent", "foundation"}


async def test_suspended_means_nothing_changes_but_deletion_works(drive: Drive) -> None:
    await drive.build()
    new = changed(drive.body, suspend=True, layers={"compute": {"config": {"skipAlb": True}}})
    await drive.put(new)
    assert len(drive.world.executor.order) == 4
    assert drive.condition("Ready")["status"] == "False"
    assert drive.condition("Stalled")["reason"] == "Suspended"
    await drive.put(deleted(drive.body))
    assert set(drive.world.executor.live) == {"edge"}


async def test_suspending_without_a_change_stays_ready(drive: Drive) -> None:
    await drive.build()
    await drive.put(changed(drive.body, suspend=True))
    assert drive.condition("Ready")["status"] == "True"


async def test_a_disabled_layer_is_left_as_it_is(drive: Drive) -> None:
    await drive.build()
    await drive.put(changed(drive.body, layers={"edge": {"enabled": False}}))
    assert drive.layer("edge")["state"] == "Disabled"
    assert drive.status["layersText"] == "3/3"
    assert drive.condition("Ready")["status"] == "True"
    assert len(drive.world.executor.order) == 4
    await drive.put(changed(drive.body, layers={}))
    assert drive.status["layersText"] == "4/4"
    assert len(drive.world.executor.order) == 4, "nothing changed for it meanwhile"


async def test_an_invalid_spec_is_a_condition_and_never_a_crash(drive: Drive) -> None:
    await drive.put(changed(drive.body, aws={"accountId": 42}))
    assert drive.condition("Stalled")["reason"] == "InvalidSpec"
    assert "spec.aws.region: is missing; add it" in drive.status["message"]
    assert not drive.world.executor.order


async def test_an_event_tells_each_change_once(drive: Drive) -> None:
    await drive.build()
    await drive.turn(3)
    told = [event.reason for event in drive.world.cluster.events]
    assert told.count("LayerStarted") == told.count("LayerReady") == 4
    assert told.count("Ready") == 1


async def test_a_run_whose_intent_could_not_be_written_is_not_started(drive: Drive) -> None:
    drive.loop.notice(drive.body)
    await drive.loop._pipeline._secret_cache.read(Environment.parse(drive.body))
    drive.world.cluster.broken = True
    with pytest.raises(ClusterError):
        await drive.loop._turn()
    assert not drive.world.executor.started
    drive.world.cluster.broken = False
    await drive.turn()
    assert set(drive.world.executor.live) == {"persistent", "foundation"}
    assert drive.layer("persistent")["attempts"] == 0


async def test_an_api_server_that_is_down_is_not_asked_in_a_hot_loop(drive: Drive) -> None:
    await drive.turn()
    drive.world.executor.succeed("persistent", PERSISTENT)
    drive.world.executor.moved.set()
    drive.world.cluster.broken = True
    asked = drive.world.cluster.asked
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(drive.loop.run(), 0.5)
    assert drive.world.cluster.asked - asked <= 2
