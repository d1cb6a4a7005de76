"""What is published on the topic `registration`: who may trade has changed.

One envelope for all publishers; a reader keeps `event_id` and takes a second one of the same id for the same event.
Must never hold what only one publisher knows how to read.
"""

from typing import Final, Literal

from shared import clients
from shared.base import Frozen

PROMOTED: Final = "model.promoted"
ROLLED_BACK: Final = "model.rolled_back"
Kind = Literal["model.promoted", "model.rolled_back", "strategy.registered", "strategy.promoted"]


class Registration(Frozen):
    """One event; `version` is what trades from now on, `previous` what did before."""

    event_id: str
    kind: Kind
    environment: str
    at: str
    strategy: str
    version: str
    previous: str | None = None
    model_name: str | None = None
    by: str


class Registrations:
    """The topic of one environment."""

    def __init__(self, topic_arn: str) -> None:
        self._topic = topic_arn

    def publish(self, event: Registration) -> None:
        """Raises what botocore raises: what SNS did not take is not told."""
        attributes = {"kind": event.kind, "environment": event.environment}
        clients.client("sns").publish(
            TopicArn=self._topic,
            Message=event.model_dump_json(exclude_none=True),
            MessageAttributes={name: {"DataType": "String", "StringValue": text} for name, text in attributes.items()},
        )
