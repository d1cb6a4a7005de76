"""How long a loop waits after a turn that failed: longer each time, and longest where the API server has refused.

Pure. Must never be shorter than a second.
"""

from typing import Final

from tradai_operator.ports import RefusedError

#: No answer, or somebody was quicker: it is over in a moment, or when the server is back.
PASSING_SECONDS: Final = (1.0, 2.0, 5.0, 10.0, 30.0)
#: Understood and refused: the same again is refused again until somebody changes something.
REFUSED_SECONDS: Final = (2.0, 10.0, 30.0, 60.0, 300.0)


def backoff(failures: int, error: Exception) -> float:
    """Seconds until the next turn, where so many have failed in a row before this one, whatever they failed of."""
    table = REFUSED_SECONDS if isinstance(error, RefusedError) else PASSING_SECONDS
    return table[min(failures, len(table) - 1)]
