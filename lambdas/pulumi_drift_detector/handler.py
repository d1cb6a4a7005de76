"""The border of pulumi-drift-detector: takes up earlier runs, starts those that are due, and waits for a while.

A run may take longer than a call: what has not ended is taken up by the next one. What AWS could not answer is unknown.
Must never run an engine itself, nor look at a stack that somebody has looked at within the period.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pulumi_drift_detector.logic import (
    NO_BUCKET,
    NO_RUNNER,
    Call,
    Unknown,
    answered,
    fresh,
    overdue,
    request,
    seen,
    sentences,
    settled,
    sighted,
    stack_of,
    unknown,
)
from pulumi_drift_detector.runs import NoTaskError, Runs
from pulumi_drift_detector.settings import DriftSettings
from shared import clock
from shared.alerts import Alerts
from shared.deployed import DEPLOYED
from shared.entry import Entry
from shared.infra_drift import Look, Looks, Memory, moment

#: Left of the function's own time for what comes after the waiting.
_RESERVE: Final = 45
#: For how many seconds a call waits for runs.
WAITS: Final = float(DEPLOYED.functions["pulumi-drift-detector"].timeout_seconds - _RESERVE)
_PAUSE: Final = 5.0


@dataclass(frozen=True)
class Ground:
    """What the function works on."""

    settings: DriftSettings
    looks: Looks
    runs: Runs
    alerts: Alerts

    @classmethod
    def make(cls) -> "Ground":
        """From the environment; raises SettingsError."""
        settings = DriftSettings.read()
        alerts = Alerts(settings.alerts, settings.environment)
        return cls(settings, Looks(settings.table), Runs(settings), alerts)

    def stack(self, project: str) -> str:
        """The name of a project's stack."""
        return stack_of(project, self.settings.environment)


class UnfinishedError(Exception):
    """Stacks whose turn failed; the next call does what is left."""


ENTRY = Entry("pulumi-drift-detector", Call, Ground.make)


@ENTRY
def handle(ground: Ground, _call: Call) -> dict[str, str]:
    """Stack → `true`, `false`, `unknown`, `running` or `skipped`; raises UnfinishedError where a turn failed."""
    until = time.monotonic() + WAITS
    said, failed = _round(ground, DEPLOYED.stacks)
    while "running" in said.values() and time.monotonic() < until:
        time.sleep(_PAUSE)
        running = {layer: name for layer, name in DEPLOYED.stacks.items() if said[ground.stack(name)] == "running"}
        more, failing = _round(ground, running)
        said, failed = said | more, failed + failing
    ENTRY.logger.info("looks", stacks=said, failed=failed)
    _tell(ground)
    if failed:
        raise UnfinishedError(f"the turn of these stacks failed, see the log: {', '.join(sorted(set(failed)))}")
    return said


def _round(ground: Ground, stacks: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    said: dict[str, str] = {}
    failed: list[str] = []
    for layer, project in stacks.items():
        stack = ground.stack(project)
        try:
            said[stack] = _turn(ground, layer, project)
        except Exception:
            ENTRY.logger.exception("a stack's turn failed", stack=stack)
            said[stack] = "failed"
            failed.append(stack)
    return said, failed


def _turn(ground: Ground, layer: str, project: str) -> str:
    stack, now = ground.stack(project), clock.now()
    memory = ground.looks.memory(stack)
    if memory.run_id is None:
        if fresh(ground.looks.get(stack), now):
            if memory.blind.bad:
                ground.looks.remember(stack, memory, sighted(memory, clock.text(now)))
            return "skipped"
        return _begin(ground, layer, project, memory)
    if memory.task_arn is None:  # whoever wrote it down ended before it had a task, or before it could say which
        return _begin(ground, layer, project, memory)
    look = _taken(ground, project, memory)
    return "running" if look is None else _keep(ground, stack, memory, look)


def _begin(ground: Ground, layer: str, project: str, memory: Memory) -> str:
    """Write down which run it is, then start it: what ends in between starts the same run again."""
    stack, now = ground.stack(project), clock.now()
    for there, why in ((ground.settings.has_runner, NO_RUNNER), (ground.settings.state_bucket, NO_BUCKET)):
        if not there:
            return _keep(ground, stack, memory, unknown(stack, why, now))
    run_id = memory.run_id or f"look-{now:%Y%m%d%H%M%S}"
    asked = request(ground.runs.newest_record(), layer, ground.settings.environment, run_id)
    if isinstance(asked, Unknown):
        return _keep(ground, stack, memory, unknown(stack, asked.why, now))
    named = memory.model_copy(update={"run_id": run_id, "asked_at": memory.asked_at or clock.text(now)})
    noted = ground.looks.remember(stack, memory, named)
    if noted is None:  # another call begins it
        return "running"
    try:
        task = ground.runs.ask(ground.runs.place(project, run_id), asked)
    except NoTaskError as error:
        return _keep(ground, stack, noted, unknown(stack, str(error), now))
    ground.looks.remember(stack, noted, noted.model_copy(update={"task_arn": task}))
    return "running"


def _taken(ground: Ground, project: str, memory: Memory) -> Look | None:
    """What a run came to; None while it works."""
    stack, now = ground.stack(project), clock.now()
    place = ground.runs.place(project, str(memory.run_id))
    ended = ground.runs.ended(str(memory.task_arn))  # before the result: what ends in between has written it
    if result := ground.runs.result(place):
        report = f".tradai/drift/{project}/{ground.settings.environment}.json"
        return answered(stack, report, result, now)
    if refusal := ground.runs.refusal(place):
        return unknown(stack, f"the runner refused: {refusal}", now)
    if ended is None and overdue(memory, now):
        ended = "it took too long"
    return unknown(stack, f"the run left no result: {ended}", now) if ended else None


def _keep(ground: Ground, stack: str, memory: Memory, look: Look) -> str:
    """The look first: who ends in between takes the same run up again.

    One that came to nothing yields to whatever was written since its run began.
    """
    yields = look.has_drift == "unknown" and memory.asked_at
    ground.looks.put(look, moment(clock.parsed(memory.asked_at)) if yields and memory.asked_at else None)
    ground.looks.remember(stack, memory, seen(memory, look, clock.text(clock.now())))
    return look.has_drift


def _tell(ground: Ground) -> None:
    """One message of all stacks; who ends before it is noted tells twice, rather than never."""
    stacks = [ground.stack(project) for project in DEPLOYED.stacks.values()]
    memories = {stack: ground.looks.memory(stack) for stack in stacks}
    said = [sentence for stack, memory in memories.items() for sentence in sentences(stack, memory)]
    if not said:
        return
    ground.alerts.tell("infra-drift", "news of infrastructure drift", *said)
    for stack, memory in memories.items():
        if memory != settled(memory):
            ground.looks.remember(stack, memory, settled(memory))
