"""`python -m tradai_iac.runner DIRECTORY`: runs the request in DIRECTORY and leaves its result beside it.

Exit status: 0 succeeded, 1 failed, 2 the request is no request, 3 cancelled. Must never print a secret.
"""

import os
import sys
from pathlib import Path

from pydantic import ValidationError

from tradai_iac.runner.contract import RunResult
from tradai_iac.runner.interrupt import Interrupt
from tradai_iac.runner.journal import ProcessMark, RunJournal, process_start
from tradai_iac.runner.mask import mask_for
from tradai_iac.runner.run import run
from tradai_iac.runner.tracing import open_tracing
from tradai_iac.runner.writes import arm

_EXIT = {"succeeded": 0, "failed": 1, "cancelled": 3}


def main(arguments: list[str]) -> int:
    """Runs the request of one directory; returns the exit status."""
    if len(arguments) != 1:
        print("usage: python -m tradai_iac.runner DIRECTORY   (with request.json in it)", file=sys.stderr)
        return 2
    journal = RunJournal(Path(arguments[0]))
    try:
        request = journal.request()
    except (OSError, ValidationError) as error:
        print(f"{journal.path / 'request.json'} is no request: {error}", file=sys.stderr)
        return 2
    arm("runner", os.environ, request.environment)
    interrupt = Interrupt()
    interrupt.install()
    journal.mark(ProcessMark(pid=os.getpid(), started=process_start(os.getpid()) or 0))
    return _EXIT[_traced(RunJournal(journal.path, mask_for(journal.request())), interrupt).outcome]


def _traced(journal: RunJournal, interrupt: Interrupt) -> RunResult:
    request, tracing = journal.request(), open_tracing("tradai-runner", os.environ)
    try:
        with tracing.span("run", layer=request.layer, operation=request.operation, run=request.run_id):
            return run(journal, interrupt)
    finally:
        tracing.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
