"""One process of a workload and all that it starts: its lines, its memory, its end.

Must never outlive the endpoint: the kernel ends it with the thread that started it, which lives as long as that does.
"""

import contextlib
import os
import select
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

_LAUNCHER: Final = Path(__file__).with_name("launcher.py")
_CHUNK: Final = 65536
_KIB: Final = 1024
#: A child dies with the thread that started it: one thread starts all of them.
_STARTER: Final = ThreadPoolExecutor(1, thread_name_prefix="starter")


class Child:
    """`say` is told each line that it writes, `ended` its exit status, once all lines are said."""

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        cwd: Path,
        say: Callable[[str], None],
        ended: Callable[[int], None],
    ) -> None:
        self._say, self._ended = say, ended
        self._rest = b""
        self._turn = threading.Lock()
        self._process, self._pipe = _STARTER.submit(_start, command, environment, cwd).result()
        self.pid = self._process.pid
        threading.Thread(target=self._tend, name=f"child-{self.pid}", daemon=True).start()

    def ask(self) -> None:
        """SIGTERM for the process, as a container's first one gets it."""
        self._signal(os.kill, signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL for it and all that it started."""
        self._signal(os.killpg, signal.SIGKILL)

    def drain(self) -> None:
        """Returns once every line is said that was written before."""
        with self._turn:
            while self._process.returncode is None and _readable(self._pipe) and self._take():
                pass

    def resident_mib(self) -> float:
        """What it and its children have in memory now; 0 once it is gone."""
        return sum(_status(pid, "VmRSS") for pid in _family(self.pid))

    def peak_mib(self) -> float:
        """The most that it alone ever had."""
        return _status(self.pid, "VmHWM")

    def _signal(self, send: Callable[[int, int], None], number: int) -> None:
        with self._turn, contextlib.suppress(ProcessLookupError):
            if self._process.returncode is None:
                send(self.pid, number)

    def _tend(self) -> None:
        reader = threading.Thread(target=self._read, name=f"lines-{self.pid}", daemon=True)
        reader.start()
        os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        reader.join()
        with self._turn:
            status = self._process.wait()
            os.close(self._pipe)
        self._ended(status)

    def _read(self) -> None:
        more = True
        while more:
            _readable(self._pipe, None)
            with self._turn:
                more = not _readable(self._pipe) or self._take()
        with self._turn:
            self._flush()

    def _take(self) -> bool:
        """Says the whole lines of what has come; False at the end."""
        chunk = os.read(self._pipe, _CHUNK)
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        for line in lines:
            self._tell(line)
        return bool(chunk)

    def _flush(self) -> None:
        if self._rest:
            self._tell(self._rest)
        self._rest = b""

    def _tell(self, line: bytes) -> None:
        """Whatever becomes of a line, the next one is read: a full pipe would hold the process."""
        try:
            self._say(line.decode(errors="replace"))
        except Exception:
            traceback.print_exc()


def _start(command: Sequence[str], environment: Mapping[str, str], cwd: Path) -> "tuple[subprocess.Popen[bytes], int]":
    """The process, and the end of a pipe from which its lines come."""
    reading, writing = os.pipe()
    try:
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(_LAUNCHER), str(os.getpid()), *command],
            stdin=subprocess.DEVNULL,
            stdout=writing,
            stderr=writing,
            env=dict(environment),
            cwd=cwd,
            start_new_session=True,
        )
    except BaseException:
        os.close(reading)
        raise
    finally:
        os.close(writing)
    return process, reading


def _readable(pipe: int, milliseconds: int | None = 0) -> bool:
    """Whether something can be taken, its end included; None waits for it."""
    poll = select.poll()
    poll.register(pipe, select.POLLIN)
    return bool(poll.poll(milliseconds))


def _family(pid: int) -> list[int]:
    """A process and those below it; what has gone meanwhile is left out."""
    try:
        told = [task.joinpath("children").read_text() for task in Path(f"/proc/{pid}/task").iterdir()]
    except OSError:
        return [pid]
    return [pid, *(each for child in " ".join(told).split() for each in _family(int(child)))]


def _status(pid: int, name: str) -> float:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / _KIB for line in lines if line.startswith(f"{name}:")), 0.0)
