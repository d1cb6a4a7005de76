"""One layer's next step, as the rooms that decide hand it to each other.

Data only.
"""

from dataclasses import dataclass

from tradai_operator.decide.decision import Action, Look
from tradai_operator.status.phases import Checked, LayerNote, Phase


@dataclass(frozen=True)
class Step:
    """What one layer does next: `ready` for those who read it, an action, a note, or a time to look again.

    `says` are reason and message of a step that no status of the layer explains; `asks` of one whose plan waits for
    approval.
    """

    phase: Phase
    ready: bool = False
    action: Action | None = None
    note: LayerNote | None = None
    wake_at: float | None = None
    blocked_by: str | None = None
    look: Look | None = None
    checked: Checked | None = None
    says: tuple[str, str] | None = None
    asks: bool = False
