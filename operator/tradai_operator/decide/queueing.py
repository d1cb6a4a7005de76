"""Runs and their places: which of them begin as one, and how a decision reads where some have no place yet.

Pure. A place is asked for last, when nothing else keeps a run back (`decide/gates.py`). Must never give a place itself,
nor let an approval be used up, or a retry forgotten, by a run that does not begin.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from tradai_operator.decide.decision import Decision, StartDestroy, StartDriftCheck, StartPlan, StartRun, StartUpdate
from tradai_operator.model import EnvironmentStatus
from tradai_operator.model.times import epoch, moment
from tradai_operator.status.drift import looks
from tradai_operator.status.phases import LayerNote, Phase

_QUEUED: Final = "waits for a free place"


def live(status: EnvironmentStatus) -> frozenset[str]:
    """The layers of which a run or a look for drift goes on."""
    return frozenset(layer.name for layer in status.layers if layer.run) | {look.name for look in looks(status)}


def wanted(status: EnvironmentStatus, decision: Decision) -> tuple[tuple[str, ...], ...]:
    """The layers that would start; what an approval permits as one begins as one, so that none asks for it again."""
    starts = _starts(decision)
    together = tuple(start.layer for start in starts if _is_bound(start) and _spends(status, decision))
    alone = tuple((start.layer,) for start in starts if start.layer not in together)
    return (together, *alone) if together else alone


def queued(status: EnvironmentStatus) -> dict[str, float]:
    """Layer → since when it waits for a place, seconds since the epoch: also where another operator was asked first."""
    return {layer.name: epoch(layer.queued_at) for layer in status.layers if layer.queued_at and not layer.run}


def held_back(status: EnvironmentStatus, decision: Decision, held: Mapping[str, str], now: float) -> Decision:
    """The decision without the starts of the layers in `held`, which maps each to its place in the line.

    Such a layer is Pending: what it is tried again for is thereby not forgotten. A look that nothing waits for says
    nothing of its layer.
    """
    back = [start for start in _starts(decision) if start.layer in held]
    if not back:
        return decision
    kept = _unspent(status, decision, back)
    actions = tuple(action for action in decision.actions if action not in back)
    waiting = [start for start in back if not _is_beside(start)]
    since = queued(status)
    notes = {
        start.layer: LayerNote(
            "Pending", f"{_QUEUED}: {held[start.layer]}", queued_at=moment(since.get(start.layer, now))
        )
        for start in waiting
    }
    forgets = any(start.operation == "preview" for start in waiting)
    return _told(
        status,
        replace(
            kept,
            actions=actions,
            notes={**decision.notes, **notes},
            retry_seen="" if forgets else decision.retry_seen,
        ),
    )


def _starts(decision: Decision) -> list[StartRun]:
    return [action for action in decision.actions if isinstance(action, StartRun)]


def _is_bound(start: StartRun) -> bool:
    """Whether it does what was planned, and nothing else."""
    return isinstance(start, StartUpdate | StartDestroy) and start.plan is not None


def _is_beside(start: StartRun) -> bool:
    """Whether nothing of the layer waits for it."""
    return isinstance(start, StartDriftCheck) or (isinstance(start, StartPlan) and start.aside)


def _spends(status: EnvironmentStatus, decision: Decision) -> bool:
    """Whether the decision uses an approval up."""
    before = status.plan.used_digest if status.plan else ""
    return decision.plan is not None and decision.plan.used_digest != before


def _unspent(status: EnvironmentStatus, decision: Decision, back: list[StartRun]) -> Decision:
    """With the approval as it was, where what it permits does not begin."""
    if not (_spends(status, decision) and any(map(_is_bound, back))):
        return decision
    return replace(decision, plan=status.plan, granted=())


def _told(status: EnvironmentStatus, decision: Decision) -> Decision:
    """In words, where nothing of the environment runs or begins."""
    if decision.phase is not Phase.BUILDING or _starts(decision) or any(layer.run for layer in status.layers):
        return decision
    return replace(decision, reason="Queued", message=f"{_QUEUED}: other runs are using all the memory")
