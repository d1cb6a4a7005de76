"""The border of backtest-consumer: SQS's batches in, which messages come back out.

Must never answer for a message that was neither started, nor found started, nor laid aside with its reason.
"""

from dataclasses import dataclass
from typing import Any

from backtest_consumer.settings import ConsumerSettings
from backtest_consumer.work import Consumer
from shared.entry import Entry
from shared.jobs import Jobs
from shared.launch import Launcher, launcher
from shared.once import Once
from shared.queue import Batch, DeadLetters, consume


@dataclass(frozen=True)
class Ground:
    """What the function works on."""

    settings: ConsumerSettings
    jobs: Jobs
    launcher: Launcher
    letters: DeadLetters
    once: Once

    @classmethod
    def make(cls) -> "Ground":
        """From the environment; raises SettingsError."""
        settings = ConsumerSettings.read()
        return cls(
            settings,
            Jobs(settings.workflow_state),
            launcher(settings, "backtest"),
            DeadLetters(settings.dead_letters),
            Once(settings.idempotency, "backtest"),
        )

    def consumer(self, context: Any) -> Consumer:
        """For one invocation, whose deadline `context` knows."""
        return Consumer(
            self.jobs,
            self.launcher,
            self.letters,
            lambda key, work: self.once(key, context, work),
            self.settings.task_definition,
        )


ENTRY = Entry("backtest-consumer", Batch, Ground.make)


@ENTRY
def handle(ground: Ground, batch: Batch) -> Any:
    """`{"batchItemFailures"}`; raises BatchProcessingError where all come back."""
    return consume(batch, ground.settings.queue, ground.consumer(ENTRY.context).take, ENTRY.logger)
