"""Runs that stand still until a test says how they end.

Must never be cleverer than the port promises.
"""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from tradai_iac.failure import Failure
from tradai_operator.ports import Observation
from tradai_runner.contract import Asked, Owner, PlanSummary, Progress, ResourceCounts, RunRequest, RunResult
from tradai_runner.contract.drift import DriftSummary
from tradai_runner.journal.seal import seal
from tradai_runner.state.missing import OF_THE_STATE

PASSPHRASE = "open sesame"
_Kind = TypeVar("_Kind", bound=Asked)
#: What a run mostly says before it has touched anything.
_BEFOREHAND = frozenset({"Owner", "Account", "Backend"})


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

    def asked(self, layer: str, kind: type[_Kind]) -> _Kind:
        """What the layer's present run was asked, which is of that kind."""
        found = self.started[self.live[layer]]
        assert isinstance(found, kind), found
        return found

    def progress(self, layer: str, done: int, total: int, current: str = "") -> None:
        counts = ResourceCounts(total=total, done=done)
        self.observations[self.live[layer]] = Observation(
            progress=Progress(phase="running", resources=counts, current=current)
        )

    def succeed(
        self, layer: str, outputs: Mapping[str, Any] | None = None, migrated: tuple[str, ...] = (), **secret: str
    ) -> None:
        sealed = seal(secret, self.passphrases[self.live[layer]])
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
        urn: str = "urn:x",
    ) -> None:
        """Ends a run badly; unless it is said, what a pre-flight refuses has touched nothing."""
        failure = Failure(kind=kind, error=error, urn=urn, request_id="req-12345", hint="Do something.")
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
