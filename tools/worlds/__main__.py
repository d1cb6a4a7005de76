"""`python -m tools.worlds services/mlflow [--upgrade]`: the `world.lock` of a folder from its `requirements.in`.

Must never touch the functions' locks: those are of several folders (`tools.lambdas.locks`).
"""

import sys

from tools.provision.worlds import LOCK
from tools.worlds.pins import ROOT, pin


def main(folder: str, *more: str) -> None:
    """Pin what the folder asks for."""
    pin((ROOT / folder / "requirements.in").read_text(), ROOT / folder / LOCK, more)


if __name__ == "__main__":
    main(*sys.argv[1:])
