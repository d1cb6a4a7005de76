"""What the fault matrix costs: every row's seconds. Must never be judged by a test: machines differ."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

#: Row → seconds, in the order in which they were played.
SPENT: dict[str, float] = {}


@contextmanager
def timed(name: str) -> Iterator[None]:
    """Adds what is done inside to the row of that name."""
    began = time.monotonic()
    try:
        yield
    finally:
        SPENT[name] = SPENT.get(name, 0.0) + time.monotonic() - began
