"""`python -m tradai_control_plane prepare | setup FOLDER | alive PROCESS`: what containers of the task run.

Must never import what a word needs before it is said: a health check comes every few seconds.
"""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from tradai_control_plane.base import StepError

_USAGE: Final = "say prepare, setup FOLDER or alive PROCESS"


def _folder() -> Path:
    return Path(os.environ.get("TRADAI_FILES") or "/control-plane")


def _prepare() -> None:
    from datetime import UTC, datetime

    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    from tradai_control_plane import prepare
    from tradai_control_plane.store import SecretsManager

    asked = prepare.wanted(os.environ)
    client = boto3.client("secretsmanager")
    store = SecretsManager(client, asked.authority_secret)
    try:
        bundle = prepare.prepare(
            asked, store, lambda: prepare.database_password(client, asked.database_secret), datetime.now(UTC)
        )
    except (BotoCoreError, ClientError) as error:
        raise StepError(f"Secrets Manager cannot be asked: {error}") from error
    print(f"{len(bundle.authorities)} authorities are trusted; the newest that signs is of {bundle.authority.made}")


def _setup(folder: str) -> None:
    from tradai_control_plane.setup import setup

    for done in setup(Path(folder), _folder()):
        print(done)


def _alive(name: str) -> None:
    from tradai_control_plane.alive import alive

    alive(name, _folder())


WORDS: Final[Mapping[str, tuple[Callable[..., None], int]]] = {
    "prepare": (_prepare, 0),
    "setup": (_setup, 1),
    "alive": (_alive, 1),
}


def main(said: Sequence[str]) -> int:
    """The exit status: 0 where it is done, 1 with a sentence where not, 2 for words that it does not know."""
    word, given = (said[0], said[1:]) if said else ("", ())
    if word not in WORDS or len(given) != WORDS[word][1]:
        print(_USAGE, file=sys.stderr)
        return 2
    try:
        WORDS[word][0](*given)
    except (StepError, OSError) as error:
        print(f"{type(error).__name__}: {error}" if isinstance(error, OSError) else str(error), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
