"""Whether the definition that an API server has gives way to this program's, by the mark that every definition carries.

Pure. Must never let a definition go back: neither to an older version, nor to one that lacks a blueprint which the
served one knows, since environments of that blueprint would be invalid from then on.
"""

import json
import re
from collections.abc import Mapping
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final

from tradai_operator.model import keys

_RELEASE: Final = re.compile(r"(\d+(?:\.\d+)*)")
_DIGEST_LENGTH: Final = 16


class Standing(StrEnum):
    """How the served definition is beside ours; only what is MISSING, OLDER or CHANGED gives way."""

    MISSING = "missing"
    OLDER = "older"
    CHANGED = "changed"
    SAME = "same"
    NEWER = "newer"
    WIDER = "wider"
    UNREADABLE = "unreadable"


#: Of these, ours is applied.
GIVES_WAY: Final = frozenset({Standing.MISSING, Standing.OLDER, Standing.CHANGED})


def mark(version: str, spec: Mapping[str, Any]) -> str:
    """`<version of the program>/<digest of the definition>`: the value of the annotation."""
    text = json.dumps(spec, sort_keys=True, separators=(",", ":"))
    return f"{version}/{sha256(text.encode()).hexdigest()[:_DIGEST_LENGTH]}"


def standing(served: Mapping[str, Any] | None, ours: Mapping[str, Any]) -> Standing:
    """How `served` is beside `ours`; both are whole definitions."""
    if served is None:
        return Standing.MISSING
    has, wants = _mark_of(served), _mark_of(ours)
    if has == wants:
        return Standing.SAME
    if has and not _RELEASE.match(has):
        return Standing.UNREADABLE
    if has and _release(has) > _release(wants):
        return Standing.NEWER
    if missing_blueprints(served, ours):
        return Standing.WIDER
    return Standing.CHANGED if has and _release(has) == _release(wants) else Standing.OLDER


def missing_blueprints(served: Mapping[str, Any], ours: Mapping[str, Any]) -> list[str]:
    """The blueprints that the served definition knows and ours does not."""
    return sorted(_blueprints(served) - _blueprints(ours))


def _mark_of(definition: Mapping[str, Any]) -> str:
    """Empty for a definition that was made before there were marks."""
    annotations = definition.get("metadata", {}).get("annotations") or {}
    return str(annotations.get(keys.DEFINITION, ""))


def _release(text: str) -> tuple[int, ...]:
    """The numbers of a version; what is behind them (a candidate, a build) makes none newer."""
    found = _RELEASE.match(text)
    numbers = [int(number) for number in found[1].split(".")] if found else []
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def _blueprints(definition: Mapping[str, Any]) -> set[str]:
    found: set[str] = set()
    for version in definition.get("spec", {}).get("versions", []):
        node: Any = version.get("schema", {}).get("openAPIV3Schema", {})
        for name in ("spec", "blueprint"):
            node = node.get("properties", {}).get(name, {})
        found |= set(node.get("enum", []))
    return found
