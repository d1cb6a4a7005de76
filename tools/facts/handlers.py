"""Which rights the handlers of a resource type need, as AWS's own schema of the type says.

Must never hold a type's schema whole: only its handlers' permissions are of use here.
"""

from typing import Any

from tools.facts.sources import SCHEMAS
from tools.facts.types import TYPES

#: Which region's schemas; the handlers of a type are the same in all that have it.
_REGION = "eu-central-1"


def handlers() -> dict[str, Any]:
    """Type of Pulumi's → `as` (CloudFormation's type) and its handlers' permissions; raises LookupError."""
    return {pulumi: {"as": type_, **_permissions(type_)} for pulumi, type_ in TYPES.items()}


def _permissions(type_: str) -> dict[str, list[str]]:
    places = SCHEMAS.read("providers", f"{_REGION}.json")
    if type_ not in places:
        raise LookupError(f"{SCHEMAS.package} has no schema of {type_}")
    schema = SCHEMAS.read("resources", f"{places[type_]}.json")
    return {name: sorted(set(handler["permissions"])) for name, handler in schema["handlers"].items()}
