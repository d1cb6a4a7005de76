"""What a status keeps of what has happened: repairs, successes, windows that were overridden, what people were told.

Must never hold a secret, nor grow without bound.
"""

from typing import Final

from pydantic import Field

from tradai_operator.model.bounds import Moment, Text, Word
from tradai_operator.model.reported import Count, Number, Reported

REPAIRS: Final = 20
HISTORY: Final = 10
NOTICES: Final = 20


class Repair(Reported):
    """One thing that a run put right before its own work."""

    at: Moment | None = Field(default=None, description="When it was put right.")
    layer: Word = Field(default="", description="The layer that it belongs to.")
    what: Text = Field(default="", description="What was put right, in a sentence.")


class Revision(Reported):
    """One success of the whole environment."""

    number: Number = Field(default=0, description="Counts them.")
    revision: Word = Field(default="", description="What it was built from, in short.")
    generation: Number = Field(default=0, description="The generation of the spec.")
    at: Moment | None = Field(default=None, description="When it was Ready.")
    program: Word = Field(default="", description="The version of the stack programs.")
    layers: Text = Field(default="", description="The layers that ran for it.")
    plan: Word = Field(default="", description="The plan that was approved last.")
    approved_by: Word = Field(default="", description="Who approved it, where it waited for approval.")
    opened_by: Word = Field(default="", description="Who overrode the maintenance windows for it.")
    kept: bool = Field(default=False, description="Whether its manifest is in the state bucket (`tradai rollback`).")


class WindowStatus(Reported):
    """When changes may begin."""

    opened_by: Word = Field(default="", description="Who overrode the maintenance windows last.")
    opened_until: Moment | None = Field(default=None, description="Until when they were overridden.")


class NoticeStatus(Reported):
    """One thing that people were told by `spec.notify`, or could not be."""

    digest: Word = Field(description="Names what it was about; it is told once. A plan's is what approves it.")
    kind: Word = Field(default="", description="What kind of thing, like Approval or Stalled.")
    delivered_at: Moment | None = Field(default=None, description="When it was told.")
    attempts: Count = Field(default=0, description="Attempts that failed in a row.")
    error: Text = Field(default="", description="Why the last attempt failed.")
    next_attempt_at: Moment | None = Field(default=None, description="When the next one is due.")
