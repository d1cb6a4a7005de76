"""How long a loop waits after a turn that failed: longer each time, and longest where the API server has refused.

Must never be shorter than a second, nor reset by anything but a turn that went well.
"""

from typing import Final

from tradai_operator.ports import RefusedError

#: No answer, or somebody was quicker: it is over in a moment, or when the server is back.
PASSING_SECONDS: Final = (1.0, 2.0, 5.0, 10.0, 30.0)
#: Understood and refused: the same again is refused again until somebody changes something.
REFUSED_SECONDS: Final = (2.0, 10.0, 30.0, 60.0, 300.0)


class Backoff:
    """One loop's; counts the turns that failed in a row, whatever they failed of."""

    def __init__(self) -> None:
        self._failures = 0

    @property
    def calm(self) -> bool:
        """Whether the last turn went well."""
        return self._failures == 0

    def restore(self) -> None:
        """A turn went well."""
        self._failures = 0

    def wait(self, error: Exception) -> float:
        """Seconds until the next turn."""
        table = REFUSED_SECONDS if isinstance(error, RefusedError) else PASSING_SECONDS
        seconds = table[min(self._failures, len(table) - 1)]
        self._failures += 1
        return seconds
