"""What arrives in a queue is handed to the function that is mapped to it, as Lambda's pollers do.

A message that was not done comes back when its visibility timeout is over, or when somebody has set another one; in a
FIFO queue its group waits for it. Must never hold the request that sends a message.
"""

import contextlib
import threading
import time
from collections.abc import Sequence
from typing import Any, Final

from moto.awslambda.exceptions import UnknownFunctionException
from moto.awslambda.utils import get_backend
from moto.sqs.exceptions import QueueDoesNotExist, ReceiptHandleIsInvalid
from moto.sqs.models import sqs_backends

from tradai_sandbox.workloads import batches
from tradai_sandbox.workloads.invocations import call
from tradai_sandbox.workloads.running import BOUNDS

_BATCH: Final = 10
#: How long at most until is looked whether mapping and queue are still there.
_LOOK_S: Final = 60.0


def queue_of(arn: str) -> Any:
    """moto's queue; None where it is gone."""
    _, _, _, region, account, name = arn.split(":")
    try:
        return sqs_backends[account][region].get_queue(name)
    except QueueDoesNotExist:
        return None


class Pump:
    """One mapping's poller: a thread that waits until there is something to hand out."""

    def __init__(self, mapping: Any) -> None:
        self._mapping = mapping
        self._at_work = 0
        self.thread = threading.Thread(target=self._run, name=f"pump-{mapping.uuid}", daemon=True)
        self.thread.start()

    def _run(self) -> None:
        while (queue := self._queue()) is not None:
            with queue._messages_lock:
                messages = self._received(queue) if self._at_work < self._most else []
                if not messages:
                    queue._messages_lock.wait(_due(queue))
                    continue
                self._at_work += 1
            threading.Thread(target=self._work, args=(queue, messages), name="batch", daemon=True).start()

    def _queue(self) -> Any:
        """None where there is nothing to pump any more."""
        mapping = self._mapping
        known: Any = get_backend(mapping.account_id, mapping.region)._event_source_mappings
        if not mapping.enabled or known.get(mapping.uuid) is not mapping:
            return None
        return queue_of(str(mapping.event_source_arn))

    @property
    def _most(self) -> int:
        return int((self._mapping.scaling_config or {}).get("MaximumConcurrency") or BOUNDS.instances)

    def _received(self, queue: Any) -> list[Any]:
        backend: Any = sqs_backends[queue.account_id][queue.region]
        count = min(self._mapping.batch_size, _BATCH)
        found: list[Any] = backend.receive_message(queue.name, count, 0, int(queue.visibility_timeout), ["All"])
        return found

    def _work(self, queue: Any, messages: Sequence[Any]) -> None:
        """One batch: what the function takes, or the mapping's filters leave out, is deleted."""
        try:
            wanted = [message for message in messages if batches.is_wanted(message, self._mapping)]
            kept = self._left(queue, wanted) if wanted else frozenset()
            for message in messages:
                if message.id not in kept:
                    with contextlib.suppress(ReceiptHandleIsInvalid):
                        sqs_backends[queue.account_id][queue.region].delete_message(queue.name, message.receipt_handle)
        finally:
            with queue._messages_lock:
                self._at_work -= 1
                queue._messages_lock.notify_all()

    def _left(self, queue: Any, messages: Sequence[Any]) -> frozenset[str]:
        try:
            function = get_backend(queue.account_id, queue.region).get_function(self._mapping.function_arn)
        except UnknownFunctionException:
            return frozenset(message.id for message in messages)
        return batches.left(call(function, batches.event(queue, messages)), self._mapping, messages)


def _due(queue: Any) -> float:
    """Seconds until a message comes back, or one that was delayed may go; a bit more, as moto's clock is exclusive."""
    now = time.time() * 1000
    later = [due for message in queue._messages if (due := max(message.visible_at, message.delayed_until)) >= now]
    return min(_LOOK_S, (min(later) - now) / 1000 + 0.005) if later else _LOOK_S


class Pumps:
    """The pumps of one endpoint."""

    def __init__(self) -> None:
        self._pumps: dict[str, Pump] = {}
        self._turn = threading.Lock()

    def changed(self, mapping: Any) -> None:
        """A mapping is new, or other than before: what pumps looks at it, what should and does not begins."""
        if (queue := queue_of(mapping.event_source_arn)) is not None:
            with self._turn:
                pump = self._pumps.get(mapping.uuid)
                if mapping.enabled and (pump is None or not pump.thread.is_alive()):
                    self._pumps[mapping.uuid] = Pump(mapping)
            with queue._messages_lock:
                queue._messages_lock.notify_all()

    def gone(self, mapping: Any) -> None:
        """A mapping is deleted."""
        with self._turn:
            self._pumps.pop(mapping.uuid, None)
        if (queue := queue_of(mapping.event_source_arn)) is not None:
            with queue._messages_lock:
                queue._messages_lock.notify_all()


PUMPS: Final = Pumps()
