"""`python -m tools.bootstrap` makes a fresh clone ready: virtual environment from hashed lock files, pinned binaries.

Needs nothing but Python 3.11 and the standard library. Must never install anything outside `.venv` and the cache.
"""

import os
import sys
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036 - whoever comes with an older one shall read why, not an ImportError
    sys.exit(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}: name one with `make PYTHON=...`")

from tools.provision import binaries, stamp, venv
from tools.provision.say import ProvisionError, say

CHECKOUT = Path(__file__).resolve().parents[1]


def cache_directory() -> Path:
    """Where built binaries are kept for all checkouts: TRADAI_CACHE, else below the user's cache."""
    if chosen := os.environ.get("TRADAI_CACHE"):
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tradai"


def main() -> int:
    """Do what is not done yet; 1 with a sentence when something cannot be had."""
    digest = stamp.digest(CHECKOUT)
    wanted = binaries.table(CHECKOUT)
    environment = CHECKOUT / ".venv"
    if stamp.fits(environment, digest) and all(binaries.linked(environment, binary) for binary in wanted):
        return 0
    try:
        venv.ensure(CHECKOUT, environment)
        for binary in wanted:
            binaries.ensure(CHECKOUT, environment, cache_directory(), binary)
    except ProvisionError as error:
        say(str(error))
        return 1
    stamp.write(environment, digest)
    return 0


if __name__ == "__main__":
    sys.exit(main())
