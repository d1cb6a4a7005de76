"""The border of orphan-scanner: jobs and tasks are listed whole, each orphan is repaired, and people are told once.

A listing that fails raises, before anything is stopped. What goes wrong with one orphan hinders no other; it is raised
when all have had their turn. Must never stop a task that trades.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from orphan_scanner.logic import (
    GRACES,
    Call,
    Execution,
    Runs,
    due,
    message,
    trades,
    trains,
    why_end,
    why_stop,
    why_stop_training,
    why_tell,
)
from orphan_scanner.settings import OrphanScannerSettings
from shared import clients, clock
from shared.alerts import Alerts
from shared.entry import Entry
from shared.jobs import Job, Jobs
from shared.retraining import Retraining, Retrainings
from shared.tasks import Task, Tasks
from shared.trading import TradingState


@dataclass(frozen=True)
class Ground:
    """What the function works on."""

    settings: OrphanScannerSettings
    jobs: Jobs
    retrainings: Retrainings
    trading: TradingState
    tasks: Tasks
    alerts: Alerts

    @classmethod
    def make(cls) -> "Ground":
        """From the environment; raises SettingsError."""
        settings = OrphanScannerSettings.read()
        return cls(
            settings,
            Jobs(settings.workflow_state),
            Retrainings(settings.retraining_state),
            TradingState(settings.trading_state),
            Tasks(settings.cluster),
            Alerts(settings.alerts, settings.environment),
        )


@dataclass(frozen=True)
class Found:
    """All that one call is about: jobs that are not over, then the tasks as they were after those had been read."""

    jobs: list[dict[str, Any]]
    running: list[Task]
    ended: list[Task]
    trainings: frozenset[str]
    now: datetime

    def of(self, job: Job) -> list[Task]:
        """The tasks of a job."""
        return [task for task in (*self.running, *self.ended) if job.task_arn == task.arn or task.is_of(job.run_id)]


class UnfinishedError(Exception):
    """Orphans that could not be judged or repaired; the next call does what is left."""


@dataclass
class Done:
    """What a call did, in sentences, and what it could not do."""

    stopped: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


ENTRY = Entry("orphan-scanner", Call, Ground.make)


@ENTRY
def handle(ground: Ground, _call: Call) -> dict[str, list[str]]:
    """What was stopped and ended; raises UnfinishedError where something could not be judged or repaired."""
    found, done = _listed(ground), Done()
    _each(done, found.running, lambda task: task.arn, lambda task: _judge_task(ground, found, task, done))
    _each(done, found.jobs, lambda item: str(item["run_id"]), lambda item: _judge_job(ground, found, item, done))
    ENTRY.logger.info("orphans", stopped=done.stopped, ended=done.ended, failed=done.failed)
    if done.stopped or done.ended:
        ground.alerts.tell(*message(done.stopped, done.ended))
    if done.failed:
        raise UnfinishedError(f"could not be judged or repaired, see the log: {', '.join(done.failed)}")
    return {"stopped": done.stopped, "ended": done.ended}


def _listed(ground: Ground) -> Found:
    """Jobs before tasks: what is launched in between is seen."""
    jobs = [item for status in GRACES for item in ground.jobs.listed(status)]
    running = ground.tasks.listed()
    models = ground.retrainings.table.scan() if any(map(trains, running)) else iter(())
    now = clock.now()
    held = frozenset(str(one.run_id) for one in map(Retraining.model_validate, models) if one.running(now))
    return Found(jobs, running, ground.tasks.listed("STOPPED"), held, now)


def _each(done: Done, things: Iterable[Any], name: Callable[[Any], str], judge: Callable[[Any], None]) -> None:
    for thing in things:
        try:
            judge(thing)
        except Exception:
            ENTRY.logger.exception("could not be judged or repaired", orphan=name(thing))
            done.failed.append(name(thing))


def _judge_task(ground: Ground, found: Found, task: Task, done: Done) -> None:
    if trades(task):
        _judge_trading(ground, found, task)
        return
    if task.job_id is None:  # a service's, or somebody's own
        return
    if trains(task):
        why = why_stop_training(task, found.trainings, found.now)
    else:
        why = why_stop(task, ground.jobs.get(task.job_id), found.now)
    if why and ground.tasks.stop(task.arn, f"orphan-scanner: {why}"):
        done.stopped.append(f"Task {task.arn} was stopped: {why}.")


def _judge_trading(ground: Ground, found: Found, task: Task) -> None:
    """People are told once a task; the note goes first, and is taken back where they could not be."""
    strategy = str(task.strategy_id)
    why = why_tell(task, ground.trading.get(strategy), found.now)
    if why is None or not ground.trading.note_orphan(strategy, task.arn):
        return
    subject = f"a task trades {strategy} and should not"
    try:
        ground.alerts.tell("orphan-trading", subject, f"Task {task.arn}: {why}. It was not stopped: you decide.")
    except Exception:
        ground.trading.forget_orphan(strategy, task.arn)
        raise


def _judge_job(ground: Ground, found: Found, item: dict[str, Any], done: Done) -> None:
    job = Job.model_validate(item)
    if not due(job, found.now):
        return
    end = why_end(job, found.of(job), _execution(ground, job), found.now)
    if end and ground.jobs.end(job, end.status, error={"Error": "Orphaned", "Cause": end.why}):
        done.ended.append(f"Job {job.run_id} is {end.status.value}: {end.why}.")


def _execution(ground: Ground, job: Job) -> Execution:
    arn = job.execution_arn or ground.settings.execution_of(job.run_id)
    try:
        said = clients.client("stepfunctions").describe_execution(executionArn=arn)
    except ClientError as error:
        if error.response["Error"]["Code"] == "ExecutionDoesNotExist":
            return Execution()
        raise
    return Execution(runs=Runs(said["status"]), ended_at=said.get("stopDate"))
