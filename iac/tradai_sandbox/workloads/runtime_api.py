"""The Runtime API of Lambda for one process: a server on loopback that hands out invocations and takes answers.

Must never listen anywhere but on loopback, nor know what a function is.
"""

import json
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

_PREFIX: Final = "/2018-06-01/runtime/"
_MOST: Final = 6_291_556


@dataclass(frozen=True)
class Invocation:
    """One event on its way: `deadline_ms` is in milliseconds since 1970."""

    request_id: str
    payload: bytes
    deadline_ms: int
    arn: str
    trace: str


@dataclass(frozen=True)
class Reply:
    """What came back: JSON, and whether it is an error's."""

    payload: str
    failed: bool


@dataclass
class Conversation:
    """What has been said so far; `changed` is held by whoever looks or writes."""

    changed: threading.Condition = field(default_factory=threading.Condition)
    asked: bool = False
    current: Invocation | None = None
    reply: Reply | None = None
    closed: bool = False

    def wait(self, condition: Callable[[], bool], seconds: float | None = None) -> bool:
        """Whether the condition came true in time."""
        with self.changed:
            return self.changed.wait_for(condition, seconds)

    def set(self, **what: Any) -> None:
        """Changes it, and wakes who waits."""
        with self.changed:
            vars(self).update(what)
            self.changed.notify_all()


class RuntimeApi:
    """A server for one process; `address` is what AWS_LAMBDA_RUNTIME_API says."""

    def __init__(self) -> None:
        self.talk = Conversation()
        talk = self.talk

        class Handler(_Handler):
            conversation = talk

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.address = f"127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._accept, name=f"runtime-{self._server.server_port}", daemon=True).start()

    def hand(self, invocation: Invocation) -> None:
        """Gives the process its next event."""
        self.talk.set(current=invocation, reply=None)

    def close(self) -> None:
        """Nobody is answered any more."""
        self.talk.set(closed=True)
        self._server.socket.shutdown(socket.SHUT_RDWR)
        self._server.server_close()

    def _accept(self) -> None:
        """Until the socket is shut: no timer wakes it in between."""
        while True:
            try:
                request, client = self._server.get_request()
            except OSError:
                return
            self._server.process_request(request, client)


class _Handler(BaseHTTPRequestHandler):
    """One connection of the process."""

    protocol_version = "HTTP/1.1"
    #: Headers and body go in two writes: held back until the first is acknowledged, each answer would take 40 ms.
    disable_nagle_algorithm = True
    conversation: Conversation

    def do_GET(self) -> None:
        """`/invocation/next` waits until there is one."""
        talk = self.conversation
        if self.path != f"{_PREFIX}invocation/next":
            self._send(404, b"{}")
            return
        talk.set(asked=True)
        talk.wait(lambda: talk.closed or (talk.current is not None and talk.reply is None))
        if talk.closed or talk.current is None:
            self.close_connection = True
            return
        self._hand_out(talk.current)

    def do_POST(self) -> None:
        """An answer, an error, or what went wrong before the first event."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        what, _, kind = self.path.removeprefix(_PREFIX).rpartition("/")
        talk = self.conversation
        named = what.removeprefix("invocation/")
        if what != "init" and (talk.current is None or named != talk.current.request_id or talk.reply):
            self._send(400, b'{"errorType":"InvalidRequestID","errorMessage":"Invalid request ID"}')
            return
        talk.set(reply=_reply(body, kind == "error"))
        self._send(202, b'{"status":"OK"}')

    def _hand_out(self, invocation: Invocation) -> None:
        self.send_response(200)
        for name, value in (
            ("Lambda-Runtime-Aws-Request-Id", invocation.request_id),
            ("Lambda-Runtime-Deadline-Ms", str(invocation.deadline_ms)),
            ("Lambda-Runtime-Invoked-Function-Arn", invocation.arn),
            ("Lambda-Runtime-Trace-Id", invocation.trace),
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(invocation.payload))),
        ):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(invocation.payload)

    def _send(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Says nothing: the function's own lines are its log."""


def _reply(body: str, failed: bool) -> Reply:
    if len(body) <= _MOST:
        return Reply(body, failed)
    said = f"Response payload size exceeded maximum allowed payload size ({_MOST} bytes)."
    return Reply(json.dumps({"errorType": "Function.ResponseSizeTooLarge", "errorMessage": said}), failed=True)
