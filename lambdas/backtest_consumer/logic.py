"""Whose job a request is, and what is to be done about what is known of it. Must never call AWS or read the clock."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Final

from shared import clock
from shared.jobs import FINAL, Job, Status
from shared.queue import Message
from shared.requests import BacktestRequest, check, read, whole

TAKEN: Final = "job_id: it is taken; leave it out, or name another"
OTHER: Final = "job_id: it was used for another request already; name another"
#: What two deliveries of one request may say differently.
_OF_THE_MESSAGE: Final = frozenset({"trace_id"})


#: Errors by which this function has ended a job.
REFUSED: Final = "BacktestRefused"
NOT_LAUNCHED: Final = "BacktestNotLaunched"
#: The error of a job whose start will be tried again, or may have been heard.
DELAYED: Final = "BacktestDelayed"


class Next(StrEnum):
    """What is to be done about a job."""

    LAUNCH = "launch"
    DONE = "done"  # it has been started, or is over
    ASIDE = "aside"  # it was refused or given up, and its message belongs to the dead letters
    TAKEN = TAKEN
    OTHER = OTHER


def job_of(message: Message, *, today: date, family: str) -> Job:
    """The job that a message asks for; raises RefusedError for what cannot be run."""
    asked = read(BacktestRequest, message.body)
    check(asked, today=today, family=family)
    job_id = asked.job_id or message.id
    return _job(message, job_id, Status.LAUNCHING, whole(asked, job_id=job_id, trace_id=message.trace_id))


def failed_job(message: Message, job_id: str) -> Job:
    """The job of a message that is refused."""
    return _job(message, job_id, Status.FAILED, {})


def _job(message: Message, job_id: str, status: Status, request: Mapping[str, str]) -> Job:
    sent = clock.text(datetime.fromtimestamp(message.sent / 1000, UTC))
    return Job(
        run_id=job_id,
        job_id=job_id,
        trace_id=message.trace_id,
        status=status,
        created_at=sent,
        updated_at=sent,
        request=request,
        detail={"message_id": message.id},
        subject=message.subject,
    )


def next_again(found: Job | None, message: Message) -> Next | None:
    """What is to be done where this very message wrote the job down before; None where it did not.

    It is not judged again: its range may be in the future for a clock that has stepped back.
    """
    if found is None or found.detail.get("message_id") != message.id:
        return None
    if found.status is Status.FAILED and found.error.get("Error") in {REFUSED, NOT_LAUNCHED}:
        return Next.ASIDE
    return Next.DONE if started(found) else Next.LAUNCH


def next_of(found: Job, wanted: Job) -> Next:
    """What is to be done about a job that is there already; nobody is told whose another's is."""
    if found.subject != wanted.subject:
        return Next.TAKEN
    if _refused(found) or (found.request and _told(found) != _told(wanted)):
        return Next.OTHER
    return Next.DONE if started(found) else Next.LAUNCH


def started(job: Job) -> bool:
    """Whether something runs for it, has run, or must not any more."""
    return bool(job.execution_arn or job.task_arn) or job.status is Status.RUNNING or job.status in FINAL


def _refused(job: Job) -> bool:
    """Whether a name was spent on a request that could not be run: one that can be run is another."""
    return job.status is Status.FAILED and job.error.get("Error") == REFUSED


def waits_for(found: Job, message: Message) -> bool:
    """Whether a job has been recorded by its owner before this message of it came."""
    return found.status is Status.QUEUED and found.subject == message.subject


def _told(job: Job) -> dict[str, object]:
    return {name: value for name, value in job.request.items() if name not in _OF_THE_MESSAGE}


def error_of(kind: str, reason: str) -> dict[str, str]:
    """How a job says what is wrong, as the workflows' errors are written."""
    return {"Error": kind, "Cause": reason}
