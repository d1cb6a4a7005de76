"""Local runs of an operator that was another pod: whether they are over is what the API server says of that pod.

A process dies with its container. So a run's handle names the pod, user and host that it was started by; once that pod
has ended, the run is declared dead in the state bucket, which removes just the lock that it can have left.
Must never take a pod for ended because nobody could be asked, nor a run that goes on for dead.
"""

import asyncio
import getpass
import socket
import time
from collections.abc import Callable, Mapping
from typing import Final, Protocol, Self
from urllib.parse import parse_qsl, urlencode

from botocore.exceptions import BotoCoreError, ClientError
from lightkube import AsyncClient
from lightkube.resources.core_v1 import Pod
from pydantic import ValidationError

from tradai_iac.base import Frozen
from tradai_iac.blueprints import BLUEPRINTS
from tradai_operator.adapters.kubernetes.cluster import explained
from tradai_operator.ports import ClusterError, Observation, RefusedError
from tradai_runner.bucket.store import Store
from tradai_runner.contract import Progress, RunRequest
from tradai_runner.journal.address import RunAddress
from tradai_runner.journal.bucket import store_at
from tradai_runner.lock.dead_runs import DeadRun, declare_dead
from tradai_runner.lock.stack import find_locks

#: What the downward API tells an operator of its own pod; without them its runs are bound to no pod.
POD: Final = ("TRADAI_OPERATOR_NAMESPACE", "TRADAI_POD_NAME", "TRADAI_POD_UID")
_OVER: Final = frozenset({"Succeeded", "Failed"})
#: A clock of another node may be this much behind.
_SLACK_SECONDS: Final = 60.0
_POLL_SECONDS: Final = 5.0


class Trail(Frozen):
    """What it takes to tell later whether a run is over: the pod that it lives in, and what its lock would say."""

    namespace: str
    pod: str
    uid: str
    user: str
    host: str
    since: float
    journal: str

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """From a handle; None for what is none."""
        try:
            return cls.model_validate(dict(parse_qsl(text)))
        except ValidationError:
            return None

    def __str__(self) -> str:
        return urlencode(self.model_dump())


class Pods(Protocol):
    """Who knows of pods."""

    async def ended(self, namespace: str, name: str, uid: str) -> bool:
        """Whether all containers of that pod are gone for good; raises ClusterError where that is not known."""


class KubePods:
    """`Pods` over the API server."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def ended(self, namespace: str, name: str, uid: str) -> bool:
        """A pod object goes only once its node says that the containers ended, or somebody vouches for it by force."""
        async with explained(f"get Pod {namespace}/{name}", ignore={404}):
            pod = await self._client.get(Pod, name, namespace=namespace)
            if (pod.metadata and pod.metadata.uid) != uid:
                return True
            return bool(pod.status and pod.status.phase in _OVER)
        return True


class Away:
    """The local runs of other pods, seen from the pod that `environment` names."""

    def __init__(
        self, environment: Mapping[str, str], pods: Pods, open_store: Callable[[RunAddress], Store] = store_at
    ) -> None:
        self._own = tuple(environment.get(name, "") for name in POD)
        self._pods = pods
        self._open_store = open_store
        self._seen: dict[str, tuple[float, Observation]] = {}

    def trail(self, request: RunRequest) -> str:
        """Of a run that is about to start here; '' where no pod, or no state bucket, could prove anything."""
        if not all(self._own):
            return ""
        try:
            run = RunAddress.of(request, BLUEPRINTS[request.blueprint].stack_project(request.layer))
        except (ValueError, KeyError):
            return ""
        namespace, pod, uid = self._own
        names = {"namespace": namespace, "pod": pod, "uid": uid, "user": getpass.getuser()}
        return str(Trail(**names, host=socket.gethostname(), since=time.time(), journal=str(run)))

    async def observe(self, text: str) -> Observation:
        """A run of another process table: over, going on, or nobody can tell, which is no proof of a death."""
        trail = Trail.parse(text)
        if trail is None:
            return Observation(lost=True)
        looked, seen = self._seen.get(text, (-_POLL_SECONDS, Observation()))
        if time.monotonic() - looked >= _POLL_SECONDS:
            seen = await self._look(trail)
            going_on = {known: look for known, look in self._seen.items() if not look[1].lost}
            self._seen = going_on | {text: (time.monotonic(), seen)}
        return seen

    async def _look(self, trail: Trail) -> Observation:
        try:
            if await self._ended(trail):
                await asyncio.to_thread(self._bury, trail)
                return Observation(lost=True)
            if not await asyncio.to_thread(self._holds, trail):
                return Observation(lost=True)  # the next run takes the lock, and this one shows an older term
        except RefusedError:
            return Observation(lost=True)  # nothing can be proven here: a lock, if it left one, stays and is reported
        except (ClusterError, ClientError, BotoCoreError):
            return Observation()
        where = f"goes on in pod {trail.namespace}/{trail.pod}, which still stands"
        return Observation(progress=Progress(phase="running", current=where))

    async def _ended(self, trail: Trail) -> bool:
        """An earlier container of this very pod is over, since this one could not have begun before."""
        pod = (trail.namespace, trail.pod, trail.uid)
        return pod == self._own or await self._pods.ended(*pod)

    def _bury(self, trail: Trail) -> None:
        run = RunAddress.parse(trail.journal)
        death = DeadRun(
            run_id=run.run_id,
            executor="local",
            user=trail.user,
            host=trail.host,
            since=trail.since - _SLACK_SECONDS,
            until=time.time(),
        )
        declare_dead(self._open_store(run), run.project, run.stack, death)

    def _holds(self, trail: Trail) -> bool:
        run = RunAddress.parse(trail.journal)
        locks = find_locks(self._open_store(run), run.project, run.stack)
        return any((lock.holder, lock.host) == (trail.user, trail.host) for lock in locks)
