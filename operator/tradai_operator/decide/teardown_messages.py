"""How a destruction that was decided on reads: what goes, or why it does not go on and what a person can do about it.

Pure. Must never promise an attempt that is not due, nor leave out how the resource can be released all the same.
"""

from collections.abc import Mapping, Sequence

from tradai_operator.decide.decision import Action, Decision
from tradai_operator.model import Environment, EnvironmentStatus, LayerStatus, keys
from tradai_operator.status.outcomes import stands_still, told
from tradai_operator.status.phases import LayerNote, Phase

#: When a destroy is due that only a person can start again.
NEVER = float("inf")
#: A longer error stands in the layer; the way out has to fit in behind it.
_ERROR_SHOWN = 350
_HINT_SHOWN = 200


def teardown_decision(
    env: Environment,
    status: EnvironmentStatus,
    doomed: Sequence[str],
    actions: tuple[Action, ...],
    notes: Mapping[str, LayerNote],
    due: Mapping[str, float],
    *,
    tried: Sequence[str] = (),
) -> Decision:
    """The decision to do `actions`; `due` maps each layer whose destroy came to nothing to when the next one is.

    `tried` says which passphrases a destroy was given.
    """
    wake = min((at for at in due.values() if at != NEVER), default=None)
    seen = env.annotations.retry or ""
    if not due or actions or any(status.layer(name).run for name in doomed):
        return Decision(Phase.DELETING, "Destroying", f"destroying {', '.join(doomed)}", actions, notes, wake, seen)
    # what waits for a person is told before what is tried seldom, and that before what is tried again soon
    stuck = max(due, key=lambda name: (due[name] == NEVER, stands_still(status.layer(name))))
    again, layer = due[stuck] != NEVER, status.layer(stuck)
    reason, message = _words(env, layer, tried, doomed, again=again)
    phase = Phase.DELETE_RETRYING if again and not stands_still(layer) else Phase.DELETE_FAILED
    return Decision(phase, reason, message, notes=notes, wake_at=wake, retry_seen=seen)


def _words(
    env: Environment, layer: LayerStatus, tried: Sequence[str], left: Sequence[str], *, again: bool
) -> tuple[str, str]:
    if layer.failure and layer.failure.kind == "Unconfirmed":
        return "ConfirmationMissing", f"{layer.name}: {layer.failure.error}. {layer.failure.hint}"[:1000]
    retry = f"`tradai retry {env.name}`"
    then = (
        f"It is tried again automatically; {retry} tries it at once"
        if again
        else f"It is not tried again automatically; {retry} does"
    )
    give_up = f"to give up and leave everything in AWS, set the annotation {keys.ABANDON}={env.spec.environment}"
    way_out = f"Still there: {', '.join(left)}. {then}; {give_up}"
    if layer.state == "Cancelled":
        return "DestroyStopped", f"destroying {layer.name} was stopped. {way_out}"
    error, hint = told(layer.failure, _ERROR_SHOWN) if layer.failure else (": it did not finish", "")
    secret = env.spec.state.secrets.passphrase_secret_ref
    if secret and layer.failure and layer.failure.kind == "Passphrase":
        asked = f"Passphrases tried: {', '.join(tried)}. When Secret {secret.name} changes, it starts again."
        way_out = f"{asked} {way_out}"
    return "DestroyFailed", f"destroying {layer.name} failed{error}.{hint[:_HINT_SHOWN]} {way_out}"
