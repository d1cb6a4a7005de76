"""Runs in containers: the `Executor` port over a journal in the state bucket and a host that containers live on.

Any operator process can go on with a run: its handle says where the journal is, and the journal says where the
container is. Must never call a run lost before the host says that its container is gone, nor call it a death where it
never began.
"""

import asyncio
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

import structlog
from botocore.exceptions import BotoCoreError, ClientError

from tradai_iac.blueprints import BLUEPRINTS
from tradai_operator.ports import Observation
from tradai_operator.status.outcomes import not_started
from tradai_runner.bucket.store import Store
from tradai_runner.contract import Progress, RunRequest
from tradai_runner.journal.address import RunAddress
from tradai_runner.journal.bucket import Beat, BucketJournal, store_at
from tradai_runner.lock.dead_runs import DeadRun, declare_dead

_log = structlog.get_logger("tradai_operator")
_POLL_SECONDS: Final = 1.0
#: Looking more often would tell nothing new: a run speaks every two seconds.
_FRESH_SECONDS: Final = 1.0
#: A container that is gone leaves nothing that speaks: whoever still does lives, whatever the host says.
_QUIET_SECONDS: Final = 5.0
#: A lock can be this much younger than the last word of the run that took it.
_LAST_WORD_SECONDS: Final = 60.0
#: The file of the passphrase, among those of a run.
_KEY_FILE: Final = "state.passphrase"
#: Images are pulled and machines are made within that time; what has not begun by then does not.
_BEGINS_SECONDS: Final = 900.0
_WAITING: Final = Progress(phase="starting", current="waits for its container")
_T = TypeVar("_T")


class JournalError(OSError):
    """The state bucket did not answer."""


class HostError(OSError):
    """The host of containers refused or did not answer."""


class Host(Protocol):
    """What containers live on; every method raises HostError."""

    name: str

    def place(self, run: RunAddress) -> dict[str, str]:
        """What it takes to find the run's container again, whatever the settings are by then."""

    async def launch(self, run: RunAddress, request: RunRequest, secrets: Mapping[str, str]) -> None:
        """Starts one container with the runner; one that is there already is no error."""

    async def lives(self, place: Mapping[str, str]) -> bool:
        """Whether the run's container is there or may still come."""

    async def trouble(self, place: Mapping[str, str]) -> str:
        """What the host says of a container that did not begin, '' where it says nothing."""

    async def stop(self, place: Mapping[str, str]) -> None:
        """SIGTERM, and SIGKILL when the platform's grace is over; again is no error."""

    async def clean(self, place: Mapping[str, str]) -> None:
        """Removes the run's secrets, and what is left of its container."""


@dataclass
class _Word:
    """The newest word of a run, and when it was first seen (monotonic)."""

    count: int
    seen: float


