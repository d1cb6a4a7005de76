"""`python -m tradai_runner DIRECTORY`: runs the request in DIRECTORY and leaves its result beside it.

`s3://BUCKET?region=REGION#PROJECT/STACK/RUN` instead of a directory is a run in a container (see `remote`);
`--ahead BLUEPRINT LAYER` waits for a run that comes after that layer's (see `ahead`).
Exit status: 0 succeeded, 1 failed, 2 the request is no request, 3 cancelled, 4 declared dead. What of the caller's
environment does not belong into a run is taken out before anything else. Must never print a secret.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from tradai_runner.ahead import AHEAD, wait
from tradai_runner.contract import RunResult
from tradai_runner.engine.interrupt import Interrupt
from tradai_runner.journal.local import Journal, ProcessMark, RunJournal
from tradai_runner.journal.mask import mask_for
from tradai_runner.process.alive import process_start
from tradai_runner.process.environment import confine
from tradai_runner.process.tracing import open_tracing
from tradai_runner.process.writes import arm

_AHEAD_WORDS = 3
_EXIT = {"succeeded": 0, "failed": 1, "cancelled": 3}


def main(arguments: list[str]) -> int:
    """Runs the request of one directory; returns the exit status."""
    left_out = confine(os.environ)
    if arguments[:1] == [AHEAD] and len(arguments) == _AHEAD_WORDS:
        given = wait(arguments[1], arguments[2], sys.stdin.buffer)
        return _here(given.enter(), left_out) if given else 0
    if len(arguments) != 1:
        print("usage: python -m tradai_runner DIRECTORY   (with request.json in it)", file=sys.stderr)
        return 2
    if arguments[0].startswith("s3://"):
        return _elsewhere(arguments[0], left_out)
    return _here(Path(arguments[0]), left_out)


def _here(directory: Path, left_out: Sequence[str]) -> int:
    """A run whose journal is that directory; returns the exit status."""
    journal = RunJournal(directory)
    try:
        request = journal.request()
    except (OSError, ValidationError) as error:
        print(f"{journal.path / 'request.json'} is not a valid request: {error}", file=sys.stderr)
        return 2
    arm("runner", os.environ, request.environment, request.layer, request.operation)
    interrupt = Interrupt()
    interrupt.install()
    journal.mark(ProcessMark(pid=os.getpid(), started=process_start(os.getpid()) or 0))
    return _EXIT[_traced(RunJournal(journal.path, mask_for(journal.request())), interrupt, left_out).outcome]


def _elsewhere(address: str, left_out: Sequence[str]) -> int:
    """A run whose journal is in the bucket; returns the exit status."""
    from tradai_runner.remote.start import NothingToRun, open_remote  # boto3 loads only where it is needed

    interrupt = Interrupt()
    opened = open_remote(address, interrupt)
    if isinstance(opened, NothingToRun):
        print(f"{address}: {opened.why}", file=sys.stderr)
        return opened.status
    return _EXIT[_traced(opened, interrupt, left_out).outcome]


def _traced(journal: Journal, interrupt: Interrupt, left_out: Sequence[str]) -> RunResult:
    from tradai_runner.run import (
        run,
    )  # Pulumi's SDK reads variables when it loads: not before they are the right ones

    if left_out:
        journal.log(f"these variables do not reach a run: {', '.join(left_out)}")
    request, tracing = journal.request(), open_tracing("tradai-runner", os.environ)
    try:
        with tracing.span("run", layer=request.layer, operation=request.operation, run=request.run_id):
            return run(journal, interrupt)
    finally:
        tracing.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
