"""A proxy before the AWS endpoint that counts calls, spoils some of them, and says when one passes by.

What it does is a list of rules that a test puts in and takes out while it runs. Must never alter a call or an answer
that no rule is about.
"""

import http.client
import random
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, cast
from urllib.parse import parse_qs, unquote, urlsplit

from tests.faults.errors import Answer, nothing, service_of, trouble

_HOPS: Final = frozenset({"connection", "keep-alive", "transfer-encoding", "expect", "te", "upgrade"})


@dataclass(frozen=True)
class Call:
    """One call; header names in lower case. `key` is what it is about in S3, without its bucket."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def service(self) -> str:
        """As the signature names it."""
        return service_of(self.headers)

    @property
    def key(self) -> str:
        """The object's key, empty for what is no object of S3 (the endpoint is asked in path style)."""
        path = unquote(urlsplit(self.path).path)
        return path.lstrip("/").partition("/")[2] if self.service == "s3" else ""

    @property
    def operation(self) -> str:
        """As AWS calls it, where the call tells: in a header or its form; HTTP's verb otherwise."""
        if target := self.headers.get("x-amz-target"):
            return target.rpartition(".")[2]
        form = parse_qs(self.body.decode(errors="replace")) if self.service not in {"s3", "lambda"} else {}
        return form.get("Action", [self.method])[0]

    @property
    def writes(self) -> bool:
        """Whether it writes or removes an object of S3."""
        return self.service == "s3" and self.method in {"PUT", "DELETE", "POST"} and bool(self.key)


#: What a rule makes of a call: an answer in AWS's place, `RESET`, or None to let it pass. Called again with the answer
#: on its way (`after`).
RESET: Final = Answer(0, {}, b"")
Rule = Callable[[Call, bool], Answer | None]


@dataclass
class Proxy:
    """Listens at `url`, passes on to `upstream`."""

    upstream: str
    rules: list[Rule] = field(default_factory=list)
    calls: int = 0
    spoiled: int = 0
    server: ThreadingHTTPServer = field(init=False)

    def __post_init__(self) -> None:
        self.server = _Server(("127.0.0.1", 0), _Handler)
        self.server.daemon_threads = True
        cast("Any", self.server).proxy = self
        threading.Thread(target=self.server.serve_forever, daemon=True, name="proxy").start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def close(self) -> None:
        """Listens no longer."""
        self.server.shutdown()
        self.server.server_close()

    @contextmanager
    def under(self, *rules: Rule) -> Iterator[None]:
        """With these rules besides."""
        self.rules += rules
        try:
            yield
        finally:
            self.rules = [rule for rule in self.rules if rule not in rules]

    def judged(self, call: Call, *, after: bool) -> Answer | None:
        """What the first rule that has something to say makes of it."""
        return next((answer for rule in list(self.rules) if (answer := rule(call, after))), None)


def shaky(seed: int, share: float = 0.3) -> Rule:
    """Spoils that share of all calls before AWS hears of them: throttled, broken, or cut off."""
    chance = random.Random(seed)  # noqa: S311 - so that a seed tells the same story again
    lock = threading.Lock()

    def rule(call: Call, after: bool) -> Answer | None:
        if after:
            return None
        with lock:
            roll, which = chance.random(), chance.random()
        if roll >= share:
            return None
        if which < 0.1:
            return RESET
        return trouble(call.headers, "throttled" if which < 0.6 else "broken")

    return rule


def failing_backend(project: str = "") -> Rule:
    """The state bucket does not answer; that of one project where one is named."""

    def rule(call: Call, after: bool) -> Answer | None:
        about_state = call.service == "s3" and (".pulumi" in call.path or ".tradai" in call.path)
        return trouble(call.headers, "broken") if about_state and project in call.path and not after else None

    return rule


def slow(seconds: float) -> Rule:
    """Every call takes longer."""

    def rule(call: Call, after: bool) -> Answer | None:
        if not after:
            time.sleep(seconds)
        return None

    return rule


@dataclass
class Trigger:
    """Does `action` once, at the `nth` call that `matches`: before it is passed on, or after AWS has answered."""

    matches: Callable[[Call], bool]
    nth: int
    when: str
    action: Callable[[Call], Any]
    seen: list[str] = field(default_factory=list)
    fired: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, call: Call, after: bool) -> Answer | None:
        """A rule that spoils nothing by itself."""
        if not self.matches(call) or after != (self.when == "after"):
            return None
        with self.lock:
            self.seen.append(f"{call.method} {call.key or call.path}")
            due = len(self.seen) == self.nth and not self.fired.is_set()
            if due:
                self.fired.set()
        if due:
            self.action(call)
        return None


@dataclass
class Held:
    """A rule: the first call that `matches` waits until it is let go, and with it the run that makes it."""

    matches: Callable[[Call], bool]
    reached: threading.Event = field(default_factory=threading.Event)
    free: threading.Event = field(default_factory=threading.Event)

    def __call__(self, call: Call, after: bool) -> Answer | None:
        """A rule that spoils nothing by itself."""
        if not after and self.matches(call) and not self.reached.is_set():
            self.reached.set()
            self.free.wait()
        return None


@dataclass
class Late:
    """A rule: reads lag behind writes. After `write` the next `looks` of `read` are answered as if it had not been."""

    write: str
    read: str
    looks: int = 1
    written: threading.Event = field(default_factory=threading.Event)
    told: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, call: Call, after: bool) -> Answer | None:
        """What AWS answered before."""
        if call.operation == self.write and after:
            self.written.set()
        if call.operation != self.read or after or not self.written.is_set():
            return None
        with self.lock:
            if self.told == self.looks:
                return None
            self.told += 1
        return nothing(call.headers, self.read)


class _Server(ThreadingHTTPServer):
    """Clients that are killed hang up; that is no error here."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Tells of everything else."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    """One connection of a client."""

    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class has it
        """Says nothing."""

    def _serve(self) -> None:
        proxy = cast("Proxy", cast("Any", self.server).proxy)
        call = Call(self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, self._body())
        proxy.calls += 1
        answer = proxy.judged(call, after=False)
        if answer is None:
            passed = self._passed(proxy.upstream, call)
            answer = proxy.judged(call, after=True) or passed
            proxy.spoiled += answer is not passed
        else:
            proxy.spoiled += 1
        self._answer(answer)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = do_PATCH = do_OPTIONS = _serve  # noqa: N815 - the base class's

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            return b"".join(self._chunks())
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _chunks(self) -> Iterator[bytes]:
        while size := int(self.rfile.readline().split(b";")[0], 16):
            yield self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()

    def _passed(self, upstream: str, call: Call) -> Answer:
        at = urlsplit(upstream)
        connection = http.client.HTTPConnection(at.hostname or "", at.port, timeout=120)
        try:
            connection.putrequest(call.method, call.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                if name.lower() not in _HOPS | {"content-length"}:
                    connection.putheader(name, value)
            connection.putheader("Content-Length", str(len(call.body)))
            connection.endheaders(call.body)
            got = connection.getresponse()
            return Answer(got.status, dict(got.getheaders()), got.read())
        finally:
            connection.close()

    def _answer(self, answer: Answer) -> None:
        if answer is RESET:
            self.close_connection = True
            return
        self.send_response_only(answer.status)
        for name, value in answer.headers.items():
            if name.lower() not in _HOPS | {"content-length"}:
                self.send_header(name, value)
        length = answer.headers.get("Content-Length") or answer.headers.get("content-length")
        self.send_header("Content-Length", length if self.command == "HEAD" and length else str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)
