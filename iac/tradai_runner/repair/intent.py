"""What a repair set out to do, kept in the bucket until it is done: a repair may die as well.

Must never be the only record of a change: the state file's backup is made beside it.
"""

from collections.abc import Mapping

from pydantic import ConfigDict

from tradai_iac.base import Value
from tradai_runner.bucket.keys import repair_key
from tradai_runner.bucket.store import Store
from tradai_runner.contract import Repair
from tradai_runner.state.notes import noted


class Intent(Value):
    """`settle` are URNs whose real state is yet to be read; `repairs` are the lines that will be told.

    `deleted`: URN → when its interrupted deletion had begun for sure, in seconds since the epoch. Open to what a later
    version adds.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    run_id: str
    settle: tuple[str, ...] = ()
    repairs: tuple[Repair, ...] = ()
    deleted: Mapping[str, float] = {}


def read_intent(store: Store, project: str, stack: str) -> Intent | None:
    """What an earlier repair did not come to, None where there is nothing left; raises UnfitStateError."""
    return noted(Intent, store, repair_key(project, stack), "what a repair of this stack had set out to do")


def write_intent(store: Store, project: str, stack: str, intent: Intent) -> None:
    """Before anything is changed."""
    store.put(repair_key(project, stack), intent.model_dump_json(indent=1, exclude_defaults=True).encode())


def drop_intent(store: Store, project: str, stack: str) -> None:
    """Everything is done."""
    store.delete(repair_key(project, stack))
