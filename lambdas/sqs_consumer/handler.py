"""The border of sqs-consumer: SQS's batches in, which messages come back out.

Must never answer for a message that was neither started, nor found started, nor laid aside with its reason.
"""

from dataclasses import dataclass
from typing import Any

from shared import clock
from shared.entry import Entry
from shared.executions import Executions
from shared.launch import Launcher, launcher
from shared.once import Once
from shared.queue import Batch, DeadLetters, consume
from shared.retraining import Retrainings
from sqs_consumer.logic import lease
from sqs_consumer.settings import RetrainingSettings
from sqs_consumer.work import Consumer


@dataclass(frozen=True)
class Ground:
    """What the function works on."""

    settings: RetrainingSettings
    runs: Retrainings
    launcher: Launcher
    letters: DeadLetters
    once: Once
    executions: Executions

    @classmethod
    def make(cls) -> "Ground":
        """From the environment; raises SettingsError."""
        settings = RetrainingSettings.read()
        return cls(
            settings,
            Retrainings(settings.retraining_state),
            launcher(settings, "retraining"),
            DeadLetters(settings.dead_letters),
            Once(settings.idempotency, "retraining"),
            Executions(settings.workflow),
        )

    def consumer(self, context: Any) -> Consumer:
        """For one invocation, whose deadline `context` knows."""
        return Consumer(
            self.runs,
            self.launcher,
            self.letters,
            lambda key, work: self.once(key, context, work),
            lambda found: self.executions.settle(self.runs, found, clock.now()),
            self.settings.task_definition,
            lease(self.settings.launch_mode),
        )


ENTRY = Entry("sqs-consumer", Batch, Ground.make)


@ENTRY
def handle(ground: Ground, batch: Batch) -> Any:
    """`{"batchItemFailures"}`; raises BatchProcessingError where all come back."""
    return consume(batch, ground.settings.queue, ground.consumer(ENTRY.context).take, ENTRY.logger)
