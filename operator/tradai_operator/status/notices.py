"""What people outside the cluster should be told of now, by `spec.notify`: one table of kinds.

Pure. Each notice has a name that is bound to what it is about, so that the same thing is told once: adding a kind is
adding a row, whose names never come back. Must never hold a secret, an address among them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from tradai_operator.model import Environment, EnvironmentStatus, LayerFailure, LayerStatus
from tradai_operator.plan.digest import digest
from tradai_operator.plan.retry import stalled_after
from tradai_operator.status.plans import attempted, summary
from tradai_runner.journal.progress import short_name

_CONFIRM: Final = "ConfirmationMissing"
_VERBS: Final = {"up": "Building", "destroy": "Destroying", "preview": "Planning"}


@dataclass(frozen=True)
class Notice:
    """One thing to tell. `digest` names it for ever: the same one is not told twice."""

    digest: str
    environment: str
    resource: str
    kind: str
    subject: str
    text: str


@dataclass(frozen=True)
class Wording:
    """A notice as its row makes it: its name, what it is about in half a sentence, and the rest."""

    digest: str
    what: str
    text: str


@dataclass(frozen=True)
class NoticeKind:
    """A row: what events call it, and what holds of it now."""

    about: str
    found: Callable[[Environment, EnvironmentStatus], Iterator[Wording]]


def notices_of(env: Environment, status: EnvironmentStatus) -> tuple[Notice, ...]:
    """Everything that holds now, told or not, in the order of the table."""
    return tuple(
        Notice(
            digest=told.digest,
            environment=env.spec.environment,
            resource=env.key,
            kind=name,
            subject=f"{env.name}: {told.what}",
            text=told.text,
        )
        for name, kind in KINDS.items()
        for told in kind.found(env, status)
    )


def about(kind: str) -> str:
    """What events call a notice; another version of the operator may know kinds that this one does not."""
    return KINDS[kind].about if kind in KINDS else "what happens"


def _approval(env: Environment, status: EnvironmentStatus) -> Iterator[Wording]:
    plan = status.plan
    if plan is None or not plan.digest:
        return
    what = "the deletion" if env.deleting else "a change"
    until = f" until {plan.expires_at:%Y-%m-%d %H:%M} UTC" if plan.expires_at else ""
    confirm = f"\nIt destroys data: {', '.join(plan.data)} (confirm it by name)" if plan.data else ""
    yield Wording(
        plan.digest,
        f"{what} waits for approval",
        f"{summary(plan)}{confirm}\nLook: tradai diff {env.name} -n {env.namespace}\n"
        f"Approve{until}: tradai approve {env.name} {plan.digest} -n {env.namespace}",
    )


def _confirmation(env: Environment, status: EnvironmentStatus) -> Iterator[Wording]:
    """What the destroy of a layer came upon, or else what the environment's own message says."""
    what, look = "the deletion waits for a confirmation", f"\nLook: tradai diff {env.name} -n {env.namespace}"
    layers = [(layer, failure) for layer, failure in _failed(status) if failure.kind == "Unconfirmed"]
    for layer, failure in layers:
        yield Wording(_name_of_row(env, layer, failure), what, f"{layer.name}: {_sentences(failure)}{look}")
    waits = (status.phase, status.condition("Stalled").reason) == ("DeleteFailed", _CONFIRM)
    if env.deletion and waits and not layers:
        question = status.plan.digest if status.plan else ""
        yield Wording(digest({"confirm": env.uid, "question": question}), what, f"{status.message}{look}")


def _stalled(env: Environment, status: EnvironmentStatus) -> Iterator[Wording]:
    """Each layer whose retries have ended; what waits for a confirmation has a row of its own."""
    for layer, failure in _failed(status):
        kind = failure.kind
        if kind is None or kind == "Unconfirmed" or not stalled_after(kind, layer.attempts_of(kind)):
            continue
        verb, times = _VERBS.get(layer.operation or "", "Building"), f", {layer.attempts} times in a row"
        yield Wording(
            _name_of_row(env, layer, failure),
            f"{layer.name} is stuck ({kind})",
            f"{verb} {layer.name} failed{times if layer.attempts > 1 else ''}: {_sentences(failure)}\n{_next(layer)}"
            f"\nLook: tradai logs {env.name} {layer.name} -n {env.namespace}"
            f"\nTry again: tradai retry {env.name} {layer.name} -n {env.namespace}",
        )


def _expiring(env: Environment, status: EnvironmentStatus) -> Iterator[Wording]:
    """The end that was warned of, as long as it is the end."""
    end = status.expiry_warned
    if end is None or end != status.expires_at or env.deleting:
        return
    stays = "; while it is suspended, it is kept" if env.spec.suspend else ""
    at = f"{end:%Y-%m-%d %H:%M} UTC"
    yield Wording(
        digest({"expiring": env.uid, "end": end.isoformat()}),
        f"ends at {at}",
        f"The environment will be deleted with all its data at {at}{stays}\nA longer spec.ttl keeps it",
    )


#: What is told, the most pressing first.
KINDS: Final[dict[str, NoticeKind]] = {
    "Approval": NoticeKind("the plan that waits", _approval),
    "Confirmation": NoticeKind("the deletion that waits for a confirmation", _confirmation),
    "Stalled": NoticeKind("the layer that is stuck", _stalled),
    "Expiring": NoticeKind("the end that comes near", _expiring),
}


def _failed(status: EnvironmentStatus) -> Iterator[tuple[LayerStatus, LayerFailure]]:
    """The layers whose failure is the last word: nothing runs, and they wait for nothing else."""
    for layer in status.layers:
        if layer.state == "Failed" and layer.failure and not layer.run:
            yield layer, layer.failure


def _name_of_row(env: Environment, layer: LayerStatus, failure: LayerFailure) -> str:
    """A row of failures with the same inputs is one thing, however often it is tried on; its words may vary."""
    since = layer.failing_since.isoformat() if layer.failing_since else ""
    row = {"layer": layer.name, "since": since, "inputs": attempted(layer), "kind": failure.kind}
    return digest({"failing": env.uid, **row})


def _sentences(failure: LayerFailure) -> str:
    where = f"{resource}: " if (resource := short_name(failure.urn)) else ""
    return f"{where}{failure.error}{f'. {failure.hint}' if failure.hint else ''}"


def _next(layer: LayerStatus) -> str:
    if layer.next_retry_at is None:
        return "It is not tried again until something it depends on changes"
    return f"It is tried again only rarely, next at {layer.next_retry_at:%Y-%m-%d %H:%M} UTC"
