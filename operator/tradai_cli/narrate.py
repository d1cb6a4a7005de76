"""Tells a person what changed between two statuses of an environment, one line a change.

Must never talk to anything: two statuses in, lines out.
"""

from tradai_operator.model import EnvironmentStatus
from tradai_operator.model.status import LayerStatus

#: A running layer is mentioned again when this share of its resources more is done.
_STEP = 0.25


def changes(before: EnvironmentStatus, after: EnvironmentStatus) -> list[str]:
    """The layers whose state changed, or which came a good part further, then the phase if that changed."""
    lines = [
        line for layer in after.layers if (line := _change(before.layer(layer.name), layer, known=bool(before.layers)))
    ]
    if after.phase != before.phase:
        lines.append(f"{after.phase}: {after.message}" if after.message else after.phase)
    return lines


def seconds(layer: LayerStatus) -> float | None:
    """How long the layer's last run took, None where none has ended."""
    if not layer.started_at or not layer.finished_at:
        return None
    return (layer.finished_at - layer.started_at).total_seconds()


def _change(before: LayerStatus, after: LayerStatus, *, known: bool) -> str | None:
    counts = after.resources
    waits_for_more = after.state == "Blocked" and after.message != before.message
    if after.state != before.state or waits_for_more or not known:
        told = f"{counts.done} resources" if after.state == "Ready" else after.message
        return f"{after.name:<11} {after.state:<9} {told}".rstrip()
    if after.state == "Running" and counts.total and _step(after) > _step(before):
        return f"{after.name:<11} {counts.done}/{counts.total} {after.current}".rstrip()
    return None


def _step(layer: LayerStatus) -> int:
    return int(layer.resources.done / layer.resources.total / _STEP) if layer.resources.total else 0
