"""The phases of an environment, and how each one reads as conditions (kstatus).

One table. Must never depend on what a decision was made from: a phase alone says how it reads.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Final, Literal


class Phase(Enum):
    """Where the whole environment stands."""

    BUILDING = "Building"
    APPROVAL = "WaitingForApproval"
    IMAGES = "WaitingForImages"
    WINDOW = "WaitingForWindow"
    READY = "Ready"
    WAITING = "Blocked"
    RETRYING = "Retrying"
    FAILED = "Failed"
    CANCELLED = "Cancelled"
    SUSPENDED = "Suspended"
    CONFLICT = "Conflict"
    INVALID = "Invalid"
    DELETING = "Deleting"
    DELETE_RETRYING = "DeleteRetrying"
    DELETE_FAILED = "DeleteFailed"


@dataclass(frozen=True)
class LayerNote:
    """How a layer that has nothing running reads: its state and why.

    `keeps_plan`: though it is as declared, there is a plan to be looked at. `queued_at`: since when it waits in the
    line for a place, None where it does not.
    """

    state: str
    message: str = ""
    keeps_plan: bool = False
    queued_at: datetime | None = None


@dataclass(frozen=True)
class Checked:
    """How a condition beside the three of kstatus reads: Preflight, ApprovalRequired, GuardsKept."""

    status: Literal["True", "False", "Unknown"]
    reason: str
    message: str


#: What the condition says stands, unless something is known to be wrong: nobody has looked since this operator began.
LAST_WORD: Final = Checked("Unknown", "", "")


@dataclass(frozen=True)
class Reading:
    """The three conditions of kstatus for one phase."""

    ready: bool
    reconciling: bool
    stalled: bool


#: Ready only when the spec of this generation is applied. Reconciling where something runs, or goes on by itself;
#: Stalled where it was tried often enough, or waits for a change that only a person or the world can make.
READINGS: Final = {
    Phase.READY: Reading(ready=True, reconciling=False, stalled=False),
    Phase.BUILDING: Reading(ready=False, reconciling=True, stalled=False),
    # it looks for them by itself and goes on: nobody has to touch the resource
    Phase.IMAGES: Reading(ready=False, reconciling=True, stalled=False),
    # nothing is wrong and nothing has to be mended: it goes on the moment the plan is approved
    Phase.APPROVAL: Reading(ready=False, reconciling=True, stalled=False),
    # it opens by itself
    Phase.WINDOW: Reading(ready=False, reconciling=True, stalled=False),
    Phase.RETRYING: Reading(ready=False, reconciling=True, stalled=False),
    Phase.WAITING: Reading(ready=False, reconciling=False, stalled=True),
    Phase.FAILED: Reading(ready=False, reconciling=False, stalled=True),
    Phase.CANCELLED: Reading(ready=False, reconciling=False, stalled=True),
    # nothing was tried, and nothing is: it is as somebody wants it
    Phase.SUSPENDED: Reading(ready=False, reconciling=False, stalled=False),
    Phase.CONFLICT: Reading(ready=False, reconciling=False, stalled=True),
    Phase.INVALID: Reading(ready=False, reconciling=False, stalled=True),
    Phase.DELETING: Reading(ready=False, reconciling=True, stalled=False),
    Phase.DELETE_RETRYING: Reading(ready=False, reconciling=True, stalled=False),
    Phase.DELETE_FAILED: Reading(ready=False, reconciling=False, stalled=True),
}
