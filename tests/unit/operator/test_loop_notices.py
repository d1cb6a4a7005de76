"""People are told of what waits for them: once, by what the spec names, and without holding anything up."""

import asyncio
from typing import Any

import pytest

from tests.fakes.bodies import annotated, body, changed, deleted
from tests.fakes.drive import PERSISTENT, SETTINGS, Drive
from tests.fakes.executor import PASSPHRASE
from tests.fakes.notified import LOST, STRATEGIES, TOPIC, ask, settle, standing
from tests.fakes.world import World
from tradai_operator.ports import ClusterError
from tradai_operator.reconcile.loop import Loop


async def test_a_plan_that_waits_is_told_once_with_its_summary() -> None:
    drive = await standing(topicArn=TOPIC)
    assert not drive.world.notifier.told, "nothing waits yet"
    digest = await ask(drive)
    [(target, notice)] = drive.world.notifier.told
    assert (target.topic_arn, notice.digest, notice.resource) == (TOPIC, digest, "tradai/dev")
    assert "a change waits for approval" in notice.subject
    assert "1 to delete in persistent" in notice.text
    assert LOST in notice.text
    assert f"tradai approve dev {digest}" in notice.text
    assert drive.status["notices"][-1]["deliveredAt"]
    writes = len(drive.world.cluster.statuses)
    await settle(drive)
    assert len(drive.world.notifier.told) == 1
    assert len(drive.world.cluster.statuses) == writes


async def test_a_restarted_operator_does_not_tell_it_again() -> None:
    drive = await standing(topicArn=TOPIC)
    await ask(drive)
    drive.loop = Loop(drive.body, drive.world.ports, SETTINGS)
    await settle(drive)
    assert len(drive.world.notifier.told) == 1


async def test_another_question_is_told_again() -> None:
    drive = await standing(topicArn=TOPIC)
    first = await ask(drive)
    await drive.put(annotated(drive.body, retry="1"))
    drive.world.executor.plan("persistent", LOST, content="2")
    await settle(drive)
    assert [notice.digest for _, notice in drive.world.notifier.told] == [first, drive.status["plan"]["digest"]]


async def test_the_deletion_is_told_as_one() -> None:
    drive = await standing(webhookUrl="https://hooks.example.com/x")
    await drive.put(deleted(drive.body))
    for layer in ("edge", "compute", "foundation"):
        drive.world.executor.plan(layer, f"deletes aws:sns/topic:Topic {layer}", data=("instance/database",))
    await settle(drive)
    [(target, notice)] = drive.world.notifier.told
    assert target.webhook_url == "https://hooks.example.com/x"
    assert "the deletion waits for approval" in notice.subject
    assert "instance/database" in notice.text


async def test_what_could_not_be_told_is_shown_and_tried_again_with_growing_waits() -> None:
    drive = await standing(topicArn=TOPIC)
    drive.world.notifier.error = "the topic refused: NotFound"
    await ask(drive)
    waits = []
    for attempt in range(1, 4):
        await settle(drive)
        assert (drive.status["notices"][-1]["attempts"], drive.status["notices"][-1]["error"]) == (
            attempt,
            drive.world.notifier.error,
        )
        wake = await drive.turn()
        assert wake is not None
        waits.append(wake - drive.world.clock.time)
        drive.world.clock.time = wake
    assert waits == sorted(set(waits)), "each wait is longer than the one before"
    assert [event.reason for event in drive.world.cluster.events].count("NotTold") == 1
    drive.world.notifier.error = ""
    await settle(drive)
    assert len(drive.world.notifier.told) == 1
    assert drive.status["notices"][-1]["error"] == ""
    assert [event.reason for event in drive.world.cluster.events].count("Told") == 1


async def test_a_delivery_that_hangs_holds_nothing_up() -> None:
    drive = await standing(topicArn=TOPIC)
    drive.world.notifier.slow = asyncio.Event()
    digest = await ask(drive)
    await drive.put(annotated(drive.body, approve=digest, approved_by="jane"))
    assert drive.world.executor.order[-1] == ("up", "persistent")
    drive.loop._pipeline._notifications.close()


async def test_what_was_told_and_could_not_be_noted_is_noted_later_and_not_told_again() -> None:
    drive = await standing(topicArn=TOPIC)
    await drive.put(changed(drive.body, layers={}))
    drive.world.executor.plan("persistent", LOST)
    await drive.turn()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    drive.world.cluster.broken = True
    with pytest.raises(ClusterError):
        await drive.turn()
    drive.world.cluster.broken = False
    await settle(drive)
    assert len(drive.world.notifier.told) == 1
    assert drive.status["notices"][-1]["deliveredAt"]


