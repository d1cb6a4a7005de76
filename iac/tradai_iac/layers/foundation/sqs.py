"""The backtest queue and where its failures go (002 §6).

Must never be anything but FIFO: backtests of one strategy run in the order they were asked for.
"""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from tradai_iac.config.messaging import BacktestQueue, DeadLetterQueue
from tradai_iac.core.component import Component
from tradai_iac.naming import Naming


@dataclass(frozen=True)
class QueuesArgs:
    """Both queues of 002 §6."""

    naming: Naming
    queue: BacktestQueue
    dead_letters: DeadLetterQueue


class Queues(Component):
    """`queue` and `dead_letters`."""

    def __init__(self, name: str, args: QueuesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("foundation:Queues", name, opts)
        self.dead_letters = aws.sqs.Queue(
            args.dead_letters.component,
            name=args.naming.fifo(args.dead_letters.component),
            fifo_queue=args.dead_letters.fifo,
            message_retention_seconds=args.dead_letters.message_retention_seconds,
            sqs_managed_sse_enabled=True,
            opts=self.child(),
        )
        self.queue = self._queue(args)
        self.register_outputs({"queue": self.queue.url, "dead_letters": self.dead_letters.url})

    def _queue(self, args: QueuesArgs) -> aws.sqs.Queue:
        row = args.queue
        redrive = pulumi.Output.json_dumps(
            {
                "deadLetterTargetArn": self.dead_letters.arn,
                "maxReceiveCount": args.dead_letters.max_receive_count,
            }
        )
        return aws.sqs.Queue(
            row.component,
            name=args.naming.fifo(row.component),
            fifo_queue=row.fifo,
            content_based_deduplication=row.content_based_deduplication,
            visibility_timeout_seconds=row.visibility_timeout_seconds,
            message_retention_seconds=row.message_retention_seconds,
            receive_wait_time_seconds=row.receive_wait_time_seconds,
            redrive_policy=redrive,
            sqs_managed_sse_enabled=True,
            opts=self.child(),
        )
