"""What one endpoint has of each: its recipes, its functions' processes, how they shall behave.

Must never be imported outside the endpoint's own process.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tradai_sandbox.workloads.bounds import Bounds
from tradai_sandbox.workloads.fleet import Fleet
from tradai_sandbox.workloads.recipes import Store
from tradai_sandbox.workloads.words import Manners

BOUNDS: Final = Bounds()
FLEET: Final = Fleet(BOUNDS)
RECIPES: Final = Store()


@dataclass
class Told:
    """What tests and people have asked for; without it, as AWS does."""

    manners: Manners = field(default_factory=Manners)


TOLD: Final = Told()
#: What else ends something when the endpoint ends.
CLOSING: Final[list[Callable[[], None]]] = []


def keep_in(folder: Path) -> None:
    """Remember there what images are."""
    RECIPES.keep_in(folder)


def close() -> None:
    """Ends every workload."""
    for end in (FLEET.close, *CLOSING):
        end()
