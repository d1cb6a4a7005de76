"""Which tasks and jobs are orphans. Must never call AWS or read the clock, nor judge what it was not shown.

What is younger than its grace is none, whatever else is true of it. A task that trades is never stopped by what a table
says or does not say, nor by a silent heartbeat: it may hold a position, and people decide.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from shared import clock
from shared.base import Frozen
from shared.deployed import DEPLOYED
from shared.jobs import FINAL, Job, Status
from shared.tasks import Task
from shared.trading import Status as Trades
from shared.trading import Trader

GRACE: Final = timedelta(seconds=DEPLOYED.watching.orphan_grace_seconds)
#: Status of a job that is not over → how long it may have it without anything that runs.
GRACES: Final = {
    Status.QUEUED: timedelta(seconds=DEPLOYED.watching.queue_grace_seconds),
    Status.LAUNCHING: timedelta(seconds=DEPLOYED.watching.launch_grace_seconds),
    Status.RUNNING: GRACE,
}
_TRAINS: Final = "train"


class Runs(StrEnum):
    """What Step Functions says of an execution; `none` is one that it does not know."""

    NONE = "NONE"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    TIMED_OUT = "TIMED_OUT"
    ABORTED = "ABORTED"
    PENDING_REDRIVE = "PENDING_REDRIVE"


#: How an execution ended → what its job then is.
_ENDED: Final = {
    Runs.SUCCEEDED: Status.COMPLETED,
    Runs.FAILED: Status.FAILED,
    Runs.TIMED_OUT: Status.TIMED_OUT,
    Runs.ABORTED: Status.CANCELLED,
}


class Execution(Frozen):
    """The execution of a job."""

    runs: Runs = Runs.NONE
    ended_at: datetime | None = None


class End(Frozen):
    """How a job is to be ended, and why."""

    status: Status
    why: str


class Call(Frozen):
    """EventBridge's event, or an empty one by hand."""


def trains(task: Task) -> bool:
    """Whether it is a run of the retraining, which has its lease in retraining-state and no job in workflow-state."""
    return task.variables.get("TRADING_MODE") == _TRAINS


def trades(task: Task) -> bool:
    """Whether it trades: it has a strategy and no job."""
    return task.job_id is None and task.strategy_id is not None


def old(task: Task, now: datetime) -> bool:
    """Whether a task is beyond its grace; one whose age ECS does not say is not."""
    return task.created_at is not None and now - task.created_at >= GRACE


def why_stop(task: Task, job: Job | None, now: datetime) -> str | None:
    """Why a task of a backtest is to be stopped: its job is over, or was never recorded; None where it is not."""
    if not old(task, now):
        return None
    if job is None:
        return f"job {task.job_id} is not recorded"
    over = job.status in FINAL and now - clock.parsed(job.updated_at) >= GRACE
    return f"job {job.run_id} is {job.status.value}" if over else None


def why_stop_training(task: Task, held: frozenset[str], now: datetime) -> str | None:
    """The same of a run of the retraining; `held` are the runs that have their model."""
    orphan = old(task, now) and task.job_id not in held
    return f"run {task.job_id} has no model any more" if orphan else None


def due(job: Job, now: datetime) -> bool:
    """Whether a job has had its status for longer than that may take by itself."""
    return now - clock.parsed(job.updated_at) >= GRACES[job.status]


def why_end(job: Job, tasks: Sequence[Task], execution: Execution, now: datetime) -> End | None:
    """How a job that is due is to be ended: its execution is over, or nothing runs for it; None where it lives.

    `tasks` are those of the job, the ones that have ended lately among them.
    """
    if execution.runs in _ENDED:
        waited = execution.ended_at is not None and now - execution.ended_at >= GRACE
        why = f"its execution ended as {execution.runs.value} and nobody wrote it down"
        return End(status=_ENDED[execution.runs], why=why) if waited else None
    if execution.runs is not Runs.NONE or any(_lives(task, now) for task in tasks):
        return None
    return End(status=Status.FAILED, why=_nothing(job, tasks))


def _lives(task: Task, now: datetime) -> bool:
    """Also one that has just ended: its last word may be on its way."""
    return task.last_status != "STOPPED" or task.stopped_at is None or now - task.stopped_at < GRACE


def _nothing(job: Job, tasks: Sequence[Task]) -> str:
    if tasks:
        last = max(tasks, key=lambda task: str(task.stopped_at))
        codes = ", ".join(f"{name} exited with {code}" for name, code in sorted(last.exit_codes.items()))
        said = "; ".join(text for text in (last.stopped_reason, codes) if text)
        return f"its task ended and wrote no result: {said or 'ECS says no reason'}"
    if job.status is Status.QUEUED:
        return "it was never taken up, and its message has expired"
    return "no task runs for it" if job.status is Status.RUNNING else "it was never launched"


def why_tell(task: Task, trader: Trader | None, now: datetime) -> str | None:
    """Why people are to look at a task that trades; None where it is as it should be."""
    if not old(task, now):
        return None
    if trader is None or not (trader.meant or trader.status is Trades.STOPPED):
        return "nobody has registered its strategy"
    if trader.status is Trades.STOPPED:
        return "its strategy was stopped"
    if trader.task_arn and trader.task_arn != task.arn:
        return f"its strategy is traded by another task, {trader.task_arn}"
    return None


def message(stopped: Sequence[str], ended: Sequence[str]) -> tuple[str, ...]:
    """Kind, subject and sentences of what was repaired."""
    subject = f"{len(stopped)} orphaned tasks stopped, {len(ended)} orphaned jobs ended"
    return ("orphans-repaired", subject, *stopped, *ended)
