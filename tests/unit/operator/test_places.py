"""Many environments that share the memory of one machine, over fakes: who begins, who is told what, what is written."""

from collections import Counter
from typing import Any

from tests.fakes.bodies import annotated, body, with_secrets
from tests.fakes.drive import FOUNDATION, PERSISTENT, SETTINGS
from tests.fakes.world import World
from tradai_operator.ports import Observation
from tradai_operator.reconcile.loop import Loop
from tradai_operator.reconcile.shared import Ports
from tradai_operator.schedule.places import DEFAULT_WEIGHT, Places
from tradai_runner.contract import RunResult

COUNT = 16
#: What a burst is.
MANY = 50
SLOTS = 6
_OUTPUTS: dict[str, dict[str, Any]] = {"persistent": PERSISTENT, "foundation": dict(FOUNDATION)}


class Crowd:
    """Loops of many environments over one world, each turned when it was woken and never else."""

    def __init__(self, count: int, slots: int, **spec: Any) -> None:
        self.world, self.waits = World(), list[float]()
        with_secrets(self.world.cluster)
        self.places = Places(slots * DEFAULT_WEIGHT, self.waits.append)
        self.ports = Ports(**{**vars(self.world.ports), "places": self.places})
        self.loops: dict[str, Loop] = {}
        for number in range(count):
            made = body(f"env{number}", uid=f"uid-{number}", environment=f"eph-{number}", **spec)
            made["spec"]["aws"]["accountId"] = f"{number:012d}"
            self.add(made)

    def add(self, made: dict[str, Any]) -> None:
        uid = made["metadata"]["uid"]
        self.world.cluster.objects[uid] = made
        self.loops[uid] = Loop(made, self.ports, SETTINGS)
        self.loops[uid]._pipeline._judge._first_claim_seen = True  # each would parse all others: no matter of the line
        self.loops[uid].wake()

    async def settle(self) -> int:
        """Turns whoever was woken until nobody is; gives the number of turns."""
        turns = 0
        while woken := [uid for uid, loop in self.loops.items() if loop._woken.is_set()]:
            for uid in woken:
                loop = self.loops[uid]
                loop._woken.clear()
                loop.notice(self.world.cluster.objects[uid])
                loop._woken.clear()
                await loop._turn()
                turns += 1
            assert self.places.used <= SLOTS * DEFAULT_WEIGHT
            assert len(self.live()) <= SLOTS
        return turns

    def live(self) -> list[str]:
        runs = self.world.executor
        return [handle for handle in runs.started if runs.observations[handle].result is None]

    async def end_one(self) -> None:
        """The run that began first ends well, and its loop sees it."""
        handle = self.live()[0]
        uid, layer, _ = handle.split("/")
        outputs = _OUTPUTS.get(layer, {})
        request = self.world.executor.started[handle]
        result = RunResult(
            run_id=request.run_id, layer=layer, operation="up", outcome="succeeded", outputs=outputs, finished_at=1.0
        )
        self.world.executor.observations[handle] = Observation(result=result)
        self.world.clock.time += 1
        self.loops[uid].wake()
        await self.settle()

    def status(self, uid: str) -> dict[str, Any]:
        status: dict[str, Any] = self.world.cluster.objects[uid].get("status", {})
        return status

    def layer(self, uid: str, name: str) -> dict[str, Any]:
        return next(layer for layer in self.status(uid)["layers"] if layer["name"] == name)


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
