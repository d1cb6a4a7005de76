"""What each unit of tests costs: seconds of one worker, as a whole run of the deep ring has measured them.

`python -m tests.rings.budget` keeps what the last whole run measured. Must never be judged by a test: machines differ.
"""

import json
import sys
from collections.abc import Mapping
from functools import cache
from typing import Any

from tests.rings.table import HERE

FILE = HERE / "budget.json"
#: What a unit costs that nobody has measured yet.
UNKNOWN_SECONDS = 30.0

Budget = Mapping[str, float]


@cache
def budget() -> Budget:
    """Unit → seconds."""
    measured: dict[str, float] = json.loads(FILE.read_text())["seconds"]
    return measured


def cost(unit: str, known: Budget) -> float:
    """The seconds of a unit."""
    return known.get(unit, UNKNOWN_SECONDS)


def main() -> int:
    """Write the budget anew from the last result; 1 where that was no whole run."""
    from tests.rings.record import RESULT

    result = json.loads(RESULT.read_text()) if RESULT.exists() else {"whole": False}
    if not result["whole"] or result["failed"]:
        print("the last run of the deep ring was not whole, or not green: `just deep` first")
        return 1
    _keep(result)
    return 0


def _keep(result: Mapping[str, Any]) -> None:
    seconds = {unit: round(spent, 1) for unit, spent in sorted(result["seconds"].items())}
    FILE.write_text(
        json.dumps({"tree": result["tree"], "workers": result["runs"][-1]["workers"], "seconds": seconds}, indent=1)
        + "\n"
    )
    print(f"{FILE.name}: {len(seconds)} units, {sum(seconds.values()) / 60:.0f} minutes of one worker")


if __name__ == "__main__":
    sys.exit(main())
