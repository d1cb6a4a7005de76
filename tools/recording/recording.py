"""A recording: type → operation → call → the rights that it needs, and where it is from.

Must never say that a recording is of an account unless every call of it went to AWS itself.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import Field

from tools.facts.text import text
from tradai_iac.base import Frozen

#: Call → actions; None where our tables know no right of that name.
Rights = tuple[str, ...] | None
Types = Mapping[str, Mapping[str, Mapping[str, Rights]]]
LINES: Final = "*.jsonl"


class Origin(Frozen):
    """`account`: every call went to AWS itself; `sandbox`: one did not, and nothing of it is a fact about AWS."""

    kind: Literal["account", "sandbox"]
    provider: str
    written: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$")


class Recording(Frozen):
    """As its file has it."""

    origin: Origin = Field(alias="from")
    types: Types

    @property
    def rows(self) -> Iterator[tuple[str, str, str, Rights]]:
        """Type, operation, call and its rights."""
        for type_, operations in self.types.items():
            for operation, calls in operations.items():
                for call, rights in calls.items():
                    yield type_, operation, call, rights

    def write(self, path: Path) -> None:
        """Sorted, a type to a line, so that the next one reads as a difference."""
        path.write_text(text(self.model_dump(by_alias=True, mode="json")), encoding="utf-8")


def read(path: Path) -> Recording:
    """Raises ValueError for a file that is none."""
    return Recording.model_validate_json(path.read_text(encoding="utf-8"))


def collected(folder: Path) -> Recording:
    """What the plug-ins of a play have written there; raises LookupError where nothing was heard."""
    lines = [json.loads(line) for file in sorted(folder.glob(LINES)) for line in file.read_text("utf-8").splitlines()]
    heard = [line for line in lines if "call" in line]
    versions = sorted({line["provider"] for line in lines if "provider" in line})
    if not heard:
        raise LookupError(f"no call was heard: nothing in {folder} was reached by the engine")
    kind = "account" if all(line["real"] for line in heard) else "sandbox"
    origin = Origin(kind=kind, provider=", ".join(versions), written=f"{datetime.now(UTC):%Y-%m-%d}")
    return Recording.model_validate({"from": origin, "types": _types(heard)})


def _types(heard: Iterable[Mapping[str, Any]]) -> Types:
    """A call whose right is unknown once is unknown."""
    found: dict[str, dict[str, dict[str, Rights]]] = defaultdict(lambda: defaultdict(dict))
    for line in heard:
        calls = found[line["type"]][line["operation"]]
        known, more = calls.get(line["call"], ()), line["rights"]
        calls[line["call"]] = None if known is None or more is None else tuple(sorted({*known, *more}))
    return found
