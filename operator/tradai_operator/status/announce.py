"""What is worth a Kubernetes event: the difference between two statuses, as sentences.

Pure. Must never announce the same thing twice: nothing changed, nothing said. Must never end in an id: who wants
URNs and request ids finds them in the status.
"""

from collections.abc import Collection, Iterator
from typing import Final

from tradai_operator.model import EnvironmentStatus, LayerStatus, NoticeStatus, PlanStatus
from tradai_operator.status.announcement import Announcement, of_time
from tradai_operator.status.drift import drift_of
from tradai_operator.status.notices import about
from tradai_runner.journal.progress import short_name

_LAYER_REASONS: Final = {
    "Running": ("Normal", "LayerStarted"),
    "Ready": ("Normal", "LayerReady"),
    "Destroyed": ("Normal", "LayerDestroyed"),
    "Cancelled": ("Warning", "LayerCancelled"),
    "Failed": ("Warning", "LayerFailed"),
}
_DOING: Final = {"destroy": "destroyed", "preview": "planned"}
_TOLD: Final = 3
#: The phases that are news by themselves.
PHASE_TYPES: Final = {
    "Ready": "Normal",
    "Deleting": "Normal",
    "Suspended": "Normal",
    "Blocked": "Warning",
    "Failed": "Warning",
    "Conflict": "Warning",
    "Invalid": "Warning",
    "DeleteRetrying": "Warning",
    "DeleteFailed": "Warning",
}


def announcements(before: EnvironmentStatus, after: EnvironmentStatus) -> tuple[Announcement, ...]:
    """Everything that changed and that a person would want to be told."""
    return (
        *_of_repairs(before, after),
        *_of_outputs(before, after),
        *_of_layers(before, after),
        *_of_preflight(before, after),
        *_of_plan(before, after),
        *of_time(before, after),
        *_of_notices(before, after),
        *_of_drift(before, after),
        *_of_phase(before, after),
    )


def _of_layers(before: EnvironmentStatus, after: EnvironmentStatus) -> Iterator[Announcement]:
    for layer in after.layers:
        old = before.layer(layer.name)
        if (old.state, old.attempts) != (layer.state, layer.attempts) and layer.state in _LAYER_REASONS:
            kind, reason = _LAYER_REASONS[layer.state]
            yield Announcement(kind, reason, _sentence(layer))


def _of_repairs(before: EnvironmentStatus, after: EnvironmentStatus) -> Iterator[Announcement]:
    """One for each layer: a run that died can leave dozens of things half done, and the status lists them."""
    fresh = [repair for repair in after.repairs if repair not in before.repairs]
    for layer in dict.fromkeys(repair.layer for repair in fresh):
        done = [repair.what for repair in fresh if repair.layer == layer]
        more = f" (and {len(done) - _TOLD} more, see status.repairs)" if len(done) > _TOLD else ""
        yield Announcement("Warning", "Repaired", f"{layer}: {'; '.join(done[:_TOLD])}{more}")


def _of_outputs(before: EnvironmentStatus, after: EnvironmentStatus) -> Iterator[Announcement]:
    if after.outputs_withheld and after.outputs_withheld != before.outputs_withheld:
        yield Announcement("Warning", "OutputsWithheld", after.outputs_withheld)


def _of_preflight(before: EnvironmentStatus, after: EnvironmentStatus) -> Iterator[Announcement]:
    """The turn alone: the list that shrinks while somebody pushes is in the condition."""
    was, now = before.condition("Preflight").status, after.condition("Preflight")
    layers = [layer.name for layer in after.layers]
    if now.status == "False" and was != "False":
        yield Announcement("Warning", now.reason, sentence(now.message, layers))
    elif now.status == "True" and was == "False":
        yield Announcement("Normal", now.reason, sentence(now.message, layers))


def _of_plan(before: EnvironmentStatus, after: EnvironmentStatus) -> Iterator[Announcement]:
    was, now = before.plan or PlanStatus(), after.plan or PlanStatus()
    if now.digest and now.digest != was.digest:
        yield Announcement("Warning", "ApprovalRequired", after.condition("ApprovalRequired").message)
    if now.used_digest and now.used_digest != was.used_digest:
        text = f"{now.approved_by} approved plan {now.used_digest}; it can run once"
        yield Announcement("Normal", "PlanApproved", text)


def _of_notices(before: EnvironmentStatus, after: EnvironmentStatus) -> Iterator[Announcement]:
    """The first failure and the delivery; the attempts between are counted in the status."""
    for now in after.notices:
        was = before.notice(now.digest) or NoticeStatus(digest=now.digest)
        if now.error and not was.error:
            text = f"The notification about {about(now.kind)} could not be sent: {now.error}"
            yield Announcement("Warning", "NotTold", text)
        if now.delivered_at and now.delivered_at != was.delivered_at:
            text = f"A notification about {about(now.kind)} was sent, as spec.notify asks"
            yield Announcement("Normal", "Told", text)


def _of_drift(before: EnvironmentStatus, after: EnvironmentStatus) -> Iterator[Announcement]:
    was, now = before.condition("Drifted"), after.condition("Drifted")
    if now.status == "True" and was.message != now.message:
        yield Announcement("Warning", "Drifted", sentence(now.message, [layer.name for layer in after.layers]))
    elif now.status == "False" and was.status == "True":
        yield Announcement("Normal", "DriftGone", sentence(now.message, ()))
    elif now.reason == "LookFailed" and was.reason != now.reason:
        yield Announcement("Warning", "DriftUnknown", sentence(now.message, [layer.name for layer in after.layers]))
    for layer in after.layers:
        if (at := drift_of(after, layer.name).corrected_at) and at != drift_of(before, layer.name).corrected_at:
            text = f"Layer {layer.name} has drifted and is being put back as declared"
            yield Announcement("Normal", "DriftCorrection", text)


def _of_phase(before: EnvironmentStatus, after: EnvironmentStatus) -> Iterator[Announcement]:
    changed = (before.phase, before.message) != (after.phase, after.message)
    if changed and after.phase in PHASE_TYPES:
        layers = [layer.name for layer in after.layers]
        text = sentence(after.message or f"the environment is {after.phase}", layers)
        yield Announcement(PHASE_TYPES[after.phase], after.phase, text)


def sentence(text: str, layers: Collection[str]) -> str:
    """The text with a beginning that a sentence may have; names keep their spelling."""
    first = text.partition(" ")[0].rstrip(":,;")
    if first in layers:
        return f"Layer {text}"
    if "/" in first:
        return f"Resource {text}"
    return text[:1].upper() + text[1:]


def _sentence(layer: LayerStatus) -> str:
    counts = layer.resources
    if layer.state == "Running":
        return f"Layer {layer.name} is being {_DOING.get(layer.operation or '', 'built')}"
    if layer.state == "Ready":
        return (
            f"Layer {layer.name} is ready: {counts.created} created, {counts.updated} updated, "
            f"{counts.replaced} replaced, {counts.deleted} deleted"
        )
    if layer.state == "Failed" and layer.failure:
        resource = short_name(layer.failure.urn)
        where = f" at {resource}" if resource else ""
        return f"Layer {layer.name} failed{where}: {layer.failure.error}"
    return f"Layer {layer.name} is {layer.state.lower()}"
