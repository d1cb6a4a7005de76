"""What is said of a resource whose turn failed: the API server takes no write, or something unexpected happened.

Pure. Must never say that a run is over, the layers stay as they were last seen; nor repeat the words of an error that
is not ours, which may have in them whatever it stumbled over.
"""

from dataclasses import dataclass
from typing import Final

from tradai_operator.model import EnvironmentStatus, Metadata
from tradai_operator.status.compose import compose
from tradai_operator.status.phases import Phase

_REFUSED: Final = "WriteRefused"
_OURS: Final = "tradai_"


@dataclass(frozen=True)
class Trouble:
    """A failed turn as conditions and events tell it."""

    phase: Phase
    reason: str
    message: str


def refused(error: Exception) -> Trouble:
    """The API server understood, and takes no write."""
    return Trouble(Phase.WAITING, _REFUSED, f"the API server refuses what the operator has to write: {error}")


def unexpected(error: Exception, *, deleting: bool) -> Trouble:
    """Any other error: its class, its words where they are safe to repeat, and where the rest is."""
    name = type(error).__name__
    words = f": {error}" if type(error).__module__.startswith(_OURS) or isinstance(error, OSError) else ""
    message = (
        f"unexpected error in the operator, {name}{words[:600]}. Nothing is decided until it is resolved; the operator "
        "tries again automatically. Its log has the details: tell the people who run the operator"
    )
    return Trouble(Phase.DELETE_RETRYING if deleting else Phase.RETRYING, name, message)


def failed_status(status: EnvironmentStatus, meta: Metadata, told: Trouble, now: float) -> EnvironmentStatus:
    """The status until that is mended; of the generation that was decided upon last, since this one was not."""
    return compose(
        status,
        generation=status.observed_generation or meta.generation,
        layers=tuple(layer.name for layer in status.layers),
        phase=told.phase,
        reason=told.reason,
        message=told.message,
        notes={},
        retry_seen="",
        now=now,
        plan=status.plan,
    )
