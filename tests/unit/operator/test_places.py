"""Many environments that share the memory of one machine, over fakes: who begins, who is told what, what is written."""

from collections import Counter
from collections.abc import Mapping
from typing import Any
from unittest.mock import AsyncMock

import pytest

from tests.fakes.bodies import annotated, body, changed, deleted
from tests.fakes.cluster import FakeCluster
from tests.fakes.crowd import SLOTS, Crowd
from tests.fakes.drive import SETTINGS
from tradai_operator.ports import Ref, RefusedError
from tradai_operator.reconcile.loop import Loop
from tradai_operator.reconcile.shared import Ports
from tradai_operator.schedule.places import DEFAULT_WEIGHT, Places

COUNT = 16
#: What a burst is.
MANY = 50


async def test_a_burst_of_environments_queues_and_all_of_them_become_ready() -> None:
    crowd = Crowd(MANY, SLOTS)
    await crowd.settle()
    first = Counter(handle.split("/")[0] for handle in crowd.live())
    assert len(first) >= SLOTS // 2
    assert len(crowd.live()) == SLOTS
    assert crowd.places.waiting == 2 * MANY - SLOTS
    for _ in range(4 * MANY):
        await crowd.end_one()
    assert {crowd.status(uid)["phase"] for uid in crowd.loops} == {"Ready"}
    assert crowd.places.used == crowd.places.waiting == 0
    assert len(crowd.world.executor.order) == len(crowd.waits) == 4 * MANY
    assert max(crowd.waits) > 0


async def test_the_line_is_fair_each_environment_begins_before_any_has_its_third_run() -> None:
    crowd = Crowd(COUNT, SLOTS)
    await crowd.settle()
    seen: Counter[str] = Counter(handle.split("/")[0] for handle in crowd.live())
    while len(seen) < COUNT:
        known = set(crowd.live())
        await crowd.end_one()
        seen.update(handle.split("/")[0] for handle in set(crowd.live()) - known)
        assert max(seen.values()) <= 2 or len(seen) == COUNT


async def test_who_waits_is_told_its_place_and_not_at_every_move() -> None:
    crowd = Crowd(COUNT, SLOTS)
    await crowd.settle()
    last = f"uid-{COUNT - 1}"
    assert crowd.status(last)["phase"] == "Building"
    assert crowd.status(last)["message"].startswith("waits for a free place")
    text = crowd.layer(last, "persistent")["message"]
    assert text.startswith("waits for a free place: ")
    assert crowd.layer(last, "persistent")["state"] == "Pending"
    texts = [text]
    while crowd.layer(last, "persistent")["state"] == "Pending":
        await crowd.end_one()
        said = crowd.layer(last, "persistent")["message"]
        texts += [said] if said != texts[-1] else []
    assert 2 <= len(texts) <= 9, texts


async def test_waiting_writes_nothing_while_nothing_moves() -> None:
    crowd = Crowd(COUNT, SLOTS)
    await crowd.settle()
    writes = len(crowd.world.cluster.statuses)
    for _ in range(5):
        crowd.world.clock.time += 60
        for uid in list(crowd.loops)[-10:]:
            crowd.loops[uid].wake()
        await crowd.settle()
    assert len(crowd.world.cluster.statuses) == writes


async def test_runs_that_go_on_from_before_have_their_places_before_anybody_else() -> None:
    crowd = Crowd(COUNT, SLOTS)
    await crowd.settle()
    heir = Places(SLOTS * DEFAULT_WEIGHT)
    crowd.places = heir
    heir.begin(crowd.world.cluster.objects)
    assert heir.used == SLOTS * DEFAULT_WEIGHT
    ports = Ports(**{**vars(crowd.ports), "places": heir})
    crowd.loops = {uid: Loop(known, ports, SETTINGS) for uid, known in crowd.world.cluster.objects.items()}
    for loop in crowd.loops.values():
        loop.wake()
    before = list(crowd.world.executor.order)
    await crowd.settle()
    assert crowd.world.executor.order == before, "all places are taken by runs that go on"
    await crowd.end_one()
    assert len(crowd.world.executor.order) == len(before) + 1


