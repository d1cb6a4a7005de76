"""Opens the journal of a run in a container, with everything that may be wrong before the run begins.

Must never start a run that has no request, no secrets or no life left.
"""

import os
import signal
import threading
from dataclasses import dataclass
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import ValidationError

from tradai_runner.engine.interrupt import Interrupt
from tradai_runner.journal.address import RunAddress
from tradai_runner.journal.bucket import BucketJournal, Refusal, store_at
from tradai_runner.process.writes import arm
from tradai_runner.remote.journal import DeclaredDeadError, RemoteJournal
from tradai_runner.remote.secrets import folder_of

_NO_REQUEST: Final = 2
_DECLARED_DEAD: Final = 4
#: A platform gives a stopped container two or three minutes: by then the engine is told to stop at once.
_INSIST_SECONDS: Final = 60.0


@dataclass(frozen=True)
class NothingToRun:
    """Why there is nothing to run, and the exit status that says so."""

    why: str
    status: int


class Insistence:
    """Asks a run to stop, and again a minute later: in a container nobody else does."""

    def __init__(self, interrupt: Interrupt) -> None:
        self._interrupt = interrupt

    def begin(self) -> None:
        """Takes SIGTERM and SIGINT from now on; call it in the main thread."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: self.stop())

    def stop(self) -> None:
        """Asks now, and once more."""
        if not self._interrupt.requested:
            later = threading.Timer(_INSIST_SECONDS, self._interrupt.handle, (signal.SIGTERM, None))
            later.daemon = True
            later.start()
        self._interrupt.handle(signal.SIGTERM, None)


def open_remote(address: str, interrupt: Interrupt) -> RemoteJournal | NothingToRun:
    """The journal of that address, its request there and its first word said; or why there is none."""
    insistence = Insistence(interrupt)
    insistence.begin()
    try:
        run = RunAddress.parse(address)
    except ValueError as error:
        return NothingToRun(str(error), _NO_REQUEST)
    try:
        return _opened(run, insistence)
    except DeclaredDeadError as error:
        return NothingToRun(str(error), _DECLARED_DEAD)
    except KeyError as error:
        return _refuse(run, f"the container's environment lacks {error.args[0]}")
    except ValidationError as error:
        said = f"this runner is of another version than the operator: it does not understand {_unread(error)}"
        return _refuse(run, said)
    except (OSError, ValueError, ClientError, BotoCoreError) as error:
        return _refuse(run, str(error))


def _opened(run: RunAddress, insistence: Insistence) -> RemoteJournal:
    arm("runner", os.environ, run.stack)
    journal = RemoteJournal(run, store_at(run), folder_of(os.environ, run.region), insistence.stop)
    journal.open()
    return journal


def _unread(error: ValidationError) -> str:
    """Which fields of a request; the first part of where they are is the kind of run."""
    places = [(".".join(map(str, problem["loc"][1:])), problem["type"]) for problem in error.errors()]
    return ", ".join(place or (kind if kind == "operation" else "all of it") for place, kind in places)


def _refuse(run: RunAddress, why: str) -> NothingToRun:
    """Says so where the operator looks, if it can."""
    try:
        BucketJournal(run, store_at(run)).refuse(Refusal(why=why))
    except (ClientError, BotoCoreError, ValueError) as error:
        why = f"{why}; the state bucket was not told: {error}"
    return NothingToRun(f"no run: {why}", _NO_REQUEST)
