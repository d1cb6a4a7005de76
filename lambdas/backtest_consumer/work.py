"""One message to its end: the job is written down, started once, and told what became of it.

Between any two writes the function may be killed: the next delivery finds what the last one wrote and goes on. Must
never start anything before workflow-state says `launching`, nor fail a job of which it is not known that nothing runs.
"""

from typing import Final

from boto3.dynamodb.conditions import Attr

from backtest_consumer.logic import (
    DELAYED,
    NOT_LAUNCHED,
    REFUSED,
    Next,
    error_of,
    failed_job,
    job_of,
    next_again,
    next_of,
    started,
    waits_for,
)
from shared import clock
from shared.entry import RefusedError
from shared.jobs import Job, Jobs, Moved, Status
from shared.launch import Launcher, NotLaunchedError
from shared.once import Alone, InProgressError
from shared.queue import BUSY_SECONDS, MOST_DELIVERIES, LaterError, Letters, Message, wait_seconds
from shared.requests import named_job

_LAUNCHING: Final = Attr("status").eq(Status.LAUNCHING.value)


class Consumer:
    """What one invocation works with; `family` is the ARN of our task definitions."""

    def __init__(self, jobs: Jobs, launcher: Launcher, letters: Letters, alone: Alone, family: str) -> None:
        self._jobs, self._launcher, self._letters, self._alone = jobs, launcher, letters, alone
        self._family = family

    def take(self, message: Message, now: clock.Clock = clock.now) -> str:
        """What became of a message that is done; raises LaterError where it is to come back."""
        named = named_job(message.body)
        for known in filter(None, (named, message.id)):
            found = self._jobs.get(known)
            if found and (again := next_again(found, message)):
                return self._go_on(again, found, message)
        try:
            job = job_of(message, today=now().date(), family=self._family)
        except RefusedError as error:
            return self._refuse(message, named, str(error))
        return self._go_on(self._recorded(job), job, message)

    def _go_on(self, step: Next, job: Job, message: Message) -> str:
        if step is Next.LAUNCH:
            return self._launched(job, message)
        if step is Next.ASIDE:
            self._letters.put(message, job.error["Cause"])
            return "refused"
        return "already" if step is Next.DONE else self._refuse(message, None, step.value)

    def _recorded(self, job: Job) -> Next:
        """Write the job down where it is new, and make it ours where it waited for a consumer."""
        if self._jobs.create(job):
            return Next.LAUNCH
        found = self._jobs.get(job.run_id)
        if found is None:
            return self._recorded(job)
        step = next_of(found, job)
        if step is Next.LAUNCH and found.status is Status.QUEUED:
            self._jobs.move(job.run_id, Status.LAUNCHING, request=dict(job.request), detail=dict(job.detail))
        return step

    def _launched(self, job: Job, message: Message) -> str:
        try:
            self._alone(job.run_id, lambda run_id: self._launch(run_id, message))
        except InProgressError as error:
            raise LaterError(str(error), BUSY_SECONDS) from error
        except NotLaunchedError as error:
            if not _over(message, error):
                raise LaterError(str(error), wait_seconds(message.received)) from error
            self._letters.put(message, str(error))
            return "given up"
        return "launched"

    def _launch(self, run_id: str, message: Message) -> dict[str, str]:
        """Start what the job says; nobody else is here at the same time.

        What AWS is asked for is written down before, so that an answer to a later question ends no job for which an
        earlier one may have started something.
        """
        job = self._jobs.get(run_id)
        if job is None or started(job):
            return {}
        if job.asked is None:
            self._jobs.note(run_id, _LAUNCHING, asked=job.launches)
        try:
            where = self._launcher.launch(job.request, job.launches)
        except NotLaunchedError as error:
            raise self._unlaunched(job, message, error) from error
        # What runs may have failed and said why already: only our own delay is taken back.
        if not self._jobs.note(run_id, _LAUNCHING, error=None, asked=None, **where):
            self._jobs.note(run_id, Attr("run_id").exists(), asked=None, **where)
        return where

    def _unlaunched(self, job: Job, message: Message, error: NotLaunchedError) -> NotLaunchedError:
        """The reason stands in the job each time, and ends it where its message will not come again."""
        known = error.known and (error.spent or job.asked is None)
        told = NotLaunchedError(f"delivery {message.received} of {MOST_DELIVERIES}: {error}", known=known)
        if _over(message, told):
            self._jobs.move(job.run_id, Status.FAILED, error=error_of(NOT_LAUNCHED, str(told)))
        else:
            settled = {"asked": None, "launches": job.launches + error.spent} if known else {}
            self._jobs.note(job.run_id, _LAUNCHING, error=error_of(DELAYED, str(told)), **settled)
        return told

    def _refuse(self, message: Message, named: str | None, reason: str) -> str:
        """Lay the message aside; a job that people can read says why: the one that was named, else the message's."""
        if not (named and self._failed(named, message, reason)):
            self._failed(message.id, message, reason)
        self._letters.put(message, reason)
        return "refused"

    def _failed(self, job_id: str, message: Message, reason: str) -> bool:
        """Whether a job of that name says the reason: a new one, or one that waits for this message."""
        error = error_of(REFUSED, reason)
        if self._jobs.create(failed_job(message, job_id), error=error):
            return True
        found = self._jobs.get(job_id)
        if found is None or not waits_for(found, message):
            return False
        return self._jobs.move(job_id, Status.FAILED, error=error) is Moved.DONE


def _over(message: Message, error: NotLaunchedError) -> bool:
    """Whether this was the last try, and surely nothing runs."""
    return message.last and error.known
