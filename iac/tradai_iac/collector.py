"""Python's garbage collector in processes that make many objects and keep most of them for as long as they live.

Must never turn it off: what goes in circles would grow with the number of resources.
"""

import gc
from typing import Final

#: New objects between two looks at the young ones (700 by default), and how often the older generations wait for those.
_THRESHOLDS: Final = (50_000, 20, 20)


def relax() -> None:
    """What is there by now is not looked at again, and the rest more seldom: a tenth of such a process's CPU."""
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
