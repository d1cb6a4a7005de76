"""Names of packages into a lock with digests, as every world and every image has it.

Must never write an index's address.
"""

import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
_OPTIONS: Final = ("--universal", "--generate-hashes", "--python-version", "3.11", "--no-emit-index-url")
_QUIET: Final = ("--no-header", "--no-annotate", "--quiet")


def pin(names: str, into: Path, more: Sequence[str] = ()) -> None:
    """Write the lock of these names, one a line; versions that it has already are kept, unless `--upgrade` is given."""
    command = ["uv", "pip", "compile", *_OPTIONS, *_QUIET, *more, "-", "--output-file", str(into)]
    subprocess.run(command, input=names, text=True, cwd=ROOT, check=True)
