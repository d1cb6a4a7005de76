"""Fakes that implement the operator's ports: a cluster in a dict, runs that end when told, a clock that is turned.

Must never be cleverer than the ports promise.
"""

import asyncio
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from tradai_iac.images.wanted import Registry, Resolution, WantedImage
from tradai_iac.runner.contract import Failure, Owner, PlanSummary, Progress, ResourceCounts, RunRequest, RunResult
from tradai_iac.runner.drift.contract import DriftSummary
from tradai_iac.runner.seal import seal
from tradai_iac.runner.stood import OF_THE_STATE
from tradai_operator.model import EnvironmentStatus
from tradai_operator.reconcile.facts import StackSeen
from tradai_operator.reconcile.ports import (
    ArchiveError,
    ClusterError,
    ConflictError,
    EventText,
    ForeignError,
    NoBucketError,
    NotAnnouncedError,
    Observation,
    Ports,
    Ref,
    Shelf,
    StacksError,
    Target,
)
from tradai_operator.reconcile.telemetry import Telemetry
from tradai_operator.status.happenings import Happening, happenings
from tradai_operator.status.notices import Notice

PASSPHRASE = "open sesame"
#: What a run mostly says before it has touched anything.
_BEFOREHAND = frozenset({"Owner", "Account", "Backend"})


@dataclass
class FakeClock:
    """Time that only moves when a test moves it."""

    time: float = 1_800_000_000.0
    runs: int = 0

    def now(self) -> float:
        return self.time

    def steady(self) -> float:
        return self.time

    def run_id(self) -> str:
        self.runs += 1
        return f"run-{self.runs:04d}"


@dataclass
class FakeCluster:
    """Objects by uid, Secrets and records by (namespace, name); counts every write."""

    objects: dict[str, dict[str, Any]] = field(default_factory=dict)
    secrets: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)
    made: dict[tuple[str, str], str] = field(default_factory=dict)
    records: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)
    events: list[EventText] = field(default_factory=list)
    statuses: list[dict[str, Any]] = field(default_factory=list)
    deletions: list[str] = field(default_factory=list)
    broken: bool = False
    asked: int = 0

    async def write_status(self, ref: Ref, status: Mapping[str, Any]) -> None:
        self._object(ref)["status"] = deepcopy(dict(status))
        self.statuses.append(deepcopy(dict(status)))

    async def write_finalizers(self, ref: Ref, before: Sequence[str], after: Sequence[str]) -> None:
        metadata = self._object(ref)["metadata"]
        if list(metadata.get("finalizers", [])) != list(before):
            raise ConflictError("the finalizers changed")
        metadata["finalizers"] = list(after)
        if metadata.get("deletionTimestamp") and not after:
            del self.objects[ref.uid]

    async def environments(self) -> list[Mapping[str, Any]]:
        self._answer()
        return deepcopy(list(self.objects.values()))

    async def delete(self, ref: Ref) -> None:
        self.deletions.append(ref.uid)

    async def secret(self, namespace: str, name: str) -> Mapping[str, str] | None:
        self._answer()
        return self.secrets.get((namespace, name))

    async def own_secret(self, namespace: str, name: str, owner: Ref) -> Mapping[str, str] | None:
        found = await self.secret(namespace, name)
        if found is not None and self.made.get((namespace, name)) != owner.name:
            raise ForeignError(f"Secret {namespace}/{name} was made by somebody else")
        return found

    def secret_changed(self, namespace: str, name: str) -> None:
        """Every answer is a fresh one."""

    async def write_secret(self, namespace: str, name: str, values: Mapping[str, str], owner: Ref | None) -> None:
        self._answer()
        self.secrets[namespace, name] = dict(values)
        self.made[namespace, name] = owner.name if owner else ""

    async def delete_secret(self, namespace: str, name: str) -> None:
        self.secrets.pop((namespace, name), None)

    async def write_record(self, namespace: str, name: str, values: Mapping[str, str]) -> None:
        self.records[namespace, name] = dict(values)

    async def emit(self, ref: Ref, event: EventText) -> None:
        self.events.append(event)

    def _object(self, ref: Ref) -> dict[str, Any]:
        self._answer()
        if ref.uid not in self.objects:
            raise ConflictError(f"{ref.namespace}/{ref.name} is gone")
        return self.objects[ref.uid]

    def _answer(self) -> None:
        self.asked += 1
        if self.broken:
            raise ClusterError("the API server does not answer")


