"""Starts an engine only once it is noted who it is: no engine can lock a stack that nobody could prove dead.

A launcher of the same process waits for a word, and becomes the engine: pid and start stay. Whoever dies before the
word was said leaves a launcher that reads the end of its input and ends too. Must never let an engine run unnoted.
"""

import contextlib
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import psutil

#: Signals as a process has them that Python did not start: it is ended by SIGINT at once, as an engine that has done
#: nothing yet. Its input is nobody's once it is the engine.
_WAIT: Final = (
    "import os, signal, sys\n"
    "for each in (signal.SIGINT, signal.SIGPIPE, signal.SIGXFSZ): signal.signal(each, signal.SIG_DFL)\n"
    "if not os.read(0, 1): sys.exit(130)\n"
    "os.dup2(os.open(os.devnull, os.O_RDONLY), 0)\n"
    "os.execvp(sys.argv[1], sys.argv[1:])\n"
)
#: Nothing of the environment's Python: what is started is the standard library alone.
_LAUNCHER: Final = (sys.executable, "-I", "-S", "-c", _WAIT)


def launch(
    command: Sequence[str],
    cwd: str,
    environment: Mapping[str, str],
    note: Callable[[int], None],
) -> "subprocess.Popen[str]":
    """The process, which becomes `command` once `note` has taken down its pid; raises what `note` does."""
    process = subprocess.Popen(
        [*_LAUNCHER, *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=cwd,
        env=environment,
        encoding="utf-8",
    )
    try:
        note(process.pid)
    except BaseException:
        process.communicate()  # without a word it ends
        raise
    _say(process)
    return process


def _say(process: "subprocess.Popen[str]") -> None:
    """The word; a launcher that was killed meanwhile does not hear it, which its exit status tells."""
    said, process.stdin = process.stdin, None
    assert said is not None  # noqa: S101 - it is a pipe
    with contextlib.suppress(BrokenPipeError), said:
        said.write("!")


def is_engine(process: psutil.Process) -> bool:
    """Whether the process is an engine, or about to become one; raises psutil.NoSuchProcess."""
    return process.name() == "pulumi" or _WAIT in process.cmdline()
