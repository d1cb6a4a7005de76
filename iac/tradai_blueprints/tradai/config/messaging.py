"""Queues (002 §6) and topics (001 §5 `sns.py`).

Must never hold a subscriber: people set those per environment.
"""

from typing import Final

from tradai_iac.base import Frozen


class BacktestQueue(Frozen):
    """The request queue of backtests (002 §6.1); times in seconds. The component name carries no `.fifo`."""

    component: str = "backtest-queue"
    fifo: bool = True
    content_based_deduplication: bool = True
    visibility_timeout_seconds: int = 900
    message_retention_seconds: int = 345600
    receive_wait_time_seconds: int = 20


class RetrainingQueue(BacktestQueue):
    """The queue of retraining requests, as the backtest queue is but for its name.

    002 §7 has two functions with an SQS trigger and 002 §6 one queue: two filtered mappings of one queue would each
    delete what is meant for the other.
    """

    component: str = "retraining-queue"


class DeadLetterQueue(Frozen):
    """Where requests go that failed `max_receive_count` times (002 §6.2); times in seconds."""

    component: str = "backtest-dlq"
    fifo: bool = True
    message_retention_seconds: int = 1209600
    max_receive_count: int = 3


class Topic(Frozen):
    """One SNS topic; `email_subscribers` says whether people are subscribed to it."""

    component: str
    email_subscribers: bool


class Messaging(Frozen):
    """The queues, their dead letter queue and the two topics (000 MN001, SR016)."""

    backtest_queue: BacktestQueue
    retraining_queue: RetrainingQueue
    dead_letter_queue: DeadLetterQueue
    alerts_topic: Topic
    registration_topic: Topic


MESSAGING: Final = Messaging(
    backtest_queue=BacktestQueue(),
    retraining_queue=RetrainingQueue(),
    dead_letter_queue=DeadLetterQueue(),
    alerts_topic=Topic(component="alerts", email_subscribers=True),
    registration_topic=Topic(component="registration", email_subscribers=False),
)
