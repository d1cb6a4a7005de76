"""What is said of time and versions: an end that comes near, windows that are overridden, a newer program, new runs.

Pure. Must never say the same thing twice: nothing changed, nothing said.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from tradai_operator.model import EnvironmentStatus


@dataclass(frozen=True)
class Announcement:
    """One event's text; `type` is Normal or Warning."""

    type: str
    reason: str
    message: str


def of_time(before: EnvironmentStatus, after: EnvironmentStatus) -> Iterator[Announcement]:
    """Everything of the kind that changed."""
    if after.expiry_warned and after.expiry_warned != before.expiry_warned:
        ends = f"{after.expiry_warned:%Y-%m-%d %H:%M} UTC"
        text = f"The environment will be deleted with all its data at {ends}; a longer spec.ttl keeps it"
        yield Announcement("Warning", "Expiring", text)
    if after.window and after.window != before.window and after.window.opened_until:
        until = f"{after.window.opened_until:%Y-%m-%d %H:%M} UTC"
        text = f"{after.window.opened_by} overrode the maintenance windows until {until}"
        yield Announcement("Warning", "WindowOverridden", text)
    if after.observed_reconcile != before.observed_reconcile:
        yield _reconcile(after)
    was, now = before.condition("UpdateAvailable"), after.condition("UpdateAvailable")
    if now.status == "True" and now.message != was.message:
        yield Announcement("Normal", "UpdateAvailable", f"Another program version is available: {now.message}")


def _reconcile(after: EnvironmentStatus) -> Announcement:
    asked = [layer.name for layer in after.layers if layer.reconcile or (layer.run and layer.run.reconcile)]
    if not asked:
        return Announcement("Warning", "NothingToReconcile", "The reconcile annotation names no layer that exists")
    return Announcement("Normal", "ReconcileAsked", f"Asked to run {', '.join(asked)} although nothing has changed")
