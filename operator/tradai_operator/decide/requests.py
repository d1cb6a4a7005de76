"""What a run is asked, and in whose name: made of the resource, a decision and the operator's settings.

Pure. Must never hold a secret: those reach a run by another way.
"""

from typing import Any

from tradai_iac.images.wanted import Registry, wanted_images
from tradai_operator.decide.adoption import used
from tradai_operator.decide.decision import (
    StartDestroy,
    StartDriftCheck,
    StartPlan,
    StartRun,
    StartTeardownPlan,
    StartUpdate,
)
from tradai_operator.decide.settings import Settings
from tradai_operator.model import Environment, EnvironmentStatus
from tradai_operator.model.in_force import guards_of
from tradai_operator.status.migrations import migration_of
from tradai_operator.status.outcomes import stood
from tradai_runner.contract import Destroy, DriftCheck, Owner, Plan, RunRequest, TeardownPlan, Update


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
    common = _common(env, action.layer, settings, words, status or EnvironmentStatus()) | {"run_id": run_id}
    match action:
        case StartUpdate():
            return Update(
                **common,
                images=dict(action.images),
                plan=action.plan,
                only_if_new=action.only_if_new,
                refresh=action.refresh or bool(action.reconcile),
                survey=action.survey,
            )
        case StartPlan():
            return Plan(
                **common,
                images=_no_images(env, action.layer) if action.unknown else dict(action.images),
                keep_plan=True,
                unknown=action.unknown,
                refresh=action.refresh or bool(action.reconcile),
                survey=action.survey,
            )
        case StartTeardownPlan():
            return TeardownPlan(**common, owned_only=action.owned_only)
        case StartDriftCheck():
            return DriftCheck(**common, images=dict(action.images), drift=action.look)
        case StartDestroy():
            return Destroy(**common, plan=action.plan, confirmed=env.confirmations, owned_only=action.owned_only)


def _common(
    env: Environment, layer: str, settings: Settings, words: tuple[str, ...], known: EnvironmentStatus
) -> dict[str, Any]:
    """The fields that a request of any kind has."""
    aws = env.spec.aws
    return {
        "blueprint": env.spec.blueprint,
        "layer": layer,
        "environment": env.spec.environment,
        "account_id": aws.account_id,
        "region": aws.region,
        "bucket_suffix": aws.bucket_suffix or "",
        "endpoint_url": aws.endpoint_url or settings.endpoint_url,
        "assume_role_arn": aws.assume_role_arn,
        "external_id": external_id(env),
        "backend_url": env.spec.state.backend_url,
        "kms_key": env.spec.state.secrets.awskms,
        "config": env.spec.layer(layer).overrides,
        "migrations": tuple(dict.fromkeys(map(migration_of, words))),
        "kept_runs": env.spec.state.retention.runs,
        "owner": owner_of(env, settings),
        "handover": None if env.deleting and used(known.layer(layer)) else env.annotations.handover,
        "stood": stood(known, layer),
        "durability": env.spec.state.durability or "Sync",
    }


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
