"""Whether a process of the task is alive, for ECS's health checks.

A certificate that soon ends counts as an end: ECS then replaces the task, and its init step signs new ones. Must never
wait: a check has seconds.
"""

import http.client
import socket
import ssl
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from tradai_control_plane.base import StepError
from tradai_control_plane.keys import ends

_HOST: Final = "127.0.0.1"
_SECONDS: Final = 4.0
_KINE, _APISERVER, _MANAGER = 2379, 6443, 10257
#: Before that a task is replaced.
_LEFT: Final = timedelta(days=30)


def _kine(_: Path) -> None:
    socket.create_connection((_HOST, _KINE), timeout=_SECONDS).close()


def _apiserver(folder: Path) -> None:
    left = ends((folder / "server.crt").read_text()) - datetime.now(UTC)
    if left < _LEFT:
        raise StepError(f"the certificates end in {left.days} days: this task is to be replaced")
    _ask(folder, _APISERVER, "/readyz", as_probe=True)


def _manager(folder: Path) -> None:
    _ask(folder, _MANAGER, "/healthz", as_probe=False)


CHECKS: Final[Mapping[str, Callable[[Path], None]]] = {
    "kine": _kine,
    "kube-apiserver": _apiserver,
    "kube-controller-manager": _manager,
}


def alive(name: str, folder: Path) -> None:
    """Raises StepError or OSError where it is not, or nobody knows such a process."""
    if name not in CHECKS:
        raise StepError(f"no process is called {name}: there are {', '.join(CHECKS)}")
    CHECKS[name](folder)


def _ask(folder: Path, port: int, path: str, *, as_probe: bool) -> None:
    context = ssl.create_default_context(cafile=str(folder / "authorities.crt"))
    if as_probe:
        context.load_cert_chain(folder / "probe.crt", folder / "probe.key")
    connection = http.client.HTTPSConnection(_HOST, port, timeout=_SECONDS, context=context)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        if answer.status != http.client.OK:
            raise StepError(f"{path} answers {answer.status}")
    finally:
        connection.close()
