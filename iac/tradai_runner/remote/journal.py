"""A run in a container: its request comes from the state bucket, and what it has to say goes there.

It works in a folder of its own, as a local run does; a thread tells the bucket every few seconds that it lives and
where it stands. Must never begin, nor go on, once it was declared dead.
"""

import getpass
import socket
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from tradai_runner.bucket.store import Store
from tradai_runner.contract import Progress, RunRequest, RunResult
from tradai_runner.journal.address import RunAddress
from tradai_runner.journal.bucket import Beat, BucketJournal
from tradai_runner.journal.local import RunJournal
from tradai_runner.journal.mask import mask_for
from tradai_runner.lock.dead_runs import DeadRun, declare_dead, is_declared_dead

BEAT_SECONDS: Final = 2.0
_LOG_SECONDS: Final = 15.0
_LOG_BYTES: Final = 256 * 1024
#: How long the bucket may fail before a result that it does not take is given up.
_RESULT_SECONDS: Final = 900.0
_RESULT_POLL_SECONDS: Final = 5.0
_TROUBLE: Final = (ClientError, BotoCoreError)


class DeclaredDeadError(Exception):
    """Whoever started this run has given it up; another may be at work by now."""


class RemoteJournal:
    """The `Journal` of a run whose operator sees the bucket only; `secrets` is the folder that has its values."""

    def __init__(self, address: RunAddress, store: Store, secrets: Path, stop: Callable[[], None]) -> None:
        self._address = address
        self._store = store
        self._bucket = BucketJournal(address, store)
        self._local = RunJournal(Path(tempfile.mkdtemp(prefix="tradai-journal-")))
        self._secrets = secrets
        self._stop = stop
        self._since = time.time()
        self._count = 0
        self._progress: Progress | None = None
        self._shown = (0.0, 0)
        self._over = threading.Event()
        self._beating = threading.Thread(target=self._beat, name="beat", daemon=True)

    @property
    def path(self) -> Path:
        """A folder that ends with this run."""
        return self._local.path

    @property
    def log_path(self) -> Path:
        """Where the whole log is while the run is."""
        return self._local.log_path

    @property
    def mask(self) -> Callable[[str], str]:
        """What takes the secrets of the run out of a text."""
        return self._local.mask

    def open(self) -> None:
        """Fetches the request and says for the first time that the run lives.

        Raises DeclaredDeadError, FileNotFoundError where there is no request, and botocore's errors.
        """
        if self._is_buried():
            raise DeclaredDeadError(f"run {self._address.run_id} was declared dead before it began")
        request = self._bucket.request()
        if request is None:
            raise FileNotFoundError(f"{self._address} has no request")
        placed = _placed(request, self._secrets)
        self._local = RunJournal(self._local.path, mask_for(placed))
        self._local.open(placed)
        self._say()
        self._beating.start()

    def request(self) -> RunRequest:
        """The request, with its secrets' files where this container has them."""
        return self._local.request()

    def append(self, progress: Progress) -> None:
        """Where the run stands; the next beat tells."""
        self._progress = progress

    def log(self, text: str) -> None:
        """Adds what the engine printed."""
        self._local.log(text)

    def finish(self, result: RunResult) -> RunResult:
        """Ends the beats and leaves the result, however long the bucket takes, within bounds.

        A run that did not succeed may leave a lock of an engine that was killed; nobody else could tell.
        """
        self._over.set()
        self._beating.join()
        said = self._local.finish(result)
        if result.outcome != "succeeded":
            self._insist(self._die)
        self._insist(lambda: self._bucket.finish(said))
        return said

    def _die(self) -> None:
        own = DeadRun(
            run_id=self._address.run_id,
            executor="itself",
            user=getpass.getuser(),
            host=socket.gethostname(),
            since=self._since,
            until=time.time(),
        )
        declare_dead(self._store, self._address.project, self._address.stack, own)

    def _insist(self, write: Callable[[], None]) -> None:
        deadline = time.monotonic() + _RESULT_SECONDS
        while True:
            try:
                return write()
            except _TROUBLE as error:
                if time.monotonic() > deadline:
                    raise
                self.log(f"the result does not get into the state bucket: {error}")
                time.sleep(_RESULT_POLL_SECONDS)

    def _beat(self) -> None:
        while not self._over.wait(BEAT_SECONDS):
            try:
                self._say()
                self._show_log()
                if self._is_buried():
                    self.log("this run was declared dead: it stops")
                    self._stop()
                    break
            except _TROUBLE as error:
                self.log(f"the state bucket does not answer: {error}")

    def _say(self) -> None:
        self._count += 1
        self._bucket.say(
            Beat(
                user=getpass.getuser(),
                host=socket.gethostname(),
                since=self._since,
                at=time.time(),
                count=self._count,
                progress=self._progress,
            )
        )

    def _show_log(self) -> None:
        size = self.log_path.stat().st_size if self.log_path.exists() else 0
        last, shown = self._shown
        if size == shown or time.monotonic() - last < _LOG_SECONDS:
            return
        with self.log_path.open("rb") as log:
            log.seek(max(0, size - _LOG_BYTES))
            self._bucket.show(log.read())
        self._shown = (time.monotonic(), size)

    def _is_buried(self) -> bool:
        return is_declared_dead(self._store, self._address.project, self._address.stack, self._address.run_id)


def _placed(request: RunRequest, secrets: Path) -> RunRequest:
    """The request, its names of secrets' files as files of the folder that has them here."""
    named = request.passphrase_file
    return request.model_copy(
        update={
            "passphrase_file": str(secrets / named) if named else None,
            "secret_files": {name: str(secrets / file) for name, file in request.secret_files.items()},
        }
    )
