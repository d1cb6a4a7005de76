"""AWS's schemas of resource types, reduced to what a value may be, and how Pulumi's names find their places in them.

Must never judge a value: `tests.facts.bounds` does.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from tests.facts.names import NAMES

SCHEMAS: Final = Path(__file__).parent / "schemas.json"


@dataclass(frozen=True)
class Schema:
    """One type of CloudFormation's: `shape` is a JSON schema of nothing but names and bounds, `for_good` what never
    changes in place, `sometimes` what does not under a condition that the schema does not tell."""

    type: str
    shape: Mapping[str, Any]
    for_good: frozenset[str]
    sometimes: frozenset[str]

    def resolved(self, part: Mapping[str, Any]) -> Mapping[str, Any]:
        """A part, or what it refers to; raises KeyError for a definition that is not there."""
        while "$ref" in part:
            part = self.shape["definitions"][part["$ref"].rpartition("/")[2]]
        return part

    def named(self, part: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
        """The members of an object, those of its alternatives included."""
        part = self.resolved(part)
        found: dict[str, Mapping[str, Any]] = {}
        for choice in (each for key in ("allOf", "anyOf", "oneOf") for each in part.get(key, ())):
            found.update(self.named(choice))
        return {**found, **part.get("properties", {})}


@cache
def schemas() -> Mapping[str, Schema]:
    """CloudFormation's type → its schema."""
    types: dict[str, Any] = json.loads(SCHEMAS.read_text(encoding="utf-8"))["types"]
    return {
        type_: Schema(type_, found["shape"], frozenset(found["forGood"]), frozenset(found["sometimes"]))
        for type_, found in types.items()
    }


def place(type_: str, path: str, members: Mapping[str, Any]) -> str | None:
    """The member that a property of Pulumi's is (`path` is its way within the type, as `rule/name`), if there is one.

    A name is found whatever its case, and in singular for plural, as Pulumi spells lists; else by its row in `NAMES`.
    """
    if path in NAMES.get(type_, {}):
        return NAMES[type_][path]
    name = path.rpartition("/")[2]
    spelled = {plain(member): member for member in members}
    tries = (plain(name), plain(name).removesuffix("s"), f"{plain(name)}s", re.sub("ies$", "y", plain(name)))
    return next((spelled[each] for each in tries if each in spelled), None)


def plain(name: str) -> str:
    """A name without case and signs: `DBInstanceIdentifier` and `dbInstanceIdentifier` are one."""
    return re.sub("[^a-z0-9]", "", name.lower())
