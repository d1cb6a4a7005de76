"""A container as a process: it has a host name, a process table and a memory of its own, where this machine permits.

Where it does not, it still runs, with this machine's. With `writable` folders it can write nowhere else on the root's
file system. Must never outlive its owner.
"""

import functools
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil

_UNSHARE = ["unshare", "--uts", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
_INSIDE = 'hostname "$0" && mount -t tmpfs tmpfs /dev/shm && exec "$@"'
#: A folder that is a mount of its own stays as it is when the root around it becomes read-only.
_BOUND = 'mount --bind "{0}" "{0}" && '
_READ_ONLY = "mount -o remount,bind,ro / && "


@functools.cache
def isolation() -> tuple[str, ...]:
    """The command that makes a container here: as root, by a user namespace, or none."""
    for command in (_UNSHARE, [*_UNSHARE, "--user", "--map-root-user"]):
        tried = subprocess.run([*command, "sh", "-c", _INSIDE, "try", "true"], capture_output=True, check=False)
        if tried.returncode == 0:
            return tuple(command)
    return ()


class Container:
    """One command with one environment, and nothing of this process's own."""

    def __init__(
        self,
        host: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        output: Path,
        writable: Sequence[Path] = (),
    ) -> None:
        root = "".join(_BOUND.format(folder) for folder in writable) + (_READ_ONLY if writable else "")
        outside = [*isolation(), "sh", "-c", root + _INSIDE, host] if isolation() else []
        with output.open("ab") as written:
            self._process = subprocess.Popen(
                [*outside, *command],
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=written,
                stderr=written,
                start_new_session=True,
            )

    @property
    def exit_code(self) -> int | None:
        """As a container runtime tells it: 137 for one that was killed; None while it runs."""
        code = self._process.poll()
        return 128 - code if code is not None and code < 0 else code

    @property
    def main(self) -> psutil.Process | None:
        """The first process inside."""
        try:
            process = psutil.Process(self._process.pid)
            return next(iter(process.children()), None) if isolation() else process
        except psutil.NoSuchProcess:
            return None

    def ask(self) -> None:
        """SIGTERM to the first process inside."""
        if main := self.main:
            main.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """kill -9 of everything inside, as a node's memory killer or a lost machine does."""
        if self._process.poll() is None:
            if (main := self.main) and isolation():
                main.kill()
            else:
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(30)
