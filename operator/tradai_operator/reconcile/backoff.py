"""How long a loop waits: a moment after every turn, and after one that failed longer each time, longest for a refusal.

Pure. Must never be shorter than a second after a failure, nor nothing at all.
"""

from typing import Final

from tradai_operator.ports import RefusedError

#: After any turn, whatever wakes the loop: what its own turns bring about may never turn it without a pause.
FLOOR_SECONDS: Final = 0.05
#: No answer, or somebody was quicker: it is over in a moment, or when the server is back.
PASSING_SECONDS: Final = (1.0, 2.0, 5.0, 10.0, 30.0)
#: Understood and refused: the same again is refused again until somebody changes something.
REFUSED_SECONDS: Final = (2.0, 10.0, 30.0, 60.0, 300.0)


def backoff(failures: int, error: Exception) -> float:
    """Seconds until the next turn, where so many have failed in a row before this one, whatever they failed of."""
    table = REFUSED_SECONDS if isinstance(error, RefusedError) else PASSING_SECONDS
    return table[min(failures, len(table) - 1)]
