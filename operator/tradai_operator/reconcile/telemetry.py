"""The port through which the loop tells how it goes: metrics, log lines and traces hang on it.

A protocol only. Must never give an answer that a decision could depend on, and must never fail.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Protocol

from tradai_operator.model import EnvironmentStatus

if TYPE_CHECKING:
    from tradai_operator.ports import Ref


class Telemetry(Protocol):
    """Told by the loops; every method is quick and returns nothing that matters."""

    def turn(self, ref: Ref) -> AbstractContextManager[None]:
        """Around one turn; an error that passes through is counted and goes on."""

    def deciding(self) -> AbstractContextManager[None]:
        """Around the facts and the decision of a turn."""

    def saw(self, ref: Ref, statuses: Sequence[EnvironmentStatus]) -> None:
        """The statuses that one turn led through, in order; the last one stands."""

    def gone(self, uid: str) -> None:
        """The resource is no more."""
