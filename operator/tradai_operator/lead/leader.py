"""Leads while the Lease is ours: takes it, renews it, gives up in time, and hands it over on the way out.

Must never say that it leads on the strength of an answer that came late: what counts is when the last renewal was sent,
by a clock that goes on while the process stands still. Must never keep a Lease that it can do nothing with.
"""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from tradai_operator.lead.ending import ended
from tradai_operator.lead.lease import Candidate, LeasePort, LeaseRecord, Timing, released
from tradai_operator.ports import Clock, ClusterError, ConflictError

_log = structlog.get_logger("tradai_operator")


class NotLeadingError(ClusterError):
    """Another operator may lead by now: nothing may be started or written."""


class Leader:
    """One operator's part in the election; `run` goes on until it is cancelled, or cannot give up what it led."""

    def __init__(self, lease: LeasePort, clock: Clock, identity: str, timing: Timing | None = None) -> None:
        self._lease = lease
        self._clock = clock
        self._timing = timing or Timing()
        self._candidate = Candidate(identity, self._timing, lease.is_dead)
        self._held: LeaseRecord | None = None
        self._until = float("-inf")
        self._unable = False
        self._stepped: float | None = None
        self._said = ""

    @property
    def leads(self) -> bool:
        """Whether nobody else can lead now."""
        return self._held is not None and self._clock.steady() < self._until

    @property
    def term(self) -> int:
        """Which leadership this is; raises NotLeadingError where it is none."""
        if self._held is None or not self.leads:
            raise NotLeadingError("this operator does not lead: its Lease is not known to be valid")
        return self._held.term

    @property
    def silent(self) -> float:
        """Seconds since it last looked at its Lease or renewed it, or tried to; 0 before it stands for election."""
        return 0.0 if self._stepped is None else self._clock.steady() - self._stepped

    def demand(self) -> None:
        """Raises NotLeadingError where this operator is not known to lead."""
        _ = self.term

    async def run(self, gained: Callable[[], Awaitable[None]], lost: Callable[[], Awaitable[None]]) -> None:
        """Calls `gained` at each taking, in a task of its own, and `lost` when it is over.

        Cancelled, it hands the Lease over. Whoever cannot begin does so too, and leaves it to others for a while.
        Raises StuckError where what it led does not end in time.
        """
        while True:
            record = await self._take()
            self._say("leads", term=str(record.term))
            serving = asyncio.create_task(self._serve(gained), name="beginning to lead")
            try:
                await self._keep()
            finally:
                await ended([serving], self._timing.stop)
                await lost()
                await self._release()
                self._say("leads no more", term=str(record.term))
            if self._unable:
                self._unable = False
                await asyncio.sleep(self._timing.back)

    async def _serve(self, gained: Callable[[], Awaitable[None]]) -> None:
        try:
            await gained()
        except Exception:  # whoever cannot begin must not keep others from it
            _log.exception("cannot begin to lead")
            self._unable = True

    async def _take(self) -> LeaseRecord:
        while True:
            self._stepped = asked = self._clock.steady()
            try:
                found = await self._lease.read()
                wait = self._candidate.may_take_in(found, asked)
                if wait <= 0:
                    return await self._write(self._candidate.taking(found, self._clock.now()), taken=True)
                self._say("stands by", leader=found.holder if found else "")
                await asyncio.sleep(min(wait, self._timing.look))
            except Exception as error:  # an election that ends would leave an operator that does nothing
                self._say("the Lease cannot be had", why=str(error))
                await asyncio.sleep(self._timing.retry)

    async def _keep(self) -> None:
        """Renews until it is another's, of no use, or until no renewal has come through in time."""
        while True:
            await asyncio.sleep(self._timing.renew)
            while not await self._renewed():
                if self._unable or not self.leads:
                    return
                await asyncio.sleep(self._timing.retry)

    async def _renewed(self) -> bool:
        self._stepped = self._clock.steady()
        if self._held is None or self._unable or not self.leads:
            return False
        try:
            async with asyncio.timeout(self._until - self._clock.steady()):
                await self._write(self._held, taken=False)
            return True
        except ConflictError:
            await self._look_again(self._held)
        except Exception as error:  # as above
            self._say("the Lease was not renewed", why=str(error) or type(error).__name__)
        return False

    async def _look_again(self, ours: LeaseRecord) -> None:
        """After a conflict: a renewal whose answer was lost is ours as well, and its version is what to go on from."""
        try:
            found = await self._lease.read()
        except ClusterError:
            return  # not known: the deadline decides
        same = found is not None and (found.holder, found.term) == (ours.holder, ours.term)
        self._held = found if same else None

    def _say(self, event: str, **more: str) -> None:
        """Once, however often it happens in a row."""
        said = f"{event} {more}"
        if said != self._said:
            _log.warning(event, **more)
        self._said = said

    async def _write(self, record: LeaseRecord, *, taken: bool) -> LeaseRecord:
        begun = self._clock.steady()
        self._held = await self._lease.write(record, taken=taken)
        self._until = begun + self._timing.deadline
        return self._held

    async def _release(self) -> None:
        held, valid, self._held = self._held, self.leads, None
        if held is None or not valid:
            return
        try:
            await self._lease.write(released(held), taken=False)
        except ClusterError as error:
            _log.warning("the Lease was not handed over", why=str(error))
