"""All fakes of the operator's ports together, and the small ones: clock, images, archive, stacks, telemetry, notifier.

Must never be cleverer than the ports promise.
"""

import asyncio
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from tests.fakes.cluster import FakeCluster
from tests.fakes.executor import FakeExecutor
from tradai_iac.failure import Failure
from tradai_iac.images.wanted import Registry, Resolution, WantedImage
from tradai_operator.decide.facts import StackSeen
from tradai_operator.model import EnvironmentStatus
from tradai_operator.ports import (
    ArchiveError,
    NoBucketError,
    NotDeliveredError,
    Ref,
    Shelf,
    StacksError,
    Target,
    Telemetry,
)
from tradai_operator.reconcile.shared import Ports
from tradai_operator.status.happenings import Happening, happenings
from tradai_operator.status.notices import Notice
from tradai_runner.contract import Owner


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
class FakeNotifier:
    """Remembers what was told to whom; fails while `error` is set, and answers late while `slow` is."""

    told: list[tuple[Target, Notice]] = field(default_factory=list)
    error: str = ""
    slow: asyncio.Event | None = None

    async def notify(self, target: Target, notice: Notice) -> None:
        if self.slow:
            await self.slow.wait()
        if self.error:
            raise NotDeliveredError(self.error)
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
    notifier: FakeNotifier = field(default_factory=FakeNotifier)
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
            notifier=self.notifier,
        )
