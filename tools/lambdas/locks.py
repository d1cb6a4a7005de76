"""`python -m tools.lambdas.locks`: a lock for each function's image, and one for the world in which they are tested.

The world has what all functions need, each image what its function imports, in the world's versions. Must never write
an index's address.
"""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
LAMBDAS: Final = ROOT / "lambdas"
#: What only tests and the sandbox need: Lambda's own client for a function's process, and what plays tests.
TOOLS: Final = ("awslambdaric", "hypothesis", "mypy", "pytest", "pytest-timeout")
_OPTIONS: Final = ("--universal", "--generate-hashes", "--python-version", "3.11", "--no-emit-index-url")
_QUIET: Final = ("--no-header", "--no-annotate", "--quiet")


def functions() -> list[Path]:
    """The folders of functions that have packages of their own."""
    return sorted(found.parent for found in LAMBDAS.glob("*/requirements.in"))


def main(more: Sequence[str]) -> None:
    """Pin all anew; `--upgrade` takes newer versions."""
    world = LAMBDAS / "world.lock"
    names = {line.strip() for folder in functions() for line in (folder / "requirements.in").read_text().splitlines()}
    _compile("\n".join(sorted({*names, *TOOLS} - {""})), world, more)
    for folder in functions():
        _compile((folder / "requirements.in").read_text(), folder / "requirements.lock", ["--constraint", str(world)])


def _compile(names: str, into: Path, more: Sequence[str]) -> None:
    command = ["uv", "pip", "compile", *_OPTIONS, *_QUIET, *more, "-", "--output-file", str(into)]
    subprocess.run(command, input=names, text=True, cwd=ROOT, check=True)


if __name__ == "__main__":
    main(sys.argv[1:])
