"""The border of retraining-scheduler: drift-state and retraining-state in, messages for the retraining queue out.

First models whose run has ended are given back, then those that are due are asked for. What goes wrong with one model
hinders no other, and is raised when all have had their turn. Must never ask for a run on what could not be read.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from retraining_scheduler.logic import Call, decide, message
from retraining_scheduler.settings import SchedulerSettings
from shared import clients, clock
from shared.drift import Drifts
from shared.entry import Entry
from shared.executions import Executions
from shared.retraining import Retrainings
from shared.tables import Table


@dataclass(frozen=True)
class Ground:
    """What the function works on."""

    drifts: Drifts
    runs: Retrainings
    executions: Executions
    queue: str

    @classmethod
    def make(cls) -> "Ground":
        """From the environment; raises SettingsError."""
        settings = SchedulerSettings.read()
        tables = Drifts(settings.drift_state), Retrainings(settings.retraining_state)
        return cls(*tables, Executions(settings.workflow), settings.queue)


class UnfinishedError(Exception):
    """Models whose turn failed; the call comes again, and does what is left."""


ENTRY = Entry("retraining-scheduler", Call, Ground.make)


@dataclass
class Turns:
    """What became of models: `settled` were given back, `asked` have a message, `failed` are for the next call."""

    settled: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def each(self, names: Iterable[str], done: list[str], turn: Callable[[str], bool]) -> None:
        """A turn for each model that none has failed for; True is noted."""
        for name in names:
            if name in self.failed:
                continue
            try:
                done += [name] * turn(name)
            except Exception:
                ENTRY.logger.exception("a model's turn failed", model_name=name)
                self.failed.append(name)


@ENTRY
def handle(ground: Ground, _call: Call) -> dict[str, list[str]]:
    """Models that were given back, and those that were asked for; raises UnfinishedError."""
    turns = Turns()
    turns.each(_names(ground.runs.table), turns.settled, lambda name: _settle(ground, name))
    turns.each(_names(ground.drifts.table), turns.asked, lambda name: _ask(ground, name))
    if turns.failed:
        raise UnfinishedError(f"{', '.join(sorted(turns.failed))} could not be settled or asked for: see the log")
    return {"settled": sorted(turns.settled), "asked": sorted(turns.asked)}


def _names(table: Table) -> list[str]:
    return sorted(item[table.shape.hash_key] for item in table.scan())


def _settle(ground: Ground, name: str) -> bool:
    found = ground.runs.get(name)
    return found is not None and ground.executions.settle(ground.runs, found, clock.now())


def _ask(ground: Ground, name: str) -> bool:
    at, drift, found = clock.now(), ground.drifts.get(name), ground.runs.get(name)
    if drift is None:
        return False
    decision = decide(drift, found, at)
    ENTRY.logger.info("decision", model_name=name, **decision.model_dump())
    if not (found and decision.due):
        return False
    body = message(drift, found.request, at)
    clients.client("sqs").send_message(
        QueueUrl=ground.queue,
        MessageBody=json.dumps(body),
        MessageGroupId=body["model_name"],
        MessageDeduplicationId=body["job_id"],
    )
    return True
