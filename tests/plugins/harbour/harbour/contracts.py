"""The contracts of the two layers: the quay reads where the store keeps things."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tradai_iac.described import output

if TYPE_CHECKING:
    from pulumi import Input


@dataclass(frozen=True, kw_only=True)
class StoreInputs:
    """Nothing is upstream of the store."""


@dataclass(frozen=True, kw_only=True)
class StoreOutputs:
    """What the store exports."""

    bucket_name: Input[str] = output("Name of the bucket")


@dataclass(frozen=True, kw_only=True)
class StoreOfQuay:
    """What the quay reads from the store."""

    bucket_name: Input[str]


@dataclass(frozen=True, kw_only=True)
class QuayInputs:
    """Upstream of the quay."""

    store: StoreOfQuay


@dataclass(frozen=True, kw_only=True)
class QuayOutputs:
    """What the quay exports."""

    stream_arn: Input[str] = output("The stream of ships")
