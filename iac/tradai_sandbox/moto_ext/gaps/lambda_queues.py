"""SQS and Lambda: a mapping of a queue has a poller, and a queue's messages change in one step at a time.

Must never hand out a message by itself: `workloads.pumps` does.
"""

from collections.abc import Callable
from typing import Any, Final

from moto.awslambda.models import LambdaBackend
from moto.sqs.models import Queue, SQSBackend

from tradai_sandbox.moto_ext.gaps.patching import wrap
from tradai_sandbox.workloads.pumps import PUMPS

_QUEUE: Final = ":sqs:"


def repair() -> None:
    """Let messages reach functions, and no two callers change a queue at once: moto would lose what is sent then."""
    wrap(
        LambdaBackend,
        create_event_source_mapping=_then(PUMPS.changed),
        update_event_source_mapping=_then(PUMPS.changed),
        delete_event_source_mapping=_then(PUMPS.gone),
    )
    wrap(SQSBackend, receive_message=_in_turn, change_message_visibility=_told)
    wrap(Queue, delete_message=_deleted)


def _then(say: Callable[[Any], None]) -> Callable[[Any], Any]:
    def wrapper(original: Any) -> Any:
        def with_mapping(self: Any, *args: Any) -> Any:
            mapping = original(self, *args)
            if mapping is not None and _QUEUE in mapping.event_source_arn:
                say(mapping)
            return mapping

        return with_mapping

    return wrapper


def _in_turn(original: Any) -> Any:
    """Waiting for messages gives the turn back meanwhile."""

    def in_turn(self: Any, queue_name: str, *args: Any, **kwargs: Any) -> Any:
        with self.get_queue(queue_name)._messages_lock:
            return original(self, queue_name, *args, **kwargs)

    return in_turn


def _told(original: Any) -> Any:
    def change_message_visibility(self: Any, queue_name: str, *args: Any, **kwargs: Any) -> None:
        lock = self.get_queue(queue_name)._messages_lock
        with lock:
            original(self, queue_name, *args, **kwargs)
            lock.notify_all()

    return change_message_visibility


def _deleted(original: Any) -> Any:
    def delete_message(self: Any, receipt_handle: str) -> None:
        with self._messages_lock:
            original(self, receipt_handle)
            self._messages_lock.notify_all()

    return delete_message
