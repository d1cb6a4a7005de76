"""The history of an environment: one entry for each success of the whole, the last few in the status.

Pure. Must never count the same success twice.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from tradai_operator.model import EnvironmentStatus, keys
from tradai_operator.model.records import HISTORY, Revision
from tradai_operator.model.times import moment

#: How long to wait before a manifest is put into the state bucket once more.
AGAIN: Final = timedelta(minutes=1)


def next_revision(before: EnvironmentStatus, after: EnvironmentStatus, program: str, now: float) -> Revision | None:
    """The entry that is to be kept now, None where there is nothing new; `before` is what was written last."""
    if after.phase != "Ready":
        return None
    last = after.history[-1] if after.history else Revision()
    if last.revision == after.revision:
        return None if last.kept or last.generation != after.observed_generation else last
    if (before.phase, before.revision) == ("Ready", after.revision):
        return None  # it stood so before there was a history
    return _entry(after, last, program, now)


def _entry(after: EnvironmentStatus, last: Revision, program: str, now: float) -> Revision:
    ended = {layer.name: layer.finished_at for layer in after.layers if layer.operation == "up" and layer.finished_at}
    ran = [name for name, at in ended.items() if last.at is None or at > last.at]
    approved = after.plan if after.plan and after.plan.used_digest != last.plan else None
    window = after.window if after.window and after.window.opened_until else None
    overridden = window and window.opened_until and window.opened_until > moment(now)
    return Revision(
        number=last.number + 1,
        revision=after.revision,
        generation=after.observed_generation,
        at=moment(now),
        program=program,
        layers=", ".join(ran),
        plan=after.plan.used_digest if after.plan else "",
        approved_by=approved.approved_by if approved else "",
        opened_by=window.opened_by if window and overridden else "",
    )


def noted(status: EnvironmentStatus, entry: Revision) -> EnvironmentStatus:
    """The status with the entry, in place of the same one where it is there already."""
    others = tuple(found for found in status.history if found.number != entry.number)
    return status.model_copy(update={"history": (*others, entry)[-HISTORY:]})


def waits(status: EnvironmentStatus) -> bool:
    """Whether the newest manifest is still to be put into the state bucket."""
    return status.phase == "Ready" and bool(status.history) and not status.history[-1].kept


def file_of(entry: Revision) -> str:
    """The name under which the entry's record is kept; names sort by time."""
    return f"{entry.at:%Y%m%dT%H%M%S}-{entry.revision}.json" if entry.at else f"{entry.revision}.json"


def record(body: Mapping[str, Any], status: EnvironmentStatus, entry: Revision) -> dict[str, Any]:
    """What is kept: the manifest as it was applied, and the images that it came to mean."""
    metadata = {name: body["metadata"][name] for name in ("name", "namespace")}
    return {
        "manifest": {"apiVersion": keys.API_VERSION, "kind": keys.KIND, "metadata": metadata, "spec": body["spec"]},
        "images": {layer.name: dict(layer.images) for layer in status.layers if layer.images},
        **entry.model_dump(mode="json", by_alias=True, exclude_none=True, exclude={"kept"}),
    }
