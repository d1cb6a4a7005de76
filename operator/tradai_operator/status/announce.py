"""What is worth a Kubernetes event: the difference between two statuses, as sentences.

Pure. Must never announce the same thing twice: nothing changed, nothing said.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from tradai_operator.model import EnvironmentStatus, LayerStatus


@dataclass(frozen=True)
class Announcement:
    """One event's text; `type` is Normal or Warning."""

    type: str
    reason: str
    message: str


_LAYER_REASONS: Final = {
    "Running": ("Normal", "LayerStarted"),
    "Ready": ("Normal", "LayerReady"),
    "Destroyed": ("Normal", "LayerDestroyed"),
    "Cancelled": ("Warning", "LayerCancelled"),
    "Failed": ("Warning", "LayerFailed"),
}
_PHASE_TYPES: Final = {
    "Ready": "Normal",
    "Deleting": "Normal",
    "Suspended": "Normal",
    "Blocked": "Warning",
    "Failed": "Warning",
    "Conflict": "Warning",
    "Invalid": "Warning",
    "DeleteFailed": "Warning",
}


def announcements(before: EnvironmentStatus, after: EnvironmentStatus) -> tuple[Announcement, ...]:
    """Everything that changed and that a person would want to be told."""
    return (*_of_layers(before, after), *_of_preflight(before, after), *_of_phase(before, after))


def _of_layers(before: EnvironmentStatus, after: EnvironmentStatus) -> Iterator[Announcement]:
    for layer in after.layers:
        old = before.layer(layer.name)
        if (old.state, old.attempts) != (layer.state, layer.attempts) and layer.state in _LAYER_REASONS:
            kind, reason = _LAYER_REASONS[layer.state]
            yield Announcement(kind, reason, _sentence(layer))


def _of_preflight(before: EnvironmentStatus, after: EnvironmentStatus) -> Iterator[Announcement]:
    """The turn alone: the list that shrinks while somebody pushes is in the condition."""
    was, now = before.condition("Preflight").status, after.condition("Preflight")
    if now.status == "False" and was != "False":
        yield Announcement("Warning", now.reason, now.message)
    elif now.status == "True" and was == "False":
        yield Announcement("Normal", now.reason, now.message)


def _of_phase(before: EnvironmentStatus, after: EnvironmentStatus) -> Iterator[Announcement]:
    changed = (before.phase, before.message) != (after.phase, after.message)
    if changed and after.phase in _PHASE_TYPES:
        yield Announcement(_PHASE_TYPES[after.phase], after.phase, after.message or after.phase)


def _sentence(layer: LayerStatus) -> str:
    counts = layer.resources
    if layer.state == "Running":
        return f"{layer.name}: {layer.operation} started"
    if layer.state == "Ready":
        return (
            f"{layer.name} is ready: {counts.created} created, {counts.updated} updated, "
            f"{counts.replaced} replaced, {counts.deleted} deleted"
        )
    if layer.state == "Failed" and layer.failure:
        where = f" ({layer.failure.urn})" if layer.failure.urn else ""
        return f"{layer.name} failed: {layer.failure.error}{where}"
    return f"{layer.name}: {layer.state.lower()}"
