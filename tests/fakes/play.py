"""All that may happen to one environment, its operator of the moment, and a model of AWS, one step after another.

Must never be kinder than the world: after each step a turn, and nothing is released under a live run.
"""

from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.bodies import annotated, body, changed, deleted, with_secrets
from tests.fakes.cloud import EFFECTS, Fuse, KilledError, ModelExecutor, ModelStacks, Mortal
from tests.fakes.cluster import FakeCluster
from tests.fakes.drive import SETTINGS
from tests.fakes.world import FakeArchive, FakeClock, FakeImages, FakeNotifier, FakeTelemetry
from tradai_operator.ports import ClusterError
from tradai_operator.reconcile.loop import Loop
from tradai_operator.reconcile.shared import Ports
from tradai_runner.contract import Owner

#: Under which everything stands that was applied here and of which no test has raised a guard.
GUARDS = {"deletionPolicy": "Everything", "approval": "Never", "state.durability": "Group"}


def marker(uid: str) -> Owner:
    """As runs of that resource mark their stacks."""
    return Owner(cluster=SETTINGS.cluster, resource="tradai/eph-x", uid=uid, guards=GUARDS)


@dataclass
class Play:
    """One environment, its operator of the moment, and a model of AWS."""

    clock: FakeClock = field(default_factory=FakeClock)
    cluster: FakeCluster = field(default_factory=FakeCluster)
    telemetry: FakeTelemetry = field(default_factory=FakeTelemetry)
    fuse: Fuse = field(default_factory=Fuse)
    generation: int = 1
    value: str = "k:s"

    def __post_init__(self) -> None:
        with_secrets(self.cluster)
        self.cloud = ModelExecutor(self.cluster)
        self.loop: Loop | None = None
        self.uid = "uid-1"

    @property
    def body(self) -> dict[str, Any] | None:
        return self.cluster.objects.get(self.uid)

    def apply(self, spec: dict[str, Any]) -> None:
        """`kubectl apply`: a new generation, or a new resource."""
        if self.body is None:
            self.generation += 1
            self.uid = f"uid-{self.generation}"
            fresh = body("eph-x", uid=self.uid, environment="eph-x", blueprint="sample", **spec)
            fresh["spec"]["deletionPolicy"] = "Everything"
            fresh["metadata"]["finalizers"] = []
            self.cluster.objects[self.uid] = annotated(fresh, confirm_destroy="eph-x")
            self.loop = None
        elif "deletionTimestamp" not in self.body["metadata"]:
            self.cluster.objects[self.uid] = changed(self.body, **spec)

    async def turn(self) -> None:
        """One turn, by a new operator where the last one is dead."""
        if self.body is None:
            return
        if self.loop is None:
            ports = Ports(
                cluster=Mortal(self.cluster, self.fuse, EFFECTS),
                executor=Mortal(self.cloud, self.fuse, EFFECTS),
                clock=self.clock,
                images=FakeImages(),
                telemetry=self.telemetry,
                notifier=FakeNotifier(),
                archive=FakeArchive(),
                stacks=ModelStacks(self.cloud, marker(self.uid)),
            )
            self.loop = Loop(deepcopy(self.body), ports, SETTINGS)
        self.loop.notice(deepcopy(self.body))
        try:
            await self.loop._turn()
        except KilledError:
            self._another_operator()
        except ClusterError:
            pass  # the loop itself waits and turns again
        assert self.body or not self.cloud.live, "released under a live run"

    def _run(self, number: int) -> str | None:
        handles = sorted(self.cloud.live)
        return handles[number % len(handles)] if handles else None

    async def step(self, what: str, how: Any) -> None:
        """One thing that happens, and a turn after it."""
        await getattr(self, f"_{what.replace(' ', '_')}")(how)
        await self.turn()

    async def _edit(self, spec: dict[str, Any]) -> None:
        self.apply(spec)

    async def _turn(self, _: None) -> None:
        """Nothing but the turn."""

    async def _complete(self, number: int) -> None:
        if run := self._run(number):
            self.cloud.complete(run, self.clock.now())

    async def _fail(self, how: tuple[int, Any]) -> None:
        if run := self._run(how[0]):
            self.cloud.fail(run, how[1], self.clock.now())

    async def _kill_run(self, number: int) -> None:
        if run := self._run(number):
            self.cloud.kill(run)

    async def _kill_operator(self, how: tuple[int, bool]) -> None:
        self.fuse.left, self.fuse.after = how

    async def _restart(self, _: None) -> None:
        self._another_operator()

    def _another_operator(self) -> None:
        self.loop = None
        self.cloud.sweep()

    async def _cluster_breaks(self, _: None) -> None:
        self.cluster.broken = True

    async def _cluster_mends(self, _: None) -> None:
        self.cluster.broken = False

    async def _secret_goes(self, name: str) -> None:
        self.cluster.secrets.pop(("tradai", name), None)
        self._noticed()

    async def _secret_changes(self, value: str) -> None:
        self.value = value
        await self._secret_comes(None)

    async def _secret_comes(self, _: None) -> None:
        with_secrets(self.cluster)
        self.cluster.secrets["tradai", "tradai-secrets"] = {"binance-api": self.value}
        self._noticed()

    def _noticed(self) -> None:
        if self.loop:
            self.loop.notice_secret()

    async def _time_passes(self, seconds: float) -> None:
        self.clock.time += seconds

    async def _delete_and_apply(self, spec: dict[str, Any]) -> None:
        """Deleted, and applied again once it is gone."""
        if self._begin_deletion():
            await self.quiet()
        await self._gone_then(spec)

    async def _invalid_delete_and_apply(self, spec: dict[str, Any]) -> None:
        """Made invalid, and deleted: it goes as it was last applied."""
        if self.body and "deletionTimestamp" not in self.body["metadata"]:
            self.cluster.objects[self.uid] = changed(self.body, layers={"store": {"config": {"nonsense": 1}}})
            await self.turn()
        await self._delete_and_apply(spec)

    async def _narrow_in_mid_destroy_and_apply(self, spec: dict[str, Any]) -> None:
        """Somebody wants to keep it while it is being taken down: what stands then stays."""
        if self._begin_deletion():
            await self.turn()
            if self.body:
                self.cluster.objects[self.uid] = changed(self.body, deletionPolicy="Retain")
            await self.quiet()
        self.cloud.orphans = set(self.cloud.stands)
        await self._gone_then(spec)

    async def _abandon_and_apply(self, spec: dict[str, Any]) -> None:
        """Given up: it goes, and what stands stays."""
        if self._begin_deletion():
            assert self.body is not None
            self.cluster.objects[self.uid] = annotated(self.body, abandon="eph-x")
            await self.quiet()
        self.cloud.orphans = set(self.cloud.stands)
        await self._gone_then(spec)

    def _begin_deletion(self) -> bool:
        """Whether anybody holds it; else the API server lets it go at once."""
        if self.body is None:
            return False
        if self.body["metadata"]["finalizers"]:
            self.cluster.objects[self.uid] = deleted(self.body)
            return True
        del self.cluster.objects[self.uid]
        return False

    async def _gone_then(self, spec: dict[str, Any]) -> None:
        assert self.body is None, "the resource does not go"
        assert set(self.cloud.stands) <= self.cloud.orphans, "something was left behind"
        self.apply(spec)

    async def _passphrase_is_wrong(self, _: None) -> None:
        self.cluster.secrets["tradai", "tradai-state"] = {"passphrase": "wrong"}
        self._noticed()

    async def quiet(self) -> None:
        """No more faults; turns until nothing happens any more."""
        self.fuse.left, self.cluster.broken = None, False
        await self._secret_comes(None)
        for _ in range(40):
            before = deepcopy(self.cluster.objects), sorted(self.cloud.live)
            await self.turn()
            for handle in list(self.cloud.live):
                self.cloud.complete(handle, self.clock.now())
            self.clock.time += 1000.0
            if before == (self.cluster.objects, sorted(self.cloud.live)):
                return
        raise AssertionError("it never comes to rest")

    def end(self) -> dict[str, Any]:
        """What counts in the end."""
        found = self.body
        assert found is not None
        status = found["status"]
        layers = {
            layer["name"]: (layer["state"], layer.get("inputsDigest"), layer.get("outputsDigest"), layer.get("run"))
            for layer in status["layers"]
        }
        outputs = self.cluster.secrets.get(("tradai", "eph-x-outputs"))
        capsules = [
            {key: value[key] for key in ("spec", "passphrase")}
            for (_, name), value in self.cluster.secrets.items()
            if "capsule" in name
        ]
        return {
            "phase": status["phase"],
            "layers": layers,
            "outputs": status["outputs"],
            "secret outputs": outputs,
            "capsules": capsules,
            "in AWS": self.cloud.stands,
            "half done": self.cloud.half,
            "private files": dict(self.cloud.secrets),
        }
