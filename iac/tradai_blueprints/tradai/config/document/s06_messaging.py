"""Section 6: queues and topics (002 §6).

Must never name a subscriber: people set those per environment.
"""

from typing import Final

from tradai_blueprints.tradai.config.document.markdown import blocks, code, table, yes
from tradai_blueprints.tradai.config.document.values import COMMON, NAMES, days
from tradai_blueprints.tradai.config.messaging import BacktestQueue, DeadLetterQueue

_MESSAGING: Final = COMMON.messaging


def messaging() -> str:
    """The whole section."""
    return blocks(
        "## 6. SQS Configuration",
        "### 6.1 Backtest Queue",
        _backtest_queue(),
        "### 6.2 Dead Letter Queue",
        _dead_letter_queue(),
        "### 6.3 Topics",
        _topics(),
    )


def _name(queue: BacktestQueue | DeadLetterQueue) -> str:
    return code(NAMES.fifo(queue.component) if queue.fifo else NAMES.name(queue.component, kind="sqs-queue"))


def _backtest_queue() -> str:
    queue = _MESSAGING.backtest_queue
    visible = queue.visibility_timeout_seconds
    rows = (
        ("Queue Name", _name(queue)),
        ("FIFO", queue.fifo),
        ("Content-Based Deduplication", queue.content_based_deduplication),
        ("Visibility Timeout", f"{visible} ({visible // 60} minutes)"),
        ("Message Retention", days(queue.message_retention_seconds)),
        ("Receive Wait Time", f"{queue.receive_wait_time_seconds} (long polling)"),
    )
    return table(("Parameter", "Value"), rows)


def _dead_letter_queue() -> str:
    queue = _MESSAGING.dead_letter_queue
    rows = (
        ("Queue Name", _name(queue)),
        ("FIFO", queue.fifo),
        ("Message Retention", days(queue.message_retention_seconds)),
        ("Max Receive Count", queue.max_receive_count),
    )
    return table(("Parameter", "Value"), rows)


def _topics() -> str:
    rows = (
        (code(NAMES.name(topic.component)), yes(topic.email_subscribers))
        for topic in (_MESSAGING.alerts_topic, _MESSAGING.registration_topic)
    )
    return table(("Topic Name", "E-mail Subscribers"), rows)
