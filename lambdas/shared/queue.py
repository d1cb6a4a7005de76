"""A batch of a FIFO queue: its messages one by one, and which of them come back when.

Of a message group that failed the rest waits behind what failed; other groups go on. What cannot be done at all goes
into the dead letter queue with its reason. Must never delete a message that was neither done nor put there.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import SqsFifoPartialProcessor
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from botocore.exceptions import BotoCoreError, ClientError
from pydantic import Field

from shared import clients
from shared.base import Frozen
from shared.deployed import DEPLOYED

#: After which time a message comes back, by how often it has been received. Its last failure is its end.
WAITS: Final = (300, 2700)
#: After so many the queue lays a message aside by itself (002 §6.2).
MOST_DELIVERIES: Final = DEPLOYED.max_receive_count
#: How long whoever meets another delivery of the same job stays away: longer than a function may run.
BUSY_SECONDS: Final = 60


class Batch(Frozen):
    """The event; records stay as Powertools takes them."""

    records: tuple[Mapping[str, Any], ...] = Field(validation_alias="Records", min_length=1)


class Message(Frozen):
    """One message. `received` counts its deliveries, this one too; `sent` is in milliseconds of the epoch."""

    id: str
    body: str
    group: str
    received: int
    sent: int
    subject: str | None = None
    request_id: str | None = None
    trace: str | None = None

    @property
    def last(self) -> bool:
        """Whether the queue gives it up if it fails now."""
        return self.received >= MOST_DELIVERIES

    @property
    def trace_id(self) -> str:
        """X-Ray's, where it has one, else the API's request, else the message itself."""
        parts = dict(part.strip().partition("=")[::2] for part in (self.trace or "").split(";"))
        return parts.get("Root") or self.request_id or self.id


class LaterError(Exception):
    """Not now: the message comes back after so many seconds."""

    def __init__(self, reason: str, seconds: int) -> None:
        super().__init__(reason)
        self.seconds = seconds


def wait_seconds(received: int) -> int:
    """How long a message stays away that has been received so often."""
    return WAITS[min(max(received, 1), len(WAITS)) - 1]


def message_of(record: Mapping[str, Any]) -> Message:
    """A record as SQS delivers it; raises ValidationError for what is none."""
    told = record.get("attributes") or {}
    said = {name: each.get("stringValue") for name, each in (record.get("messageAttributes") or {}).items()}
    return Message.model_validate(
        {
            "id": record.get("messageId"),
            "body": record.get("body"),
            "group": told.get("MessageGroupId"),
            "received": told.get("ApproximateReceiveCount"),
            "sent": told.get("SentTimestamp"),
            "subject": said.get("subject") or None,
            "request_id": said.get("request_id") or None,
            "trace": told.get("AWSTraceHeader"),
        }
    )


class Letters(Protocol):
    """Where messages go that cannot be done."""

    def put(self, message: Message, reason: str) -> None:
        """Lay a message there with its reason."""


class DeadLetters:
    """The dead letter queue, as far as functions put into it what they refuse."""

    def __init__(self, url: str) -> None:
        self._url = url

    def put(self, message: Message, reason: str) -> None:
        """Lay a message there with its reason; the same message twice within five minutes lies there once."""
        said = {"reason": reason, "subject": message.subject, "request_id": message.request_id}
        clients.client("sqs").send_message(
            QueueUrl=self._url,
            MessageBody=message.body,
            MessageGroupId=message.group,
            MessageDeduplicationId=message.id,
            MessageAttributes={
                name: {"DataType": "String", "StringValue": value} for name, value in said.items() if value
            },
        )


def consume(batch: Batch, url: str, take: Callable[[Message], str], logger: Logger) -> Any:
    """Take each message in order; what became of it is logged. Gives `{"batchItemFailures": […]}`.

    Raises BatchProcessingError where none could be done: Lambda counts that as one error, and all come back.
    """
    waits: dict[str, int] = {}

    def one(record: SQSRecord) -> None:
        message = message_of(record.raw_event)
        try:
            logger.info("message", message_id=message.id, result=take(message))
        except Exception as error:
            waits[message.group] = error.seconds if isinstance(error, LaterError) else wait_seconds(message.received)
            logger.warning("comes back", message_id=message.id, reason=str(error))
            raise

    processor = SqsFifoPartialProcessor(skip_group_on_error=True)
    with processor(records=[dict(record) for record in batch.records], handler=one):
        processor.process()
        _put_back(url, [each.raw_event for each in processor.fail_messages if isinstance(each, SQSRecord)], waits)
    return processor.response()


def _put_back(url: str, records: list[Mapping[str, Any]], waits: Mapping[str, int]) -> None:
    """Let what failed come back at its time, and what waits behind it with it; else the queue's own time holds."""
    for record in records:
        group = record["attributes"]["MessageGroupId"]
        try:
            clients.client("sqs").change_message_visibility(
                QueueUrl=url, ReceiptHandle=record["receiptHandle"], VisibilityTimeout=waits[group]
            )
        except (ClientError, BotoCoreError, KeyError):
            continue
