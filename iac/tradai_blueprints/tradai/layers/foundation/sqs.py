"""The backtest and retraining queues and where their failures go (002 §6).

Must never be anything but FIFO: backtests of one strategy run in the order they were asked for.
"""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from tradai_blueprints.tradai.config.messaging import BacktestQueue, DeadLetterQueue
from tradai_iac.core.component import Component
from tradai_iac.naming import Naming


@dataclass(frozen=True)
class QueuesArgs:
    """The queues of 002 §6, and that of retraining (000 `sqs-consumer`)."""

    naming: Naming
    queue: BacktestQueue
    retraining: BacktestQueue
    dead_letters: DeadLetterQueue


class Queues(Component):
    """`queue`, `retraining`, and the `dead_letters` of both."""

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
        self.queue = self._queue(args.queue, args)
        self.retraining = self._queue(args.retraining, args)
        self.register_outputs({"queue": self.queue.url, "dead_letters": self.dead_letters.url})

    def _queue(self, row: BacktestQueue, args: QueuesArgs) -> aws.sqs.Queue:
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
