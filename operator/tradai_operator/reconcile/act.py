"""Carries out decisions, one kind of action each, through the ports.

Must never decide, and must never start a run that the status does not name yet.
"""

from collections.abc import Mapping

from tradai_iac.images.wanted import Registry, wanted_images
from tradai_iac.runner.contract import Owner, RunRequest
from tradai_operator.decide.adoption import used
from tradai_operator.decide.decision import CancelRun, Expire, Release, StartRun
from tradai_operator.decide.drift import look_run
from tradai_operator.decide.migrations import permitted
from tradai_operator.decide.settings import Settings
from tradai_operator.decide.survivors import survivors
from tradai_operator.model import Environment, EnvironmentStatus, Metadata, Run, keys
from tradai_operator.model.in_force import guards_of
from tradai_operator.ports import Ports, Ref
from tradai_operator.reconcile.destroy_record import name_of
from tradai_operator.reconcile.observe import unbegun
from tradai_operator.reconcile.secrets import SecretValues
from tradai_operator.status.drift import looking, touched
from tradai_operator.status.migrations import migration_of
from tradai_operator.status.outcomes import stood, with_layer
from tradai_operator.status.starts import begun, previewing


def ref_of(env: Metadata) -> Ref:
    """The address and identity of the resource."""
    return Ref(env.namespace, env.name, env.uid)


def registry_of(env: Environment, settings: Settings) -> Registry:
    """Where the environment's images are kept, asked as a run would."""
    aws = env.spec.aws
    return Registry(
        account_id=aws.account_id,
        region=aws.region,
        environment=env.spec.environment,
        endpoint_url=aws.endpoint_url or settings.endpoint_url,
        assume_role_arn=aws.assume_role_arn,
        external_id=external_id(env),
    )


def external_id(env: Environment) -> str | None:
    """Derived from the resource, so that no user can choose another's (DESIGN §4)."""
    return f"{env.namespace}/{env.name}" if env.spec.aws.assume_role_arn else None


def request_for(
    env: Environment,
    action: StartRun,
    run_id: str,
    settings: Settings,
    words: tuple[str, ...] = (),
    status: EnvironmentStatus | None = None,
) -> RunRequest:
    """What the runner is asked, as far as `status` knows of the layer; `words` permit migrations."""
    aws, known = env.spec.aws, status or EnvironmentStatus()
    return RunRequest(
        run_id=run_id,
        blueprint=env.spec.blueprint,
        layer=action.layer,
        environment=env.spec.environment,
        operation=action.operation,
        account_id=aws.account_id,
        region=aws.region,
        endpoint_url=aws.endpoint_url or settings.endpoint_url,
        assume_role_arn=aws.assume_role_arn,
        external_id=external_id(env),
        backend_url=env.spec.state.backend_url,
        config=env.spec.layer(action.layer).overrides,
        migrations=tuple(dict.fromkeys(map(migration_of, words))),
        images=_no_images(env, action.layer) if action.unknown else dict(action.images),
        unknown=action.unknown,
        keep_plan=action.operation == "preview" and action.drift is None,
        refresh=action.refresh or bool(action.reconcile),
        drift=action.drift,
        plan=action.plan,
        only_if_new=action.only_if_new,
        teardown=action.operation == "preview" and env.deleting,
        confirmed=env.confirmations if action.operation == "destroy" else None,
        kept_runs=env.spec.state.retention.runs,
        owner=owner_of(env, settings),
        handover=None if env.deleting and used(known.layer(action.layer)) else env.annotations.handover,
        owned_only=action.owned_only,
        survey=action.survey,
        stood=stood(known, action.layer),
        durability=env.spec.state.durability or "Sync",
    )


def owner_of(env: Environment, settings: Settings) -> Owner:
    """As whose its stacks are marked: with the guards in force and the place, for whoever comes after it."""
    return Owner(
        cluster=settings.cluster,
        resource=env.key,
        uid=env.uid,
        account=env.spec.aws.account_id,
        region=env.spec.aws.region,
        blueprint=env.spec.blueprint,
        guards=guards_of(env.spec),
    )


def _no_images(env: Environment, layer: str) -> dict[str, str]:
    """A digest of zeros for every image of a layer that is foreseen before its repositories exist."""
    wanted = wanted_images(env.spec.declaration, layer, env.spec.layer(layer).config, env.spec.environment)
    return {image.component: f"sha256:{'0' * 64}" for image in wanted}


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
            words = permitted(env, status, action.layer, action.inputs_digest)
            request = request_for(env, action, self._ports.clock.run_id(), self._settings, words, status)
            handle = self._ports.executor.handle(env.uid, request)
            name = self._ports.executor.name
            run = Run(
                id=request.run_id, executor=name, handle=handle, reconcile=action.reconcile, migrate=",".join(words)
            )
            layer, now = status.layer(action.layer), self._ports.clock.now()
            if action.drift:
                status = looking(status, action.layer, look_run(env, run, now))
                requests[handle] = request
                continue
            if action.operation == "up":
                status = touched(status, action.layer, now, corrects=action.refresh)
            if action.operation == "preview":
                layer = previewing(layer, action.inputs_digest, run, now, action.images, aside=action.aside)
            else:
                layer = begun(layer, action.operation, action.inputs_digest, run, now, action.images)
            status = with_layer(status, layer)
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
                refused[handle] = f"the run did not begin: {error}"
                await self._ports.executor.finish(handle)
        return unbegun(status, refused, self._ports.clock.now()) if refused else status

    async def cancel(self, action: CancelRun) -> None:
        """Asks a run to stop."""
        await self._ports.executor.cancel(action.handle)

    async def hold(self, env: Environment) -> None:
        """Puts our finalizer on; raises ClusterError."""
        after = (*env.finalizers, keys.FINALIZER)
        await self._ports.cluster.write_finalizers(ref_of(env), env.finalizers, after)

    async def expire(self, env: Environment, _: Expire) -> None:
        """Asks for the deletion of an environment whose time is over; raises ClusterError."""
        await self._ports.cluster.delete(ref_of(env))

    async def release(self, env: Environment, action: Release) -> None:
        """Records what survives, drops the capsule, takes our finalizer off; raises ClusterError."""
        if action.surviving or action.others or action.unknown:
            spec = env.spec.model_dump(mode="json", by_alias=True)
            why = f"deletionPolicy {env.spec.deletion_policy}"
            await self.record(env, survivors(env, spec, action, why, self._ports.clock.now()))
        await self.let_go(env)

    async def record(self, env: Metadata, survivors: Mapping[str, str]) -> None:
        """Writes down what stands on without its resource; raises ClusterError."""
        await self._ports.cluster.write_record(self._settings.namespace, f"tradai-survivors-{env.uid}", survivors)

    async def let_go(self, env: Metadata) -> None:
        """Drops the capsule and takes our finalizer off; raises ClusterError."""
        await self.forget(env)
        await self.unhold(env)

    async def forget(self, env: Metadata) -> None:
        """Drops the capsule; raises ClusterError."""
        await self._ports.cluster.delete_secret(self._settings.namespace, name_of(env.uid))

    async def unhold(self, env: Metadata) -> None:
        """Takes our finalizer off; raises ClusterError."""
        after = tuple(name for name in env.finalizers if name != keys.FINALIZER)
        await self._ports.cluster.write_finalizers(ref_of(env), env.finalizers, after)