async def test_an_environment_that_goes_gives_its_places_to_the_next() -> None:
    crowd = Crowd(COUNT, SLOTS)
    await crowd.settle()
    before = len(crowd.world.executor.order)
    uid = crowd.live()[0].split("/")[0]
    gone = [handle for handle in crowd.live() if handle.startswith(f"{uid}/")]
    for handle in gone:
        del crowd.world.executor.started[handle]
    del crowd.loops[uid]
    crowd.places.gone(uid)
    await crowd.settle()
    assert len(crowd.world.executor.order) == before + len(gone)


async def test_a_retry_that_has_to_wait_is_not_forgotten() -> None:
    crowd = Crowd(1, 1)
    await crowd.settle()
    (layer,) = [handle.split("/")[1] for handle in crowd.live()]
    crowd.world.executor.fail(layer, "Program")
    crowd.loops["uid-0"].wake()
    await crowd.settle()
    other = next(handle.split("/")[1] for handle in crowd.live())
    assert other != layer
    crowd.world.cluster.objects["uid-0"] = annotated(crowd.world.cluster.objects["uid-0"], retry="now")
    crowd.loops["uid-0"].wake()
    await crowd.settle()
    assert crowd.layer("uid-0", layer)["message"].startswith("waits for a free place")
    assert crowd.status("uid-0")["observedRetry"] == "now"
    await crowd.end_one()
    assert [handle.split("/")[1] for handle in crowd.live()] == [layer]


async def test_what_was_approved_as_one_waits_as_one_and_its_approval_stays_open() -> None:
    crowd = Crowd(1, 2, approval="Always")
    for _ in range(8):
        await crowd.settle()
        for handle in list(crowd.live()):
            layer = handle.split("/")[1]
            crowd.world.executor.plan(layer, update=1)
            crowd.loops["uid-0"].wake()
    await crowd.settle()
    plan = crowd.status("uid-0")["plan"]
    assert plan["digest"]
    # another environment takes the whole of it meanwhile
    blocker = body("other", uid="uid-9", environment="eph-other")
    blocker["spec"]["aws"]["accountId"] = "999999999999"
    crowd.add(blocker)
    await crowd.settle()
    assert len(crowd.live()) == 2
    approved = annotated(crowd.world.cluster.objects["uid-0"], approve=plan["digest"], approved_by="ann")
    crowd.world.cluster.objects["uid-0"] = approved
    crowd.loops["uid-0"].wake()
    await crowd.settle()
    assert not crowd.status("uid-0")["plan"].get("usedDigest")
    assert crowd.layer("uid-0", "persistent")["message"].startswith("waits for a free place")
    await crowd.end_one()
    assert not crowd.status("uid-0")["plan"].get("usedDigest"), "there is room for one of the two: not enough"
    await crowd.end_one()
    assert crowd.status("uid-0")["plan"]["usedDigest"] == plan["digest"]
    mine = {handle.split("/")[1] for handle in crowd.live() if handle.startswith("uid-0/")}
    assert mine == {"persistent", "foundation"}


class Refuses(FakeCluster):
    """Takes no status of one resource."""

    def __init__(self, uid: str) -> None:
        super().__init__()
        self.uid = uid

    async def write_status(self, ref: Ref, status: Mapping[str, Any]) -> Mapping[str, Any]:
        if ref.uid == self.uid:
            raise RefusedError("etcdserver: request is too large")
        return await super().write_status(ref, status)


async def turned(crowd: Crowd, times: int) -> None:
    """As the loops turn by themselves, once a minute: an error costs a wait."""
    for _ in range(times):
        for uid, loop in crowd.loops.items():
            loop.notice(crowd.world.cluster.objects[uid])
            await loop._guarded_turn()
        crowd.world.clock.time += 60


async def test_a_place_of_a_run_that_cannot_be_written_down_is_the_next_ones() -> None:
    crowd = Crowd(2, 1, cluster=Refuses("uid-0"))
    await turned(crowd, 3)
    assert {handle.split("/")[0] for handle in crowd.live()} == {"uid-1"}
    assert crowd.places.used == DEFAULT_WEIGHT


