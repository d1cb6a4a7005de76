"""What AWS's own schema of a resource type says that a value may be, and which of them are for good.

Must never keep what says nothing of a value (descriptions, rights, links): a newer version is to read as a difference.
"""

from typing import Any, Final

from tools.facts.sources import SCHEMAS
from tools.facts.types import TYPES

#: Which region's schemas; they differ by region in what is offered, hardly in what a value may be.
_REGION: Final = "eu-central-1"
#: What bounds a value, as JSON schemas say it.
_BOUNDS: Final = (
    "$ref",
    "enum",
    "format",
    "maxItems",
    "maxLength",
    "maximum",
    "minItems",
    "minLength",
    "minimum",
    "pattern",
)
_NAMED: Final = ("properties", "definitions")
_CHOICES: Final = ("allOf", "anyOf", "oneOf")


def schemas() -> dict[str, Any]:
    """CloudFormation's type → `shape`, the reduced schema; `forGood`, what never changes in place; `sometimes`, what
    does not under a condition that the schema does not tell. Raises LookupError for a type that the package lacks."""
    return {type_: _facts(schema(type_)) for type_ in sorted(set(TYPES.values()))}


def schema(type_: str) -> Any:
    """The whole schema of a type; raises LookupError."""
    places = SCHEMAS.read("providers", f"{_REGION}.json")
    if type_ not in places:
        raise LookupError(f"{SCHEMAS.package} has no schema of {type_}")
    return SCHEMAS.read("resources", f"{places[type_]}.json")


def _facts(found: Any) -> dict[str, Any]:
    return {
        "shape": reduced(found),
        "forGood": _paths(found.get("createOnlyProperties", [])),
        "sometimes": _paths(found.get("conditionalCreateOnlyProperties", [])),
    }


def _paths(pointers: list[str]) -> list[str]:
    return sorted(pointer.removeprefix("/properties/") for pointer in pointers)


def reduced(found: Any) -> Any:
    """A schema, or a part of one, with nothing but names and bounds."""
    bounds = {key: found[key] for key in _BOUNDS if key in found}
    named = {key: {name: reduced(part) for name, part in found[key].items()} for key in _NAMED if found.get(key)}
    choices = {key: parts for key in _CHOICES if (parts := _choices(found.get(key, [])))}
    items = {"items": reduced(found["items"])} if "items" in found else {}
    return {**bounds, **named, **choices, **items}


def _choices(parts: list[Any]) -> list[Any]:
    """Those that bound anything; of what must only be there together nothing is left."""
    return [part for part in map(reduced, parts) if part]
