"""Carries out decisions, one kind of action each, through the ports.

Must never decide, and must never start a run that the status does not name yet.
"""

from collections.abc import Mapping, Sequence

from tradai_operator.decide.decision import (
    Action,
    CancelRun,
    Expire,
    Release,
    StartDestroy,
    StartDriftCheck,
    StartPlan,
    StartRun,
    StartTeardownPlan,
    StartUpdate,
)
from tradai_operator.decide.drift import look_run
from tradai_operator.decide.migrations import permitted
from tradai_operator.decide.requests import request_for
from tradai_operator.decide.settings import Settings
from tradai_operator.decide.survivors import survivors
from tradai_operator.model import Environment, EnvironmentStatus, Metadata, Run, keys
from tradai_operator.ports import Ref
from tradai_operator.reconcile.destroy_record import name_of
from tradai_operator.reconcile.observe import unbegun
from tradai_operator.reconcile.secrets import SecretValues
from tradai_operator.reconcile.shared import Ports
from tradai_operator.status.drift import looking, touched
from tradai_operator.status.outcomes import with_layer
from tradai_operator.status.starts import begun, previewing
from tradai_runner.contract import RunRequest


def ref_of(env: Metadata) -> Ref:
    """The address and identity of the resource."""
    return Ref(env.namespace, env.name, env.uid)


class Actor:
    """Acts for one environment."""

    def __init__(self, ports: Ports, settings: Settings) -> None:
        self._ports = ports
        self._settings = settings

    def prepare(
        self, env: Environment, status: EnvironmentStatus, actions: list[StartRun]
    ) -> tuple[EnvironmentStatus, dict[str, RunRequest]]:
        """The status that names the runs about to start, and handle → request; nothing has happened yet."""
        requests: dict[str, RunRequest] = {}
        for action in actions:
            digest = "" if isinstance(action, StartDriftCheck) else action.inputs_digest
            words = permitted(env, status, action.layer, digest)
            request = request_for(env, action, self._ports.clock.run_id(), self._settings, words, status)
            handle = self._ports.executor.handle(env.uid, request)
            run = Run(
                id=request.run_id,
                executor=self._ports.executor.name,
                handle=handle,
                reconcile=action.reconcile if isinstance(action, StartUpdate | StartPlan) else "",
                migrate=",".join(words),
            )
            status = _named(env, status, action, run, self._ports.clock.now())
            requests[handle] = request
        return status, requests

    async def start(
        self, requests: Mapping[str, RunRequest], secrets: SecretValues, status: EnvironmentStatus
    ) -> EnvironmentStatus:
        """Starts the prepared runs; in the status, those that do not begin have failed, and keep no other from it."""
        refused: dict[str, str] = {}
        for handle, request in requests.items():
            values = secrets.for_destroy() if request.operation == "destroy" else secrets.layers.get(request.layer, {})
            try:
                await self._ports.executor.start(handle, request, secrets.passphrase or "", values)
            except OSError as error:
                refused[handle] = f"the run could not be started: {error}"
                await self._ports.executor.finish(handle)
        return unbegun(status, refused, self._ports.clock.now()) if refused else status

    async def act(self, env: Metadata, actions: Sequence[Action]) -> None:
        """Carries out what is neither a start nor the finalizer; raises ClusterError."""
        for action in actions:
            match action:
                case CancelRun():
                    await self._ports.executor.cancel(action.handle)
                case Expire():
                    await self._ports.cluster.delete(ref_of(env))
                case Release():
                    await self._release(env, action)

    async def hold(self, env: Metadata) -> None:
        """Puts our finalizer on; raises ClusterError."""
        after = (*env.finalizers, keys.FINALIZER)
        await self._ports.cluster.write_finalizers(ref_of(env), env.finalizers, after)

    async def _release(self, env: Metadata, action: Release) -> None:
        """Records what survives, drops the record for the destroy, takes our finalizer off; raises ClusterError."""
        if isinstance(env, Environment) and (action.surviving or action.others or action.unknown):
            spec = env.spec.model_dump(mode="json", by_alias=True)
            why = f"deletionPolicy {env.spec.deletion_policy}"
            await self.record(env, survivors(env, spec, action, why, self._ports.clock.now()))
        await self.forget(env)
        await self.unhold(env)

    async def record(self, env: Metadata, survivors: Mapping[str, str]) -> None:
        """Writes down what stands on without its resource; raises ClusterError."""
        await self._ports.cluster.write_record(self._settings.namespace, f"tradai-survivors-{env.uid}", survivors)

    async def forget(self, env: Metadata) -> None:
        """Drops the record for the destroy; raises ClusterError."""
        await self._ports.cluster.delete_secret(self._settings.namespace, name_of(env.uid))

    async def unhold(self, env: Metadata) -> None:
        """Takes our finalizer off; raises ClusterError."""
        after = tuple(name for name in env.finalizers if name != keys.FINALIZER)
        await self._ports.cluster.write_finalizers(ref_of(env), env.finalizers, after)


def _named(env: Environment, status: EnvironmentStatus, action: StartRun, run: Run, now: float) -> EnvironmentStatus:
    """The status with the run that is about to start."""
    layer = status.layer(action.layer)
    match action:
        case StartDriftCheck():
            return looking(status, action.layer, look_run(env, run, now))
        case StartPlan():
            digest, images = action.inputs_digest, action.images
            return with_layer(status, previewing(layer, action.purpose, digest, run, now, images))
        case StartTeardownPlan():
            return with_layer(status, previewing(layer, "Teardown", action.inputs_digest, run, now, {}))
        case StartUpdate():
            status = touched(status, action.layer, now, corrects=action.refresh)
            return with_layer(status, begun(layer, "up", action.inputs_digest, run, now, action.images))
        case StartDestroy():
            return with_layer(status, begun(layer, "destroy", action.inputs_digest, run, now, {}))