@pytest.mark.parametrize("step", ["_decide", "_write", "_act"])
async def test_whatever_ends_a_turn_early_no_place_is_kept_for_a_run_that_nobody_follows(
    step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    crowd = Crowd(2, 1)
    broken = crowd.loops["uid-0"]._pipeline
    await crowd.loops["uid-1"]._turn()  # takes the only place: the other stands in the line
    await turned(crowd, 1)
    monkeypatch.setattr(broken, step, AsyncMock(side_effect=ValueError("a bug")))
    crowd.places.account("uid-1", frozenset())
    await crowd.loops["uid-0"]._guarded_turn()
    assert crowd.places.used == (DEFAULT_WEIGHT if step == "_act" else 0), "what is written down may have begun"


async def test_who_is_given_up_needs_no_place_for_what_has_ended() -> None:
    crowd = Crowd(1, 2)
    await crowd.settle()
    gone = annotated(deleted(crowd.world.cluster.objects["uid-0"]), abandon="eph-0")
    crowd.world.cluster.objects["uid-0"] = gone
    crowd.world.executor.stop("persistent")
    crowd.loops["uid-0"].notice(gone)
    await crowd.loops["uid-0"]._turn()
    assert crowd.places.used == DEFAULT_WEIGHT


def add(crowd: Crowd, number: int) -> None:
    made = body(f"env{number}", uid=f"uid-{number}", environment=f"eph-{number}")
    made["spec"]["aws"]["accountId"] = f"{number:012d}"
    crowd.add(made)


async def arriving(slots: int) -> Crowd:
    """Environments that came one after the other, the last ones first by every other order."""
    crowd = Crowd(0, slots)
    for number in (4, 3, 2, 1):
        add(crowd, number)
        await crowd.settle()
        crowd.world.clock.time += 10
    return crowd


def restarted(crowd: Crowd) -> None:
    """Another operator, whose loops turn in another order."""
    objects = crowd.world.cluster.objects
    crowd.places = Places(crowd.places.budget)
    crowd.places.begin(objects)
    crowd.ports = Ports(**{**vars(crowd.ports), "places": crowd.places})
    crowd.loops = {uid: Loop(objects[uid], crowd.ports, SETTINGS) for uid in sorted(objects)}
    for loop in crowd.loops.values():
        loop._pipeline._judge._first_claim_seen = True
        loop.wake()


async def order(restarts: int) -> list[str]:
    """Which environments begin, one run after another, where another operator takes over before each of the first."""
    crowd = await arriving(1)
    began = [handle.split("/")[0] for handle in crowd.live()]
    for number in range(5):
        if number < restarts:
            restarted(crowd)
            await crowd.settle()
        await crowd.end_one()
        began += [handle.split("/")[0] for handle in crowd.live()]
    return began


@pytest.mark.parametrize("restarts", [1, 3])
async def test_a_place_in_the_line_survives_a_restart(restarts: int) -> None:
    began = await order(restarts)
    assert began == await order(0)
    assert list(dict.fromkeys(began)) == ["uid-4", "uid-3", "uid-2"], "who came first"


async def test_nobody_goes_before_one_who_waited_and_has_not_been_asked_yet() -> None:
    crowd = await arriving(1)
    (running,) = crowd.live()
    del crowd.world.cluster.objects["uid-4"]
    del crowd.world.executor.started[running]
    restarted(crowd)
    crowd.loops["uid-3"]._woken.clear()
    await crowd.settle()
    assert not crowd.live(), "who came first has yet to say that it wants it still"
    crowd.loops["uid-3"].wake()
    await crowd.settle()
    assert [handle.split("/")[0] for handle in crowd.live()] == ["uid-3"]


async def test_who_does_not_want_its_place_any_more_holds_up_nobody() -> None:
    crowd = await arriving(1)
    (running,) = crowd.live()
    del crowd.world.cluster.objects["uid-4"]
    del crowd.world.executor.started[running]
    crowd.world.cluster.objects["uid-3"] = changed(crowd.world.cluster.objects["uid-3"], suspend=True)
    restarted(crowd)
    await crowd.settle()
    assert [handle.split("/")[0] for handle in crowd.live()] == ["uid-2"]
    assert "queuedAt" not in crowd.layer("uid-3", "persistent")