class RemoteExecutor:
    """The runs of one host."""

    def __init__(self, host: Host, open_store: Callable[[RunAddress], Store] = store_at) -> None:
        self.name = host.name
        self._host = host
        self._open_store = open_store
        self._stores: dict[tuple[str, str, str, str | None], Store] = {}
        self._words: dict[str, _Word] = {}
        self._looks: dict[str, tuple[float, Observation]] = {}
        self._waits: dict[str, float] = {}

    def handle(self, environment_uid: str, request: RunRequest) -> str:  # noqa: ARG002 - the port has it
        """`kubernetes:` and the address of the journal; raises ValueError where the state is in no bucket."""
        project = BLUEPRINTS[request.blueprint].stack_project(request.layer)
        return f"{self.name}:{RunAddress.of(request, project)}"

    async def start(self, handle: str, request: RunRequest, passphrase: str, secrets: Mapping[str, str]) -> None:
        """Writes the intent, then has the container started; raises OSError where it is sure that it does not begin.

        A host that fails may have started it all the same: it is declared dead first, so that it does not begin late.
        """
        run = self._address(handle)
        named = request.model_copy(
            update={"passphrase_file": _KEY_FILE, "secret_files": {name: f"value.{name}" for name in secrets}}
        )
        journal = await self._journal(run)
        await self._ask(lambda: journal.open(named, self._host.place(run)))
        values = {_KEY_FILE: passphrase} | {f"value.{name}": value for name, value in secrets.items()}
        try:
            await self._host.launch(run, named, values)
        except HostError as error:
            try:
                await self._bury(run, None)
            except JournalError as trouble:
                _log.warning("whether a run begins cannot be told", handle=handle, why=f"{error}; {trouble}")
                return
            raise

    async def observe(self, handle: str) -> Observation:
        """Result if there is one, else progress, else whether the container is gone; trouble is no news."""
        looked, seen = self._looks.get(handle, (-_FRESH_SECONDS, Observation()))
        if time.monotonic() - looked < _FRESH_SECONDS and not seen.lost:
            return seen
        try:
            seen = await self._look(handle)
        except OSError as error:
            _log.warning("a run cannot be seen", handle=handle, why=str(error))
        self._looks[handle] = (time.monotonic(), seen)
        return seen

    async def cancel(self, handle: str) -> None:
        """Has the container stopped."""
        run = self._address(handle)
        place = await self._ask((await self._journal(run)).place)
        if place is not None:
            await self._host.stop(place)

    async def finish(self, handle: str) -> None:
        """Removes the run's secrets and its journal; the log stays where every run leaves it."""
        run = self._address(handle)
        self._looks.pop(handle, None)
        self._words.pop(handle, None)
        self._waits.pop(handle, None)
        try:
            place = await self._ask((await self._journal(run)).place)
            if place is not None:
                await self._host.clean(place)
            await self._ask((await self._journal(run)).clear)
        except OSError as error:
            _log.warning("a run could not be cleaned up", handle=handle, why=str(error))

    async def changed(self, handles: Collection[str]) -> None:
        """Returns when a result appears or a container is gone."""
        while True:
            for handle in handles:
                seen = await self.observe(handle)
                if seen.result or seen.lost:
                    return
            await asyncio.sleep(_POLL_SECONDS)

    async def _look(self, handle: str) -> Observation:
        run = self._address(handle)
        journal = await self._journal(run)
        if result := await self._ask(journal.result):
            return Observation(result=result)
        beat = await self._ask(journal.beat)
        if beat is None:
            return await self._await(handle, run)
        place = await self._ask(journal.place)
        if self._speaks(handle, beat) or (place is not None and await self._host.lives(place)):
            return Observation(progress=beat.progress)
        if result := await self._ask(journal.result):  # it may have ended in between
            return Observation(result=result)
        await self._bury(run, beat)
        return Observation(progress=beat.progress, lost=True)

    async def _await(self, handle: str, run: RunAddress) -> Observation:
        """A run that has not said a word: it may still begin, or it is told why it does not."""
        journal = await self._journal(run)
        place = await self._ask(journal.place)
        why = await self._unbegun(handle, run, place)
        if why is None:
            return Observation(progress=_WAITING)
        if place is not None:
            await self._host.stop(place)
        await self._bury(run, None)
        if await self._ask(journal.beat):  # it has just begun, and stops
            return Observation(progress=_WAITING)
        return Observation(progress=_WAITING, lost=True, why=not_started(why))

    async def _unbegun(self, handle: str, run: RunAddress, place: Mapping[str, str] | None) -> str | None:
        """Why the run does not begin; None while it still may."""
        if refusal := await self._ask((await self._journal(run)).refusal):
            return f"the container refused the run: {refusal.why}"
        if place is None:
            return "the operator that was to start the run lost its leadership, or ended, before it could"
        waited = time.monotonic() - self._waits.setdefault(handle, time.monotonic())
        if await self._host.lives(place):
            if waited < _BEGINS_SECONDS:
                return None
            why = f"its container did not begin within {_BEGINS_SECONDS / 60:.0f} minutes"
        else:
            why = "its container ended, or was never made, before the run began"
        said = await self._host.trouble(place)
        return f"{why}: {said}" if said else why

    async def _bury(self, run: RunAddress, beat: Beat | None) -> None:
        store, death = await self._store(run), self._death(run, beat)
        await self._ask(lambda: declare_dead(store, run.project, run.stack, death))

    def _speaks(self, handle: str, beat: Beat) -> bool:
        """Whether the run has said something new of late."""
        now, word = time.monotonic(), self._words.get(handle)
        if word is None or word.count != beat.count:
            self._words[handle] = word = _Word(beat.count, now)
        return now - word.seen < _QUIET_SECONDS

    def _death(self, run: RunAddress, beat: Beat | None) -> DeadRun:
        if beat is None:
            return DeadRun(run_id=run.run_id, executor=self.name)
        until = min(beat.at + _LAST_WORD_SECONDS, time.time())
        return DeadRun(
            run_id=run.run_id, executor=self.name, user=beat.user, host=beat.host, since=beat.since, until=until
        )

    def _address(self, handle: str) -> RunAddress:
        return RunAddress.parse(handle.partition(":")[2])

    async def _journal(self, run: RunAddress) -> BucketJournal:
        return BucketJournal(run, await self._store(run))

    async def _store(self, run: RunAddress) -> Store:
        """Opened off the loop: botocore reads a megabyte of descriptions for it."""
        key = (run.bucket, run.folder, run.region, run.endpoint_url)
        if key not in self._stores:
            self._stores[key] = await self._ask(lambda: self._open_store(run))
        return self._stores[key]

    async def _ask(self, call: Callable[[], _T]) -> _T:
        """One call of the bucket, off the loop."""
        try:
            return await asyncio.to_thread(call)
        except (ClientError, BotoCoreError) as error:
            raise JournalError(f"the state bucket: {error}") from error


def labels(run: RunAddress, request: RunRequest) -> dict[str, str]:
    """What a container is known by to people."""
    return {
        "tradai.io/environment": run.stack,
        "tradai.io/layer": request.layer,
        "tradai.io/run": run.run_id,
    }
