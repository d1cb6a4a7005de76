"""How a destruction that was decided on reads: what goes, or why it does not go on and what a person can do about it.

Pure. Must never promise an attempt that is not due, nor leave out how the resource can be released all the same.
"""

from collections.abc import Mapping, Sequence

from tradai_operator.decide.decision import Action, Decision
from tradai_operator.model import Environment, EnvironmentStatus, LayerStatus, keys
from tradai_operator.status.phases import LayerNote, Phase

#: When a destroy is due that only a person can start again.
NEVER = float("inf")
#: A longer error stands in the layer; the way out has to fit in behind it.
_ERROR_SHOWN = 600


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
    # what waits for a person is told before what does not
    stuck = max(due, key=lambda name: due[name] == NEVER)
    reason, message = _words(env, status.layer(stuck), tried, again=due[stuck] != NEVER)
    return Decision(Phase.DELETE_FAILED, reason, message, notes=notes, wake_at=wake, retry_seen=seen)


def _words(env: Environment, layer: LayerStatus, tried: Sequence[str], *, again: bool) -> tuple[str, str]:
    if layer.failure and layer.failure.kind == "Unconfirmed":
        return "ConfirmationMissing", f"{layer.name}: {layer.failure.error}. {layer.failure.hint}"[:1000]
    retry = f"`tradai retry {env.name}`"
    then = (
        f"It is tried again automatically, at once with {retry}"
        if again
        else f"It is not tried again automatically: {retry}"
    )
    way_out = f"{then}; to give up what stands, annotate with {keys.ABANDON}={env.spec.environment}"
    if layer.state == "Cancelled":
        return "DestroyStopped", f"destroying {layer.name} was stopped. {way_out}"
    error = layer.failure.error if layer.failure else "it did not finish"
    if layer.failure and layer.failure.kind == "Passphrase":
        secret = env.spec.state.secrets.passphrase_secret_ref.name
        way_out = f"Tried: {', '.join(tried)}. Once Secret {secret} changes, it starts again. {way_out}"
    return "DestroyFailed", f"destroying {layer.name} failed: {error[:_ERROR_SHOWN]}. {way_out}"
