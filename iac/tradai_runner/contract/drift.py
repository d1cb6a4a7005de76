"""What a run is told of a look for drift, and what it says back.

Data only. Must never hold a secret: the engine masks them before anything is seen here.
"""

from typing import Final

from tradai_iac.base import Frozen

#: How many sentences a summary has.
DRIFT_SHOWN: Final = 5


class IgnoreRule(Frozen):
    """What is no drift, and why not: every part that is given must match.

    `urn` and `type` are globs in which `*` stands for anything; `path` is a property's, and covers what lies below
    it. Without a path the whole resource is left out.
    """

    urn: str | None = None
    type: str | None = None
    path: str | None = None
    reason: str


class DriftLook(Frozen):
    """Asks a preview to look for drift."""

    ignore: tuple[IgnoreRule, ...] = ()


class DriftSummary(Frozen):
    """What a look amounts to, in numbers of resources; the whole is in the state bucket.

    `digest` names which resources and properties drifted, whatever their values; `first` has a sentence for each of
    the first DRIFT_SHOWN.
    """

    digest: str
    changed: int = 0
    missing: int = 0
    unexpected: int = 0
    ignored: int = 0
    first: tuple[str, ...] = ()

    @property
    def drifted(self) -> bool:
        """Whether anything differs that no rule ignores."""
        return bool(self.changed or self.missing or self.unexpected)
