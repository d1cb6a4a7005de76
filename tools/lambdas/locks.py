"""`python -m tools.lambdas.locks`: a lock for each function's image, and one for the world in which they are tested.

The world has what all functions need, each image what its function imports, in the world's versions. Must never write
an index's address.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tools.worlds.pins import ROOT, pin

LAMBDAS: Final = ROOT / "lambdas"
#: What only tests and the sandbox need: Lambda's own client for a function's process, and what plays tests.
TOOLS: Final = ("awslambdaric", "hypothesis", "mypy", "pytest", "pytest-timeout")


def functions() -> list[Path]:
    """The folders of functions that have packages of their own."""
    return sorted(found.parent for found in LAMBDAS.glob("*/requirements.in"))


def main(more: Sequence[str]) -> None:
    """Pin all anew; `--upgrade` takes newer versions."""
    world = LAMBDAS / "world.lock"
    names = {line.strip() for folder in functions() for line in (folder / "requirements.in").read_text().splitlines()}
    pin("\n".join(sorted({*names, *TOOLS} - {""})), world, more)
    for folder in functions():
        pin((folder / "requirements.in").read_text(), folder / "requirements.lock", ["--constraint", str(world)])


if __name__ == "__main__":
    main(sys.argv[1:])
