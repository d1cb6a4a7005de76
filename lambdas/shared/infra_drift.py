"""infra-drift-state: a stack's newest look in the operator's shape, and beside it what the detector remembers.

A look is written whole, by operator, runner or detector; the detector's memory is an item of its own, which no index
shows. Must never say "no drift" of a stack that nobody could look at.
"""

from datetime import datetime
from typing import Any, Final, Literal

from boto3.dynamodb.conditions import Attr

from shared.base import Frozen
from shared.incidents import Watch
from shared.tables import Table

#: Ends the key of the detector's memory of a stack.
_MEMORY: Final = "#detector"
WRITER: Final = "pulumi-drift-detector"


class Look(Frozen):
    """One item (002 §3.2): `has_drift` is a text, since an index has it; `last_check` ISO 8601, whole seconds, UTC."""

    stack_name: str
    has_drift: Literal["true", "false", "unknown"]
    last_check: str
    changed: int = 0
    missing: int = 0
    unexpected: int = 0
    ignored: int = 0
    resources: tuple[str, ...] = ()
    report: str = ""
    reason: str | None = None
    checked_by: str = WRITER


class Memory(Frozen):
    """What the detector knows of a stack: the run that it waits for, and what people are owed.

    `drift` is whether it drifted, `blind` whether it could be looked at.
    """

    run_id: str | None = None
    asked_at: str | None = None
    task_arn: str | None = None
    drift: Watch = Watch()
    blind: Watch = Watch()
    revision: int = 0


def moment(at: datetime) -> str:
    """A time as `last_check` has it."""
    return at.isoformat(timespec="seconds")


class Looks:
    """The table infra-drift-state."""

    def __init__(self, table: str) -> None:
        self.table = Table("infra-drift-state", table)

    def get(self, stack: str) -> Look | None:
        """The newest look at a stack."""
        found = self.table.get(stack)
        return Look.model_validate(found) if found else None

    def put(self, look: Look, began: str | None = None) -> bool:
        """Write a look; False where one is there that is no older, or than when this one `began`, if that is said."""
        earlier = Attr("stack_name").not_exists() | Attr("last_check").lt(began or look.last_check)
        return self.table.put(look.model_dump(mode="json", exclude_none=True), earlier)

    def memory(self, stack: str) -> Memory:
        """What the detector remembers of a stack."""
        return Memory.model_validate(self.table.get(stack + _MEMORY) or {})

    def remember(self, stack: str, before: Memory, after: Memory) -> Memory | None:
        """Write it, where no other call has meanwhile; None where one has."""
        saved = after.model_copy(update={"revision": before.revision + 1})
        item: dict[str, Any] = {"stack_name": stack + _MEMORY, **saved.model_dump(mode="json", exclude_none=True)}
        unchanged = Attr("revision").eq(before.revision) if before.revision else Attr("revision").not_exists()
        return saved if self.table.put(item, unchanged) else None
