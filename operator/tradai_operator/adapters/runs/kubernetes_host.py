"""Containers of runs as Jobs in the operator's own namespace.

One Job a run, named by it, so that making it again finds it. A run is stopped by suspending its Job: its pod gets its
grace, and no other comes. Must never read a pod: what a Job says is enough.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import httpx2
from lightkube import ApiError, AsyncClient
from lightkube.models.batch_v1 import JobCondition
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.batch_v1 import Job
from lightkube.resources.core_v1 import Secret
from lightkube.types import CascadeType, PatchType

from tradai_operator.adapters.runs.jobs import JobSettings, is_over, is_suspended, job_of, name_of, secret_of
from tradai_operator.adapters.runs.remote import HostError
from tradai_runner.contract import RunRequest
from tradai_runner.journal.address import RunAddress
from tradai_runner.process.tracing import Tracing
from tradai_runner.process.writes import point

_EXISTS, _GONE = 409, 404


class KubernetesHost:
    """The `Host` of executor `kubernetes`; without settings it sees runs to their end and starts none."""

    name = "kubernetes"

    def __init__(self, client: AsyncClient, settings: JobSettings | None, tracing: Tracing | None = None) -> None:
        self._client = client
        self._settings = settings
        self._tracing = tracing or Tracing()

    def place(self, run: RunAddress) -> dict[str, str]:
        """Namespace and name of the Job."""
        return {"namespace": self._wanted.namespace, "job": name_of(run)}

    async def launch(self, run: RunAddress, request: RunRequest, secrets: Mapping[str, str]) -> None:
        """The Job, suspended; the Secret that goes with it; then its pod may come.

        Whoever dies in between leaves a Job that never runs, and no Secret that belongs to nobody.
        """
        job = await self._made(job_of(run, request, self._wanted, self._tracing.carrier()))
        where = f"{self._wanted.namespace}/{name_of(run)}"
        async with _explained(f"create Secret {where}", ignore=_EXISTS):
            with point("job.secret"):
                await self._client.create(secret_of(run, request, job, secrets))
        async with _explained(f"resume Job {where}"):
            await self._suspend(self.place(run), now=False)

    async def _made(self, job: Job) -> Job:
        """The Job as it is there, made now or before."""
        metadata = job.metadata or ObjectMeta()
        place = {"namespace": metadata.namespace or "", "job": metadata.name or ""}
        async with _explained(f"create Job {place['namespace']}/{place['job']}", ignore=_EXISTS):
            with point("job.create"):
                return await self._client.create(job)
        found = await self._job(place)
        if found is None:
            raise HostError(f"Job {place['namespace']}/{place['job']} was there and is gone")
        return found

    async def _suspend(self, place: Mapping[str, str], *, now: bool) -> None:
        """Sets whether the Job is suspended."""
        patch = {"spec": {"suspend": now}}
        with point("job.suspend" if now else "job.resume"):
            await self._client.patch(Job, place["job"], patch, namespace=place["namespace"], patch_type=PatchType.MERGE)

    async def lives(self, place: Mapping[str, str]) -> bool:
        """Whether the Job is there and not over."""
        found = await self._job(place)
        return found is not None and not is_over(found)

    async def trouble(self, place: Mapping[str, str]) -> str:
        """What the Job says of itself, and where people see more: its pod is not read."""
        found = await self._job(place)
        if found is None:
            return f"Job {place['namespace']}/{place['job']} is gone"
        said = [_condition(each) for each in (found.status and found.status.conditions) or []]
        return "; ".join([*said, f"see `kubectl describe pods -n {place['namespace']} -l job-name={place['job']}`"])

    async def stop(self, place: Mapping[str, str]) -> None:
        """Suspends the Job."""
        async with _explained(f"suspend Job {place['job']}", ignore=_GONE):
            await self._suspend(place, now=True)

    async def clean(self, place: Mapping[str, str]) -> None:
        """Removes the Secret, and a Job that was stopped; any other stays a while, and may still be ending."""
        namespace = place["namespace"]
        async with _explained(f"delete Secret {namespace}/{place['job']}", ignore=_GONE):
            with point("job.swept"):
                await self._client.delete(Secret, place["job"], namespace=namespace)
        found = await self._job(place)
        if found is not None and is_suspended(found):
            async with _explained(f"delete Job {namespace}/{place['job']}", ignore=_GONE):
                with point("job.swept"):
                    await self._client.delete(Job, place["job"], namespace=namespace, cascade=CascadeType.BACKGROUND)

    async def _job(self, place: Mapping[str, str]) -> Job | None:
        async with _explained(f"get Job {place['namespace']}/{place['job']}", ignore=_GONE):
            return await self._client.get(Job, place["job"], namespace=place["namespace"])
        return None

    @property
    def _wanted(self) -> JobSettings:
        if self._settings is None:
            raise HostError("executor kubernetes is not set up: TRADAI_RUNNER_IMAGE is missing")
        return self._settings


def _condition(condition: JobCondition) -> str:
    return f"{condition.type} {condition.reason or ''}: {condition.message or ''}".strip(": ")


@asynccontextmanager
async def _explained(action: str, ignore: int | None = None) -> AsyncIterator[None]:
    """Turns the client's errors into ours; status code `ignore` is no error."""
    try:
        yield
    except ApiError as error:
        if error.status.code != ignore:
            raise HostError(f"could not {action}: {error.status.message or error.status.code}") from error
    except httpx2.HTTPError as error:
        raise HostError(f"could not {action}: {type(error).__name__}: {error}") from error
