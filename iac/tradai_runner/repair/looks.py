"""When interrupted creations were looked for in vain, kept in the bucket: the second look may be another run's.

Must never be older than the interruption that it is about: the entry of the state itself tells which one that is.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from pydantic import ConfigDict

from tradai_iac.base import Value
from tradai_runner.bucket.keys import looks_key
from tradai_runner.bucket.store import Store
from tradai_runner.repair.answer import Look
from tradai_runner.repair.pending import Pending
from tradai_runner.state.notes import UnfitStateError, noted

_MODEL: Final = ConfigDict(frozen=True, extra="ignore")


#: An older look is of an interruption that somebody has cleared since, and that came again: whoever looks for the
#: same one does so every quarter of an hour at the latest.
_FRESH_SECONDS: Final = 1800.0


class Vain(Value):
    """The first look that found nothing, in seconds since the epoch; `began` is for versions before this one."""

    model_config = _MODEL

    first: float
    began: float = 0.0


class Looks(Value):
    """Mark of an interruption → what was looked for. Open to what a later version adds."""

    model_config = _MODEL

    vain: Mapping[str, Vain] = {}

    def of(self, pending: Pending, now: float, longest: float) -> Look:
        """A look now."""
        seen = self._seen(pending, now)
        return Look(now, min(now, seen.first) if seen else None, longest)

    def noted(self, vain: Iterable[Pending], others: Iterable[Pending], now: float) -> "Looks":
        """With a look in vain at each of these; what is known of `others` is kept, and nothing else."""
        fresh = Vain(first=now, began=now)
        kept = {entry.mark: seen for entry in others if (seen := self._seen(entry, now))}
        return Looks(vain=kept | {entry.mark: self._seen(entry, now) or fresh for entry in vain})

    def _seen(self, entry: Pending, now: float) -> Vain | None:
        seen = self.vain.get(entry.mark)
        return seen if seen and now - seen.first <= _FRESH_SECONDS else None


def read_looks(store: Store, project: str, stack: str) -> Looks:
    """What earlier looks found nothing of; where that cannot be read, everything is looked at anew."""
    try:
        return noted(Looks, store, looks_key(project, stack), "what was looked for") or Looks()
    except UnfitStateError:
        return Looks()


def write_looks(store: Store, project: str, stack: str, looks: Looks) -> None:
    """For the next run."""
    store.put(looks_key(project, stack), looks.model_dump_json(indent=1).encode())


def drop_looks(store: Store, project: str, stack: str) -> None:
    """Everything is decided."""
    store.delete(looks_key(project, stack))
