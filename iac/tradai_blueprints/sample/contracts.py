"""The contracts of the sample blueprint's two layers: `work` reads where `store` keeps things."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tradai_iac.described import output

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pulumi import Input


@dataclass(frozen=True, kw_only=True)
class StoreInputs:
    """Nothing is upstream of the store."""


@dataclass(frozen=True, kw_only=True)
class StoreOutputs:
    """What the store exports."""

    table_name: Input[str] = output("Name of the table")
    table_arn: Input[str] = output("Its ARN")
    bucket_name: Input[str] = output("Name of the bucket")


@dataclass(frozen=True, kw_only=True)
class StoreOfWork:
    """What the work layer reads from the store."""

    table_name: Input[str]
    bucket_name: Input[str]


@dataclass(frozen=True, kw_only=True)
class WorkInputs:
    """Upstream of the work layer."""

    store: StoreOfWork


@dataclass(frozen=True, kw_only=True)
class WorkOutputs:
    """What the work layer exports; the token is a secret."""

    topic_arn: Input[str] = output("ARN of the topic")
    queue_urls: Input[Sequence[Input[str]]] = output("Addresses of the queues")
    token: Input[str | None] = output("The token, where one is set")