@dataclass
class FakeExecutor:
    """Runs that stand still until a test ends them."""

    name: str = "fake"
    started: dict[str, RunRequest] = field(default_factory=dict)
    secrets: dict[str, Mapping[str, str]] = field(default_factory=dict)
    passphrases: dict[str, str] = field(default_factory=dict)
    cancelled: list[str] = field(default_factory=list)
    observations: dict[str, Observation] = field(default_factory=dict)
    order: list[tuple[str, str]] = field(default_factory=list)
    moved: asyncio.Event = field(default_factory=asyncio.Event)
    ended_at: float = 1_800_000_001.0
    made: dict[tuple[str, str], Owner] = field(default_factory=dict)
    spoiled: dict[str, Failure] = field(default_factory=dict)

    def handle(self, environment_uid: str, request: RunRequest) -> str:
        return f"{environment_uid}/{request.layer}/{request.run_id}"

    async def start(self, handle: str, request: RunRequest, passphrase: str, secrets: Mapping[str, str]) -> None:
        self.started[handle] = request
        self.secrets[handle] = secrets
        self.passphrases[handle] = passphrase
        self.observations[handle] = Observation()
        self.order.append((request.operation, request.layer))

    async def observe(self, handle: str) -> Observation:
        return self.observations.get(handle, Observation(lost=True))

    async def cancel(self, handle: str) -> None:
        self.cancelled.append(handle)

    async def finish(self, handle: str) -> None:
        self.started.pop(handle, None)

    async def changed(self, handles: Collection[str]) -> None:
        await self.moved.wait()

    @property
    def live(self) -> dict[str, str]:
        """Layer → handle of what is running."""
        return {
            request.layer: handle
            for handle, request in self.started.items()
            if self.observations[handle].result is None and not self.observations[handle].lost
        }

    def progress(self, layer: str, done: int, total: int, current: str = "") -> None:
        counts = ResourceCounts(total=total, done=done)
        self.observations[self.live[layer]] = Observation(
            progress=Progress(phase="running", resources=counts, current=current)
        )

    def succeed(
        self, layer: str, outputs: Mapping[str, Any] | None = None, migrated: tuple[str, ...] = (), **secret: str
    ) -> None:
        sealed = seal(secret, PASSPHRASE)
        self._end(layer, outcome="succeeded", outputs=dict(outputs or {}), sealed=sealed, migrated=migrated)

    def plan(
        self,
        layer: str,
        *destructive: str,
        content: str = "1",
        data: tuple[str, ...] = (),
        migrated: tuple[str, ...] = (),
        **counts: int,
    ) -> None:
        """Ends a preview; `content` tells plans of the same words apart."""
        found = PlanSummary(
            digest=f"sha256:{layer}-{content}",
            destructive=destructive,
            destructive_total=len(destructive),
            data=data,
            **({"delete": len(destructive)} | counts),
        )
        self._end(layer, outcome="succeeded", plan=found, migrated=migrated)

    def look(self, layer: str, *first: str, **counts: int) -> None:
        """Ends a look for drift; without counts it found none."""
        self._end(layer, outcome="succeeded", drift=DriftSummary(digest=f"sha256:{first}", first=first, **counts))

    def fail(
        self,
        layer: str,
        kind: Any = "Provider",
        error: str = "broken",
        *,
        migrated: tuple[str, ...] = (),
        untouched: bool | None = None,
    ) -> None:
        """Ends a run badly; unless it is said, what a pre-flight refuses has touched nothing."""
        failure = Failure(kind=kind, error=error, urn="urn:x", request_id="req-12345", hint="Do something.")
        beforehand = kind in _BEFOREHAND if untouched is None else untouched
        if kind in OF_THE_STATE:
            failure = failure.model_copy(update={"state": "spoiled"})
            self.spoiled[layer] = failure
        self._end(layer, outcome="failed", failure=failure, migrated=migrated, untouched=beforehand)

    def stop(self, layer: str) -> None:
        self._end(layer, outcome="cancelled", failure=Failure(kind="Cancelled", error="stopped"))

    def lose(self, layer: str) -> None:
        self.observations[self.live[layer]] = Observation(lost=True)

    def _end(self, layer: str, **result: Any) -> None:
        handle = self.live[layer]
        request = self.started[handle]
        if request.operation == "destroy" and result["outcome"] == "succeeded":
            self.made.pop((request.environment, layer), None)
        if request.operation == "up" and result["outcome"] == "succeeded" and request.owner:
            self.made[request.environment, layer] = request.owner
        self.observations[handle] = Observation(
            result=RunResult(
                run_id=request.run_id,
                layer=layer,
                operation=request.operation,
                finished_at=self.ended_at,
                **result,
            )
        )


@dataclass
class FakeImages:
    """A registry that has every image but those in `missing`; counts the looks, and answers late while `slow` is set.

    `pushed` counts how often a component's image was replaced.
    """

    missing: set[str] = field(default_factory=set)
    pushed: dict[str, int] = field(default_factory=dict)
    failure: Failure | None = None
    asked: list[Registry] = field(default_factory=list)
    slow: asyncio.Event | None = None

    async def resolve(self, registry: Registry, wanted: Sequence[WantedImage]) -> Resolution:
        self.asked.append(registry)
        if self.slow:
            await self.slow.wait()
        if self.failure:
            return Resolution(failure=self.failure)
        there = [image.component for image in wanted if image.component not in self.missing]
        return Resolution(
            found={component: self.digest(component) for component in there},
            missing=tuple(image for image in wanted if image.component in self.missing),
        )

    def digest(self, component: str) -> str:
        return f"sha256:{component}-{self.pushed.get(component, 0)}"


