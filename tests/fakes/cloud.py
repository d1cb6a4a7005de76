"""An AWS and an engine in miniature, to play with the operator's loop: runs that really change something.

What a run makes of a layer depends on its request and on the layers upstream, and on nothing else. Must never be kind:
two runs on one stack, or one that the status does not name, are errors at once.
"""

import json
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.cluster import FakeCluster
from tests.fakes.executor import PASSPHRASE
from tradai_iac.blueprints import BLUEPRINTS
from tradai_iac.failure import Failure, FailureClass
from tradai_operator.decide.facts import StackSeen
from tradai_operator.ports import Observation, Shelf
from tradai_runner.contract import Owner, RunRequest, RunResult
from tradai_runner.journal.seal import seal


class KilledError(BaseException):
    """kill -9 of the operator: nothing in it may catch this."""


@dataclass
class Fuse:
    """Burns down with every effect of the operator; at zero it dies before or after that one."""

    left: int | None = None
    after: bool = False

    async def around(self, effect: Callable[[], Awaitable[Any]]) -> Any:
        """One effect."""
        if self.left is None:
            return await effect()
        self.left -= 1
        if self.left > 0:
            return await effect()
        self.left = None
        if self.after:
            await effect()
        raise KilledError


class Mortal:
    """A port whose effects burn a fuse; what only looks does not."""

    def __init__(self, port: Any, fuse: Fuse, effects: Collection[str]) -> None:
        self._port = port
        self._fuse = fuse
        self._effects = effects

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._port, name)
        if name not in self._effects:
            return method

        async def burning(*args: Any, **kwargs: Any) -> Any:
            return await self._fuse.around(lambda: method(*args, **kwargs))

        return burning


#: What the operator changes through its ports.
EFFECTS = frozenset(
    {"write_status", "write_finalizers", "write_secret", "delete_secret", "write_record", "emit", "delete"}
    | {"start", "cancel", "finish"}
)


