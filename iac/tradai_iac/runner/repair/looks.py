"""When interrupted creations were looked for in vain, kept in the bucket: the second look may be another run's.

Must never be older than the interruption that it is about: the entry of the state itself tells which one that is.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from pydantic import ConfigDict

from tradai_iac.base import Value
from tradai_iac.runner.backend import looks_key
from tradai_iac.runner.repair.answer import Look
from tradai_iac.runner.repair.pending import Pending
from tradai_iac.runner.store import Store

_MODEL: Final = ConfigDict(frozen=True, extra="ignore")


class Vain(Value):
    """The first look that found nothing, and when the operation had begun for sure; in seconds since the epoch."""

    model_config = _MODEL

    began: float
    first: float


class Looks(Value):
    """Mark of an interruption → what was looked for. Open to what a later version adds."""

    model_config = _MODEL

    vain: Mapping[str, Vain] = {}

    def of(self, pending: Pending, now: float, began: float, longest: float) -> Look:
        """A look now. What began later than now, by another machine's clock, begins now."""
        seen = self.vain.get(pending.mark)
        began = min(began, now)
        if seen is None:
            return Look(now, began, None, longest)
        return Look(now, min(began, seen.began), min(now, seen.first), longest)

    def noted(self, vain: Iterable[Pending], others: Iterable[Pending], now: float, began: float) -> "Looks":
        """With a look in vain at each of these; what is known of `others` is kept, and nothing else."""
        fresh = Vain(began=min(began, now), first=now)
        kept = {entry.mark: self.vain[entry.mark] for entry in others if entry.mark in self.vain}
        return Looks(vain=kept | {entry.mark: self.vain.get(entry.mark, fresh) for entry in vain})


def read_looks(store: Store, project: str, stack: str) -> Looks:
    """What earlier looks found nothing of."""
    body = store.get(looks_key(project, stack))
    return Looks.model_validate_json(body) if body else Looks()


def write_looks(store: Store, project: str, stack: str, looks: Looks) -> None:
    """For the next run."""
    store.put(looks_key(project, stack), looks.model_dump_json(indent=1).encode())


def drop_looks(store: Store, project: str, stack: str) -> None:
    """Everything is decided."""
    store.delete(looks_key(project, stack))
