"""Runs what an image starts, as a cluster would: its user, its environment, no network but its own, nothing writable.

Must never let it reach this machine's network, nor write anywhere but where a volume is given.
"""

import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.standins.dockerplay import LIBRARIES, PLACE, Image, chroot

#: Brings up the loopback of a network namespace, which begins without one.
_LOOPBACK: Final = (
    "import fcntl, socket, struct; fcntl.ioctl(socket.socket(), 0x8914, struct.pack('16sh14x', b'lo', 0x1 | 0x40))"
)
_ALONE: Final = ("unshare", "--mount", "--net", "--pid", "--ipc", "--uts", "--fork", "--kill-child")


@dataclass(frozen=True)
class Pod:
    """What a run is given: variables over the image's, a command in place of its own, volumes that are empty.

    `files` maps a path in a volume to its text.
    """

    environment: Mapping[str, str] = field(default_factory=dict)
    command: Sequence[str] = ()
    volumes: Sequence[str] = ()
    files: Mapping[str, str] = field(default_factory=dict)


def begin(image: Image, pod: Pod, room: Path) -> "subprocess.Popen[str]":
    """The process; whoever kills it kills all that is in it. What it prints, errors too, is its output."""
    place = room / "place"
    place.mkdir(parents=True, exist_ok=True)
    lines = ["set -e", f"place={place}", *image.mounted(place), *_volumes(image, pod)]
    lines += [shlex.join([sys.executable, "-I", "-c", _LOOPBACK])]
    # A process that becomes another user forgets that it is to die with its parent: the shell before it does not.
    lines += [f"{_command(image, pod)} || exit $?"]
    return subprocess.Popen(
        [*_ALONE, "sh", "-c", "\n".join(lines)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def said(image: Image, pod: Pod, room: Path, seconds: float = 120) -> tuple[int, str]:
    """How it ended, and what it said until then."""
    process = begin(image, pod, room)
    try:
        output, _ = process.communicate(timeout=seconds)
    finally:
        process.kill()
    return process.returncode, output


def _volumes(image: Image, pod: Pod) -> list[str]:
    user, group = image.user.split(":")
    lines = [f'mount -t tmpfs -o mode=0700,uid={user},gid={group} tmpfs "$place"{path}' for path in pod.volumes]
    for path, text in pod.files.items():
        lines.append(f'mkdir -p "$(dirname "$place"{path})"; printf %s {shlex.quote(text)} > "$place"{path}')
    return [*lines, *(f'chown -R {image.user} "$place"{path}' for path in pod.volumes)]


def _command(image: Image, pod: Pod) -> str:
    environment = {**LIBRARIES, **image.environment, **pod.environment}
    assigned = [f"{name}={value}" for name, value in environment.items()]
    command = [*image.entry, *(pod.command or image.command)]
    inside = f'cd {shlex.quote(image.folder)} && exec "$@"'
    words = [*chroot(image.user), "/usr/bin/env", "-i", *assigned, "/bin/sh", "-c", inside, "run", *command]
    return shlex.join(words).replace(shlex.quote(PLACE), '"$place"')