@dataclass
class FakeArchive:
    """Records by environment and name; refuses everything while `broken`."""

    records: dict[str, dict[str, Any]] = field(default_factory=dict)
    broken: bool = False

    async def keep(self, shelf: Shelf, name: str, record: Mapping[str, Any]) -> None:
        if self.broken:
            raise ArchiveError("the bucket does not answer")
        self.records[f"{shelf.environment}/{name}"] = deepcopy(dict(record))


@dataclass
class FakeStacks:
    """A state bucket that has what the runs of a world made: an `up` that ended leaves a state, a destroy an empty one.

    `found` are a test's own words on a layer; everything is refused while `broken`. Counts the looks and marks.
    """

    executor: FakeExecutor = field(default_factory=FakeExecutor)
    found: dict[str, StackSeen] = field(default_factory=dict)
    broken: bool = False
    no_bucket: bool = False
    looks: int = 0
    marks: list[Owner] = field(default_factory=list)

    async def look(
        self, shelf: Shelf, projects: Mapping[str, str], states: Collection[str], known: Collection[str] = ()
    ) -> Mapping[str, StackSeen]:
        self.looks += 1
        self._answer()
        return {layer: self.found.get(layer) or self._of(shelf.environment, layer) for layer in projects}

    async def mark(self, shelf: Shelf, project: str, owner: Owner) -> None:
        self._answer()
        layer = project.partition("-")[2]
        if layer in self.found:
            self.found[layer] = replace(self.found[layer], owner=owner)
        else:
            self.executor.made[shelf.environment, layer] = owner
        self.marks.append(owner)

    def _of(self, environment: str, layer: str) -> StackSeen:
        owner = self.executor.made.get((environment, layer))
        if failure := self.executor.spoiled.get(layer):
            return StackSeen(owner, failure=failure, digest=failure.state)
        return StackSeen(owner, stands=owner is not None, digest="there" if owner else "absent")

    def _answer(self) -> None:
        if self.broken:
            raise StacksError("s3://tradai-pulumi-state-dev: AccessDenied")
        if self.no_bucket:
            raise NoBucketError("s3://tradai-pulumi-state-dev: NoSuchBucket")


@dataclass
class FakeTelemetry:
    """Remembers what it was told: how turns ended, what happened to runs, how each resource stands."""

    turns: list[str] = field(default_factory=list)
    decisions: int = 0
    happened: list[Happening] = field(default_factory=list)
    standing: dict[str, EnvironmentStatus] = field(default_factory=dict)

    @contextmanager
    def turn(self, ref: Ref) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            self.turns.append(type(error).__name__)
            raise
        self.turns.append("done")

    @contextmanager
    def deciding(self) -> Iterator[None]:
        self.decisions += 1
        yield

    def saw(self, ref: Ref, statuses: Sequence[EnvironmentStatus]) -> None:
        for before, after in pairwise(statuses):
            self.happened += happenings(before, after)
        self.standing[ref.uid] = statuses[-1]

    def gone(self, uid: str) -> None:
        self.standing.pop(uid, None)


@dataclass
class FakeAnnouncer:
    """Remembers what was told to whom; fails while `error` is set, and answers late while `slow` is."""

    told: list[tuple[Target, Notice]] = field(default_factory=list)
    error: str = ""
    slow: asyncio.Event | None = None

    async def announce(self, target: Target, notice: Notice) -> None:
        if self.slow:
            await self.slow.wait()
        if self.error:
            raise NotAnnouncedError(self.error)
        self.told.append((target, notice))


@dataclass
class World:
    """All fakes together, with one environment in them; `real_telemetry` takes the place of the fake one."""

    clock: FakeClock = field(default_factory=FakeClock)
    cluster: FakeCluster = field(default_factory=FakeCluster)
    executor: FakeExecutor = field(default_factory=FakeExecutor)
    images: FakeImages = field(default_factory=FakeImages)
    archive: FakeArchive = field(default_factory=FakeArchive)
    telemetry: FakeTelemetry = field(default_factory=FakeTelemetry)
    announcer: FakeAnnouncer = field(default_factory=FakeAnnouncer)
    stacks: FakeStacks = field(init=False)
    real_telemetry: Telemetry | None = None

    def __post_init__(self) -> None:
        self.stacks = FakeStacks(self.executor)

    @property
    def ports(self) -> Ports:
        return Ports(
            cluster=self.cluster,
            executor=self.executor,
            clock=self.clock,
            images=self.images,
            archive=self.archive,
            stacks=self.stacks,
            telemetry=self.real_telemetry or self.telemetry,
            announcer=self.announcer,
        )
