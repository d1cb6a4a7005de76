"""`python -m tools.bootstrap` makes a fresh clone ready: virtual environment from hashed lock files, pinned binaries.

With `--packages` it stops at the virtual environment, which is enough for the pure tests; `--binaries` goes on from
there; `--tests` brings what only tests run too, such as helm, `--gitops` ArgoCD beside it; `--world lambdas` makes the
environment of the functions, which nothing else sees. Each waits for another bootstrap that is at the same, so that one
may run behind other work.
Needs nothing but Python 3.11 and the standard library. Must never install anything outside `.venv` and the cache.
"""

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036 - whoever comes with an older one shall read why, not an ImportError
    sys.exit(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}: name one with `make PYTHON=...`")

from tools.provision import binaries, host, pins, stamp, venv, worlds
from tools.provision.say import ProvisionError

CHECKOUT = Path(__file__).resolve().parents[1]
ENVIRONMENT = CHECKOUT / ".venv"
_PACKAGES, _BINARIES = "packages", "binaries"


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what is not done yet; 1 with a sentence when something cannot be had."""
    options = _options(arguments)
    _heed_signals()
    try:
        host.demand_linux()
        _bootstrap(stamp.digest(CHECKOUT), _users(options))
        if options.world:
            worlds.ensure(CHECKOUT, options.world)
    except (ProvisionError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped; the next bootstrap goes on from here", file=sys.stderr)
        return 130
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.bootstrap", description="Make a fresh clone ready.")
    part = parser.add_mutually_exclusive_group()
    part.add_argument("--packages", action="store_true", help="only the virtual environment")
    part.add_argument("--binaries", action="store_true", help="the sandbox's binaries too, as without any option")
    part.add_argument("--tests", action="store_true", help="also the binaries that only tests run")
    part.add_argument("--gitops", action="store_true", help="also ArgoCD, for the tests with it")
    part.add_argument("--world", metavar="FOLDER", help="the packages of a folder with a world.lock, in its own .venv")
    return parser.parse_args(arguments)


def _users(options: argparse.Namespace) -> Sequence[str]:
    """Whose binaries are wanted."""
    if options.packages or options.world:
        return ()
    if options.gitops:
        return pins.GITOPS_USERS
    return pins.USERS if options.tests else pins.USERS[:1]


def _heed_signals() -> None:
    """SIGTERM ends it as ctrl-C does, and ctrl-C also where a shell runs it in the background."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)


def _bootstrap(digest: str, users: Sequence[str]) -> None:
    wanted = pins.table(CHECKOUT, users=users)
    part = "-".join((_BINARIES, *users[1:]))
    lacks_binaries = bool(users) and not _has_binaries(digest, part, wanted)
    cache = host.cache_directory()
    if lacks_binaries and binaries.missing(ENVIRONMENT, cache, wanted):
        host.demand_folder(cache, "name a folder that can, as TRADAI_CACHE in the environment")
    with venv.alone(CHECKOUT):
        if not stamp.fits(ENVIRONMENT, _PACKAGES, digest):
            venv.ensure(CHECKOUT, ENVIRONMENT)
            stamp.write(ENVIRONMENT, _PACKAGES, digest)
    if lacks_binaries:
        binaries.ensure(CHECKOUT, ENVIRONMENT, cache, wanted)
        stamp.write(ENVIRONMENT, part, digest)


def _has_binaries(digest: str, part: str, wanted: Sequence[pins.Binary]) -> bool:
    fits = stamp.fits(ENVIRONMENT, part, digest)
    return fits and all(binaries.linked(ENVIRONMENT, binary) for binary in wanted)


if __name__ == "__main__":
    sys.exit(main())