async def fail(drive: Drive, kind: str = "Unresolved", error: str = "no room") -> None:
    """The run that is under way fails, at the time that it is."""
    drive.world.executor.ended_at = drive.world.clock.time
    drive.world.executor.fail("persistent", kind, error)
    await settle(drive)


async def changing(**notify: Any) -> Drive:
    """A change of a layer is under way, with nothing to approve."""
    drive = Drive(World(), body(layers=STRATEGIES, notify=notify))
    await drive.build()
    await drive.put(changed(drive.body, layers={}))
    return drive


async def test_a_layer_that_stands_still_is_told_once_however_often_it_is_tried_on() -> None:
    drive = await changing(topicArn=TOPIC)
    await fail(drive)
    [(_, notice)] = drive.world.notifier.told
    assert (notice.kind, notice.subject) == ("Stalled", "dev: persistent is stuck (Unresolved)")
    assert "no room. Do something." in notice.text
    for attempt in range(2, 5):
        drive.world.clock.time += 3601
        await settle(drive)
        await fail(drive, error=f"request {attempt}: no room")
        assert drive.layer("persistent")["attempts"] == attempt
    assert len(drive.world.notifier.told) == 1


async def test_what_was_mended_and_fails_again_is_told_again() -> None:
    drive = await changing(topicArn=TOPIC)
    await fail(drive)
    drive.world.clock.time += 3601
    await settle(drive)
    drive.world.executor.succeed("persistent", PERSISTENT)
    await settle(drive)
    assert "failingSince" not in drive.layer("persistent")
    await drive.put(annotated(drive.body, reconcile="persistent@1"))
    await fail(drive)
    first, second = (notice.digest for _, notice in drive.world.notifier.told)
    assert first != second


async def test_a_plan_is_told_though_a_layer_stands_still_before_that_could_be_done() -> None:
    drive = await standing(topicArn=TOPIC)
    drive.world.notifier.error = "the topic refused"
    digest = await ask(drive)
    await drive.put(changed(drive.body, layers={"foundation": {"config": {"alertEmails": ["ann@example.com"]}}}))
    drive.world.executor.ended_at = drive.world.clock.time
    for layer in list(drive.world.executor.live):
        drive.world.executor.fail(layer, "Unresolved")
    await settle(drive)
    drive.world.notifier.error = ""
    for _ in range(2):
        drive.world.clock.time = (await drive.turn() or drive.world.clock.time) + 1
        await settle(drive)
    told = [(notice.kind, notice.digest) for _, notice in drive.world.notifier.told]
    assert ("Approval", digest) in told
    assert sorted(kind for kind, _ in told) == ["Approval", "Stalled"]


async def test_an_end_that_comes_near_is_told_once_for_each_end() -> None:
    spec: dict[str, Any] = {
        "environment": "eph-x",
        "ttl": "10h",
        "deletionPolicy": "Everything",
        "notify": {"topicArn": TOPIC},
    }
    drive = Drive(World(), body("eph-x", **spec))
    await drive.build()
    drive.world.clock.time += 9 * 3600
    await settle(drive)
    [(_, notice)] = drive.world.notifier.told
    assert (notice.kind, notice.subject) == ("Expiring", "eph-x: ends at 2027-01-15 17:59 UTC")
    await drive.put(changed(drive.body, ttl="20h"))
    await settle(drive)
    assert len(drive.world.notifier.told) == 1, "that end is far away"


async def test_a_deletion_that_lacks_its_word_is_told_under_never_too() -> None:
    drive = Drive(World(), body(deletionPolicy="Everything", notify={"topicArn": TOPIC}))
    await drive.build()
    await drive.put(deleted(drive.body))
    await settle(drive)
    [(_, notice)] = drive.world.notifier.told
    assert (notice.kind, notice.subject) == ("Confirmation", "dev: the deletion waits for a confirmation")
    assert "tradai.io/confirm-destroy=dev" in notice.text


async def test_no_value_of_a_secret_leaves_the_cluster() -> None:
    drive = await changing(topicArn=TOPIC)
    await fail(drive, error=f"AWS does not take {PASSPHRASE}")
    [(_, notice)] = drive.world.notifier.told
    assert "AWS does not take [secret]" in notice.text
    assert PASSPHRASE not in repr(notice)


async def test_without_notify_nobody_is_told() -> None:
    drive = Drive(World(), body(approval="OnDestructive", layers=STRATEGIES))
    await drive.build()
    await ask(drive)
    assert not drive.world.notifier.told
    assert drive.status["notices"] == []
