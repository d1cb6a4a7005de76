"""How ArgoCD shows each phase of an environment. Data, held against the Lua by fixtures.

Must never leave a phase out: a phase without a verdict is an error of its own.
"""

from typing import Final, Literal

from tradai_operator.status.phases import Phase

Health = Literal["Healthy", "Progressing", "Degraded", "Suspended"]

#: Suspended waits for a person's word or for its hour; Degraded lacks what only a person or the world can mend.
VERDICTS: Final[dict[Phase, Health]] = {
    Phase.READY: "Healthy",
    Phase.BUILDING: "Progressing",
    Phase.IMAGES: "Progressing",
    Phase.RETRYING: "Progressing",
    Phase.APPROVAL: "Suspended",
    Phase.WINDOW: "Suspended",
    Phase.SUSPENDED: "Suspended",
    Phase.WAITING: "Degraded",
    Phase.FAILED: "Degraded",
    Phase.CANCELLED: "Degraded",
    Phase.CONFLICT: "Degraded",
    Phase.INVALID: "Degraded",
    Phase.DELETING: "Progressing",
    Phase.DELETE_RETRYING: "Progressing",
    Phase.DELETE_FAILED: "Degraded",
}
