"""Which rights the handlers of a resource type need, as AWS's own schema of the type says.

Must never hold a type's schema whole: only its handlers' permissions are of use here.
"""

from typing import Any

from tools.facts.schemas import schema
from tools.facts.types import TYPES


def handlers() -> dict[str, Any]:
    """Type of Pulumi's → `as` (CloudFormation's type) and its handlers' permissions; raises LookupError."""
    return {pulumi: {"as": type_, **_permissions(type_)} for pulumi, type_ in TYPES.items()}


def _permissions(type_: str) -> dict[str, list[str]]:
    handlers = schema(type_)["handlers"].items()
    return {name: sorted(set(handler["permissions"])) for name, handler in handlers}
