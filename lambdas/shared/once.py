"""One piece of work at a time and once for good, by its key: Powertools' idempotency on the table `idempotency`.

Two deliveries of one job at once would else both go on where the first is refused by AWS. A killed function holds its
key until its own deadline. Must never be the only thing that keeps work from being done twice: a crash may come before
its second write.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)
from aws_lambda_powertools.utilities.idempotency.exceptions import IdempotencyAlreadyInProgressError

from shared import clients
from shared.deployed import DEPLOYED

#: Longer than a message can lie in a queue and its dead letters together (18 days).
_KEPT: Final = timedelta(days=30)
Work = Callable[[str], dict[str, str]]
#: Does work for a key alone: whoever comes meanwhile gets InProgressError.
Alone = Callable[[str, Work], dict[str, str]]


class InProgressError(Exception):
    """Another delivery is at it, or was until it was killed."""


class Once:
    """The work of one kind (`backtest`): keys of another kind are others."""

    def __init__(self, table: str, kind: str) -> None:
        self._kind = kind
        self._layer = DynamoDBPersistenceLayer(
            table_name=table,
            key_attr=DEPLOYED.tables["idempotency"].hash_key,
            expiry_attr=str(DEPLOYED.tables["idempotency"].ttl),
            boto3_client=clients.client("dynamodb"),
        )

    def __call__(self, key: str, context: Any, work: Work) -> dict[str, str]:
        """What the work gives for its key, or gave before; `context` is the invocation's. Raises InProgressError."""
        config = IdempotencyConfig(expires_after_seconds=int(_KEPT.total_seconds()))
        config.register_lambda_context(context)

        def worked(*, key: str) -> dict[str, str]:
            return work(key)

        once = idempotent_function(
            worked, data_keyword_argument="key", persistence_store=self._layer, config=config, key_prefix=self._kind
        )
        try:
            return dict(once(key=key) or {})  # an empty answer is kept as none
        except IdempotencyAlreadyInProgressError:
            raise InProgressError(f"another delivery of {key} is at work") from None
