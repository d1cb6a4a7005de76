"""How much memory the runs of one operator may take together. Pure. Must never come out so small that nothing runs."""

from collections.abc import Mapping
from typing import Final

from tradai_operator.schedule.places import DEFAULT_WEIGHT

VARIABLE: Final = "TRADAI_RUN_MEMORY_MIB"

#: For the operator itself, and for whatever else is on the machine.
_OWN_MIB: Final = 256
_SHARE: Final = 0.75
#: A run computes for about a tenth of its time and waits for AWS in the rest: more of them on a core only get slower.
_RUNS_A_CORE: Final = 8


def budget_mib(environment: Mapping[str, str], memory: int, cores: int, *, local: bool = True) -> int | None:
    """MiB for all runs together: what is set, else what a machine with that `memory` (MiB) and so many cores can bear.

    Runs that are not `local` do not take this machine's memory: without a setting, nobody waits (None). Raises
    ValueError where what is set is no number above 0.
    """
    if text := environment.get(VARIABLE):
        if not text.isdecimal() or int(text) == 0:
            raise ValueError(f"{VARIABLE} is a number of MiB above 0, not {text!r}")
        return int(text)
    if not local:
        return None
    bearable = int(memory * _SHARE) - _OWN_MIB
    return max(DEFAULT_WEIGHT, min(bearable, cores * _RUNS_A_CORE * DEFAULT_WEIGHT))
