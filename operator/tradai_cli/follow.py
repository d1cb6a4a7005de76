"""Runs the runner as a process and shows its log while it grows.

Must never import a stack program: one process runs one layer once.
"""

import signal
import subprocess
import sys
import time
from pathlib import Path

import typer

from tradai_runner.contract import RunRequest
from tradai_runner.journal.local import RunJournal

_POLL_SECONDS = 0.2


def follow(directory: Path, request: RunRequest) -> str:
    """The outcome of one run; Ctrl-C asks it to stop cleanly and waits for it."""
    journal = RunJournal(directory)
    journal.open(request)
    runner = subprocess.Popen([sys.executable, "-m", "tradai_runner", str(directory)], start_new_session=True)
    shown, stopped = 0, False
    while True:
        try:
            ended = runner.poll() is not None
            shown = _show(journal.log_path, shown)
            if ended:
                break
            time.sleep(_POLL_SECONDS)
        except KeyboardInterrupt:
            stopped = True
            typer.echo("stopping cleanly; press Ctrl-C again to stop at once", err=True)
            runner.send_signal(signal.SIGINT)
    result = journal.result()
    if result is None:
        typer.echo("the run ended without a result", err=True)
        return "cancelled" if stopped else "failed"
    if result.failure:
        _explain(result.failure.error, result.failure.urn, result.failure.hint)
    return result.outcome


def _show(log: Path, shown: int) -> int:
    if not log.exists():
        return shown
    with log.open() as file:
        file.seek(shown)
        typer.echo(file.read(), nl=False)
        return file.tell()


def _explain(error: str, urn: str, hint: str) -> None:
    typer.echo(f"\n{urn + ': ' if urn else ''}{error}\n{hint}", err=True)