@dataclass
class ModelExecutor:
    """Runs over a model of AWS: what stands of each layer, and whether a dead run left it half done.

    `orphans` are layers that were let go on purpose and that no run has taken on since.
    """

    cluster: FakeCluster
    name: str = "model"
    stands: dict[str, str] = field(default_factory=dict)
    half: set[str] = field(default_factory=set)
    live: dict[str, RunRequest] = field(default_factory=dict)
    secrets: dict[str, Mapping[str, str]] = field(default_factory=dict)
    over: dict[str, Observation] = field(default_factory=dict)
    cancelled: set[str] = field(default_factory=set)
    opened: dict[str, bool] = field(default_factory=dict)
    orphans: set[str] = field(default_factory=set)
    started: int = 0

    def handle(self, environment_uid: str, request: RunRequest) -> str:
        return f"{environment_uid}/{request.layer}/{request.run_id}"

    async def start(self, handle: str, request: RunRequest, passphrase: str, secrets: Mapping[str, str]) -> None:
        busy = [found.layer for found in self.live.values()]
        assert request.layer not in busy, f"two runs on {request.layer}"
        named = [
            layer.get("run", {}).get("handle") for body in self.cluster.objects.values() for layer in _layers(body)
        ]
        assert handle in named, f"{handle} runs, and no status says so"
        self.opened[handle] = PASSPHRASE in {passphrase, *(secrets.values() if request.operation == "destroy" else ())}
        self.started += 1
        self.live[handle] = request
        self.secrets[handle] = dict(secrets)

    async def observe(self, handle: str) -> Observation:
        if handle in self.live:
            return Observation()
        return self.over.get(handle, Observation(lost=True))

    async def cancel(self, handle: str) -> None:
        self.cancelled.add(handle)

    async def finish(self, handle: str) -> None:
        self.secrets.pop(handle, None)

    async def changed(self, handles: Collection[str]) -> None:
        return None

    def sweep(self) -> None:
        """A new operator's first act: what runs that are over have left is removed."""
        self.secrets = {handle: values for handle, values in self.secrets.items() if handle in self.live}

    def complete(self, handle: str, now: float) -> None:
        """The run comes to its end; one that was cancelled stops half way."""
        if not self.opened[handle]:
            self.refuse(handle, now)
            return
        request = self.live.pop(handle)
        if handle in self.cancelled:
            self.half.add(request.layer)
            failure = Failure(kind="Cancelled", error="stopped")
            self.over[handle] = Observation(result=_result(request, now, outcome="cancelled", failure=failure))
            return
        self.half.discard(request.layer)
        if request.operation == "destroy":
            assert not (_readers(request) & set(self.stands) - self.orphans), "destroyed under those who read it"
            self.orphans.discard(request.layer)
            self.stands.pop(request.layer, None)
            self.over[handle] = Observation(result=_result(request, now, outcome="succeeded"))
            return
        content = self._content(request, self.secrets.get(handle, {}))
        self.stands[request.layer] = content
        self.orphans.discard(request.layer)
        declared = BLUEPRINTS[request.blueprint].layer(request.layer)
        outputs = dict.fromkeys(("table_name", "bucket_name", "topic_arn"), f"{request.layer} with {content}"[:300])
        sealed = seal(dict.fromkeys(declared.secret_outputs, "s3cr3t"), PASSPHRASE)
        self.over[handle] = Observation(
            result=_result(request, now, outcome="succeeded", outputs=outputs, sealed=sealed)
        )

    def fail(self, handle: str, kind: FailureClass, now: float) -> None:
        """The run fails half way."""
        request = self.live.pop(handle)
        self.half.add(request.layer)
        failure = Failure(kind=kind, error=f"{kind} was said")
        self.over[handle] = Observation(result=_result(request, now, outcome="failed", failure=failure))

    def refuse(self, handle: str, now: float) -> None:
        """The run looked at the state first, and could not open it."""
        request = self.live.pop(handle)
        failure = Failure(kind="Passphrase", error="the passphrase does not open the state")
        self.over[handle] = Observation(
            result=_result(request, now, outcome="failed", failure=failure, untouched=request.operation == "up")
        )

    def kill(self, handle: str) -> None:
        """kill -9 of the run: no result, and half of it is done."""
        self.half.add(self.live.pop(handle).layer)

    def _content(self, request: RunRequest, secrets: Mapping[str, str]) -> str:
        """What a run makes: its configuration, its secrets and what it reads upstream."""
        reads = BLUEPRINTS[request.blueprint].layer(request.layer).reads
        upstream = {name: self.stands.get(name, "nothing") for name in reads}
        assert "nothing" not in upstream.values(), f"{request.layer} before what it reads"
        return json.dumps([request.config, sorted(secrets.items()), upstream], sort_keys=True)


@dataclass
class ModelStacks:
    """The stacks that the runs of a model left."""

    cloud: ModelExecutor
    owner: Owner

    async def look(
        self, shelf: Shelf, projects: Mapping[str, str], states: Collection[str], known: Collection[str] = ()
    ) -> Mapping[str, StackSeen]:
        there = {*self.cloud.stands, *self.cloud.half}
        found = StackSeen(self.owner, stands=True, digest="there")
        return {name: found if name in there else StackSeen(digest="absent") for name in projects}

    async def mark(self, shelf: Shelf, project: str, owner: Owner) -> None:
        self.owner = owner


def _layers(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [layer for layer in body.get("status", {}).get("layers", []) if layer.get("run")]


def _readers(request: RunRequest) -> set[str]:
    return {layer.name for layer in BLUEPRINTS[request.blueprint].layers if request.layer in layer.reads}


def _result(request: RunRequest, now: float, **more: Any) -> RunResult:
    return RunResult(run_id=request.run_id, layer=request.layer, operation=request.operation, finished_at=now, **more)
