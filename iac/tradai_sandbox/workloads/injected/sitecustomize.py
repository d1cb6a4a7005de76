"""Loaded by Python at the start of each workload: its environment's names lead to its environment's address.

`*.tradai-{env}.local` is what a private zone resolves in AWS; here every environment has an address in 127/8, at which
its services also answer that listen on every address. Must never import anything but the standard library.
"""

import os
import socket
from typing import Any

_ADDRESS = os.environ.get("TRADAI_SANDBOX_ADDRESS", "")
_NAMES = os.environ.get("TRADAI_SANDBOX_NAMES", "")
_EVERY = ("", "0.0.0.0", "::")  # noqa: S104 - what is looked for, not what is bound


def _named(host: Any) -> Any:
    text = host.decode() if isinstance(host, bytes) else host
    return _ADDRESS if isinstance(text, str) and text.rstrip(".").endswith(_NAMES) else host


def _resolve() -> None:
    original = socket.getaddrinfo

    def getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        return original(_named(host), *args, **kwargs)

    socket.getaddrinfo = getaddrinfo


def _bind() -> None:
    original, connect = socket.socket.bind, socket.socket.connect

    def bind(self: socket.socket, address: Any) -> None:
        own = isinstance(address, tuple) and self.family == socket.AF_INET and address[0] in _EVERY
        original(self, (_ADDRESS, *address[1:]) if own else address)

    def connect_to(self: socket.socket, address: Any) -> None:
        connect(self, (_named(address[0]), *address[1:]) if isinstance(address, tuple) else address)

    socket.socket.bind = bind  # type: ignore[method-assign, assignment]
    socket.socket.connect = connect_to  # type: ignore[method-assign, assignment]


if _ADDRESS and _NAMES:
    _resolve()
    _bind()
