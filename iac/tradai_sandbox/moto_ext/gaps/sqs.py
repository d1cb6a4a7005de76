"""SQS: a queue's policy outlives a change of its other attributes, and a duplicate is known after its first is gone.

moto loses the policy, and compares a message only with those that are still in the queue. Must never keep a policy that
was taken back: AWS is told that by an empty text.
"""

from typing import Any, Final

from moto.sqs.models import DEDUPLICATION_TIME_IN_SECONDS, Queue

from tradai_sandbox.moto_ext.gaps.patching import wrap


def repair() -> None:
    """Let a queue keep what a request does not mention, and remember what it was sent."""
    wrap(Queue, _set_attributes=_with_its_policy, add_message=_remembering)


def _with_its_policy(original: Any) -> Any:
    def _set_attributes(self: Any, attributes: dict[str, Any], now: float | None = None) -> None:
        known = {"Policy": self.policy} if hasattr(self, "_policy_json") else {}
        original(self, {**known, **attributes}, now)

    return _set_attributes


#: Of a queue: deduplication id → when it was first sent, in milliseconds.
_SENT: Final = "_sandbox_sent"


def _remembering(original: Any) -> Any:
    def add_message(self: Any, message: Any) -> None:
        at, known = message.sent_timestamp, self.__dict__.setdefault(_SENT, {})
        since = at - DEDUPLICATION_TIME_IN_SECONDS * 1000
        for old in [each for each, sent in known.items() if sent <= since]:
            del known[old]
        if self.fifo_queue and message.deduplication_id in known:
            return
        if self.fifo_queue and message.deduplication_id:
            known[message.deduplication_id] = at
        original(self, message)

    return add_message
