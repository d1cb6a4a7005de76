"""What people ask of an environment beside its spec, and what its clock says: taken up into the status once.

Pure: (resource, status, time) → status. Must never take the same word up twice.
"""

from datetime import timedelta
from typing import Final

from tradai_operator.decide.migrations import remembered
from tradai_operator.decide.windows import overridden
from tradai_operator.model import Environment, EnvironmentStatus, LayerStatus
from tradai_operator.model.bounds import clip
from tradai_operator.model.times import epoch, moment

_SOON: Final = timedelta(hours=1)
_WORD: Final = clip(256)


def heard(env: Environment, status: EnvironmentStatus, now: float) -> EnvironmentStatus:
    """The status with what is new to it."""
    status = remembered(env, status)
    if env.deleting:
        return status
    return _warned(env, _opened(env, _reconciling(env, status), now), now)


def layers_of(annotation: str) -> frozenset[str] | None:
    """The layers that a reconcile annotation names before its `@`, None for all of them."""
    named, at, _ = annotation.partition("@")
    return frozenset(part.strip() for part in named.split(",")) if at else None


def warning_at(env: Environment) -> float | None:
    """When the end of the environment is warned of, seconds since the epoch; None for one without an end.

    An hour or a tenth of its life before, whichever is more, but never in the first half.
    """
    if env.expires is None or env.spec.lifetime is None:
        return None
    return epoch(env.expires - min(env.spec.lifetime / 2, max(env.spec.lifetime / 10, _SOON)))


def _reconciling(env: Environment, status: EnvironmentStatus) -> EnvironmentStatus:
    asked = env.annotations.reconcile
    if asked is None or asked == status.observed_reconcile:
        return status
    named = layers_of(asked)
    layers = tuple(_marked(env, layer, asked, named) for layer in status.layers)
    return status.model_copy(update={"layers": layers, "observed_reconcile": asked})


def _marked(env: Environment, layer: LayerStatus, asked: str, named: frozenset[str] | None) -> LayerStatus:
    """A layer that never ran has nothing to run again: it runs anyway."""
    enabled = layer.name in env.spec.enabled_layers and layer.attempted_digest
    if not enabled or (named is not None and layer.name not in named):
        return layer
    return layer.model_copy(update={"reconcile": _WORD(asked), **({} if layer.run else {"plan": None})})


def _opened(env: Environment, status: EnvironmentStatus, now: float) -> EnvironmentStatus:
    found = overridden(env, now) if env.spec.maintenance else None
    return status.model_copy(update={"window": found}) if found and found != status.window else status


def _warned(env: Environment, status: EnvironmentStatus, now: float) -> EnvironmentStatus:
    at, expires = warning_at(env), moment(epoch(env.expires)) if env.expires else None
    warned = expires if at is not None and now >= at else status.expiry_warned
    return status.model_copy(update={"expires_at": expires, "expiry_warned": warned})
