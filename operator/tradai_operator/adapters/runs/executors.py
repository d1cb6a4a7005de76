"""Which executor the operator starts its runs with, and how it finds those that another one started.

A handle begins with the kind of its executor, so that changing TRADAI_EXECUTOR in the middle of a run loses nothing.
A kind is made when it is first needed: boto3 takes memory that not every operator needs. Must never start a run but
by the chosen one.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import TYPE_CHECKING, Final

from lightkube import AsyncClient

from tradai_operator.ports import Executor, Observation
from tradai_runner.contract import RunRequest
from tradai_runner.process.tracing import Tracing

if TYPE_CHECKING:
    from tradai_operator.adapters.runs.ecs_host import EcsSettings

LOCAL: Final = "local"
KUBERNETES: Final = "kubernetes"
ECS: Final = "ecs"
#: What every container of a run gets of the operator's own environment, where it is set.
_PASSED_ON: Final = ("AWS_ENDPOINT_URL", "AWS_DEFAULT_REGION", "AWS_REGION", "OTEL_EXPORTER_OTLP_ENDPOINT")
_JOBS: Final = ("TRADAI_RUNNER_IMAGE", "TRADAI_OPERATOR_NAMESPACE")
_TASKS: Final = (
    "TRADAI_ECS_CLUSTER",
    "TRADAI_ECS_TASK_DEFINITION",
    "TRADAI_ECS_SUBNETS",
    "TRADAI_ECS_SECURITY_GROUPS",
)


class SettingsError(ValueError):
    """The operator's environment does not say what the chosen executor needs."""


class Executors:
    """The `Executor` port over all kinds: the chosen one starts, each observes its own."""

    def __init__(self, kinds: Mapping[str, Callable[[], Executor]], chosen: str) -> None:
        if chosen not in kinds:
            raise SettingsError(f"TRADAI_EXECUTOR is {chosen!r}: it is one of {', '.join(sorted(kinds))}")
        self.name = chosen
        self._kinds = kinds
        self._made: dict[str, Executor] = {}

    def handle(self, environment_uid: str, request: RunRequest) -> str:
        """As the chosen one names it."""
        return self._kind(self.name).handle(environment_uid, request)

    async def start(self, handle: str, request: RunRequest, passphrase: str, secrets: Mapping[str, str]) -> None:
        """By the one that made the handle."""
        await self._of(handle).start(handle, request, passphrase, secrets)

    async def observe(self, handle: str) -> Observation:
        """By the one that started it."""
        return await self._of(handle).observe(handle)

    async def cancel(self, handle: str) -> None:
        """By the one that started it."""
        await self._of(handle).cancel(handle)

    async def finish(self, handle: str) -> None:
        """By the one that started it."""
        await self._of(handle).finish(handle)

    async def changed(self, handles: Collection[str]) -> None:
        """Returns once any of them has something to say."""
        groups: dict[str, list[str]] = {}
        for handle in handles:
            groups.setdefault(self._kind_of(handle), []).append(handle)
        waits = [asyncio.ensure_future(self._kind(kind).changed(group)) for kind, group in groups.items()]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    def _of(self, handle: str) -> Executor:
        return self._kind(self._kind_of(handle))

    def _kind_of(self, handle: str) -> str:
        """A handle without a known kind is a local run's, as all were once."""
        kind = handle.partition(":")[0]
        return kind if kind in self._kinds else LOCAL

    def _kind(self, name: str) -> Executor:
        if name not in self._made:
            self._made[name] = self._kinds[name]()
        return self._made[name]


def executor_from(environment: Mapping[str, str], local: Executor, tracing: Tracing, client: AsyncClient) -> Executors:
    """All executors, TRADAI_EXECUTOR chosen; raises SettingsError that names what is missing."""
    chosen = environment.get("TRADAI_EXECUTOR") or LOCAL
    region = "AWS_REGION" if environment.get("AWS_REGION") else "AWS_DEFAULT_REGION"
    wanted = {KUBERNETES: _JOBS, ECS: (*_TASKS, region)}.get(chosen, ())
    if missing := [name for name in wanted if not environment.get(name)]:
        raise SettingsError(f"TRADAI_EXECUTOR={chosen} also needs {', '.join(missing)}")
    return Executors(
        {
            LOCAL: lambda: local,
            KUBERNETES: partial(_kubernetes, environment, tracing, client),
            ECS: partial(_ecs, environment, tracing),
        },
        chosen,
    )


def _kubernetes(environment: Mapping[str, str], tracing: Tracing, client: AsyncClient) -> Executor:
    from tradai_operator.adapters.runs.jobs import JobSettings
    from tradai_operator.adapters.runs.kubernetes_host import KubernetesHost
    from tradai_operator.adapters.runs.remote import RemoteExecutor

    settings = None
    if all(environment.get(name) for name in _JOBS):
        chosen = {name: environment.get(f"TRADAI_RUNNER_{name.upper()}") for name in ("service_account", "cpu")}
        settings = JobSettings(
            namespace=environment["TRADAI_OPERATOR_NAMESPACE"],
            image=environment["TRADAI_RUNNER_IMAGE"],
            environment=_passed_on(environment),
            **{name: value for name, value in chosen.items() if value},
        )
    return RemoteExecutor(KubernetesHost(client, settings, tracing))


def _ecs(environment: Mapping[str, str], tracing: Tracing) -> Executor:
    from tradai_operator.adapters.runs.ecs_host import EcsHost
    from tradai_operator.adapters.runs.remote import RemoteExecutor

    return RemoteExecutor(EcsHost(ecs_settings(environment), tracing))


def ecs_settings(environment: Mapping[str, str]) -> "EcsSettings | None":
    """What the environment says of tasks; None where it does not say all that is needed to start one."""
    from tradai_operator.adapters.runs.ecs_host import EcsSettings

    if not all(environment.get(name) for name in _TASKS):
        return None
    cluster, definition, subnets, groups = (environment[name] for name in _TASKS)
    return EcsSettings(
        cluster=cluster,
        task_definition=definition,
        subnets=tuple(subnets.split(",")),
        security_groups=tuple(groups.split(",")),
        region=environment.get("AWS_REGION") or environment["AWS_DEFAULT_REGION"],
        container=environment.get("TRADAI_ECS_CONTAINER") or "runner",
        public_addresses=environment.get("TRADAI_ECS_PUBLIC_ADDRESSES") == "true",
        environment=_passed_on(environment),
    )


def _passed_on(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: environment[name] for name in _PASSED_ON if environment.get(name)}
