"""Many environments over one world, whose loops share the places of one machine.

Must never turn a loop that was not woken.
"""

from typing import Any

from tests.fakes.bodies import body, with_secrets
from tests.fakes.cluster import FakeCluster
from tests.fakes.drive import FOUNDATION, PERSISTENT, SETTINGS
from tests.fakes.world import World
from tradai_operator.ports import Observation
from tradai_operator.reconcile.loop import Loop
from tradai_operator.reconcile.shared import Ports
from tradai_operator.schedule.places import DEFAULT_WEIGHT, Places
from tradai_runner.contract import RunResult

SLOTS = 6
_OUTPUTS: dict[str, dict[str, Any]] = {"persistent": PERSISTENT, "foundation": dict(FOUNDATION)}


class Crowd:
    """Loops of many environments over one world, each turned when it was woken and never else."""

    def __init__(self, count: int, slots: int, cluster: FakeCluster | None = None, **spec: Any) -> None:
        self.world, self.waits = World(cluster=cluster or FakeCluster()), list[float]()
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
