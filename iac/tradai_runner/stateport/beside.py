"""A run's state port: started before its first engine, asked for its verdict after each, ended after the last.

Must never let the port's address reach a journal: `plain` gives the bucket's own in its place.
"""

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from http.client import HTTPException
from typing import IO, Final
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from tradai_iac.backend import bucket_of, prefix_of
from tradai_iac.failure import Failure
from tradai_runner.bucket.keys import unsaved_key
from tradai_runner.contract import RunRequest
from tradai_runner.lock.registry import RunRegistry
from tradai_runner.process.alive import process_start
from tradai_runner.stateport.described import Described
from tradai_runner.stateport.server import VERDICT

_COMMAND: Final = (sys.executable, "-m", "tradai_runner.stateport")
_END_SECONDS: Final = 300.0
#: For how long a bucket that fails is waited for, in one request of an engine.
WAIT_SECONDS: Final = 120.0


@dataclass(frozen=True)
class Verdict:
    """What a port says once an engine has ended: all of that engine's state is in the bucket, or why it is not.

    `foreign`: who else has written it; `unsaved`: the bucket did not take it; `held`: the lock was not given back.
    """

    foreign: str = ""
    unsaved: bool = False
    held: bool = False


@dataclass(frozen=True)
class Beside:
    """One port: its address, the bucket's own, and where it is told of engines."""

    url: str
    described: Described
    told: IO[bytes]

    def note(self, pid: int) -> None:
        """An engine, which the port outlives; one that has died has no use for it."""
        with suppress(OSError):  # a port that has died is told by its verdict
            self.told.write(json.dumps([pid, process_start(pid) or 0]).encode() + b"\n")
            self.told.flush()

    @property
    def backend(self) -> str:
        """The backend's URL for an engine."""
        words = {
            "region": self.described.region,
            "endpoint": self.url,
            "s3ForcePathStyle": "true",
            "disableSSL": "true",
        }
        folder = f"/{self.described.prefix.rstrip('/')}" if self.described.prefix else ""
        return f"s3://{self.described.bucket}{folder}?{urlencode(words, safe=':/')}"

    def plain(self, text: str) -> str:
        """A text with the bucket's own name wherever an engine has named this port."""
        bucket = f"s3://{self.described.bucket}"
        for spelled in (self.backend, f"{self.url}/{self.described.bucket}", self.url, quote(self.url, safe="")):
            text = text.replace(spelled, bucket)
        return text.replace(urlsplit(self.url).netloc, bucket)

    def verdict(self) -> Verdict | None:
        """Of what its engines have written so far; waits until it is in the bucket. None where the port is dead."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(f"{self.url}/{VERDICT}", timeout=3 * self.described.wait_seconds) as answer:
                return Verdict(**json.load(answer))
        except (OSError, HTTPException, ValueError):  # it may die while it answers
            return None

    def failure(self) -> Failure | None:
        """Why the run has failed, whatever its engine says; None where all that it acknowledged is in the bucket."""
        verdict = self.verdict()
        if verdict is None:
            return _lost("the process through which it wrote has died") if self.described.grouped else None
        if verdict.foreign:
            return self._fenced(verdict.foreign)
        return _lost("the state bucket did not take it") if verdict.unsaved else None

    def _fenced(self, foreign: str) -> Failure:
        place = self.described
        kept = unsaved_key(place.project, place.stack, place.run_id)
        return Failure(
            kind="Conflict",
            error=f"the state of this layer was changed while a run held its lock: {foreign}",
            hint="This run has stopped and saved nothing more. What it made meanwhile is in the state that is kept as "
            f"{kept} of the state bucket; the next run goes on from what the bucket has, and looks up what it lacks.",
        )


def _lost(why: str) -> Failure:
    return Failure(
        kind="Lost",
        error=f"the last state of this run is not in the state bucket: {why}",
        hint="Everything it had begun is recorded there: the next run looks up in AWS how far it came, and repairs it.",
    )


@contextmanager
def way(request: RunRequest, project: str, data: Collection[str]) -> Iterator[Callable[[], Beside | None]]:
    """The way of a run's engines to its state, begun; the call waits until it is there, and raises as `beside`.

    It gives None where the state is in no bucket. `data` are the types that hold data.
    """
    found = described(request, project, data)
    if found is None:
        yield lambda: None
        return
    with _started(found) as comes_up:
        yield comes_up


def described(request: RunRequest, project: str, data: Collection[str]) -> Described | None:
    """What the port of a run is told; None where its state is in no bucket. What a backend's URL says of it wins."""
    bucket = bucket_of(request.backend_url)
    if bucket is None:
        return None
    words = dict(parse_qsl(urlsplit(request.backend_url).query))
    return Described(
        bucket=bucket,
        prefix=prefix_of(request.backend_url),
        project=project,
        stack=request.environment,
        run_id=request.run_id,
        region=words.get("region", request.region),
        endpoint=words.get("endpoint", request.endpoint_url),
        wait_seconds=WAIT_SECONDS,
        host_lock=str(RunRegistry.of(request.backend_url, project, request.environment, request.endpoint_url).writer),
        grouped=request.durability == "Group",
        found=_found_again() if request.durability == "Group" else (),
        data=tuple(sorted(data)),
    )


def _found_again() -> tuple[str, ...]:
    from tradai_runner.repair.rows import FOUND_AGAIN  # which a run that waits for each save does not need

    return tuple(sorted(FOUND_AGAIN))


@contextmanager
def beside(described: Described) -> Iterator[Beside]:
    """The port, until the block is left; raises RuntimeError where it does not come up, OSError."""
    with _started(described) as comes_up:
        yield comes_up()


@contextmanager
def _started(described: Described) -> Iterator[Callable[[], Beside]]:
    """A port that begins; what a run does first, it does meanwhile, and what refuses it ends the port too."""
    command = (*_COMMAND, f"{described.project}/{described.stack}")  # the word is for people who look at processes
    own = {name: value for name, value in os.environ.items() if not name.startswith("PULUMI_")}  # no passphrase
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True, env=own)
    assert process.stdin  # noqa: S101 - it is a pipe
    assert process.stdout  # noqa: S101 - it is a pipe
    try:
        process.stdin.write(json.dumps(asdict(described)).encode() + b"\n")
        process.stdin.flush()
        yield lambda: _up(described, process)
    finally:
        with suppress(OSError):
            process.stdin.close()
        with suppress(subprocess.TimeoutExpired):  # its verdict is known, and it ends by itself
            process.wait(_END_SECONDS)
        process.stdout.close()  # not before: one that nobody has asked says where it listens all the same


def _up(described: Described, process: "subprocess.Popen[bytes]") -> Beside:
    assert process.stdin  # noqa: S101 - it is a pipe
    assert process.stdout  # noqa: S101 - it is a pipe
    line = process.stdout.readline()
    if not line:
        raise RuntimeError(f"the state port did not come up (exit status {process.wait()})")
    return Beside(json.loads(line)["url"], described, process.stdin)
