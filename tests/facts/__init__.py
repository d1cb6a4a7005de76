"""Facts that AWS publishes, as files of a date (`just facts` writes them), for tests to hold the programs against.

Must never be changed by hand.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

HANDLERS: Final = Path(__file__).parent / "handlers.json"


@dataclass(frozen=True)
class Handlers:
    """A type of CloudFormation's, and which rights each of its handlers needs (`create` → `s3:CreateBucket`, ...)."""

    type: str
    rights: Mapping[str, frozenset[str]]

    @property
    def all_rights(self) -> frozenset[str]:
        """Those of all handlers."""
        return frozenset().union(*self.rights.values())


@cache
def handlers() -> Mapping[str, Handlers]:
    """Type of Pulumi's → what its handlers need."""
    types: dict[str, dict[str, Any]] = json.loads(HANDLERS.read_text(encoding="utf-8"))["types"]
    return {name: _handlers(**found) for name, found in types.items()}


def _handlers(**found: Any) -> Handlers:
    return Handlers(found.pop("as"), {name: frozenset(rights) for name, rights in found.items()})
