"""What the API server itself holds: CEL rules with sentences, attached to the fields of the models.

Must never hold a rule on the resource's root: it would block status patches and the release of the finalizer.
"""

from typing import Any, Final

VALIDATIONS: Final = "x-kubernetes-validations"


def rule(cel: str, message: str, field: str | None = None) -> dict[str, str]:
    """One CEL rule; `field` says which field below the rule's own place is to blame."""
    return {"rule": cel, "message": message, **({"fieldPath": field} if field else {})}


def schema(*rules: dict[str, str], **more: Any) -> dict[str, Any]:
    """What pydantic adds to a field's JSON schema so that the rules get into the CRD."""
    return {**more, VALIDATIONS: list(rules)}


def immutable(what: str) -> dict[str, str]:
    """A required field that never changes; on an optional one, removing it first would get round this."""
    return rule("self == oldSelf", _never(what))


def immutable_option(field: str) -> dict[str, str]:
    """The same of an optional field, for the object that it is in: it neither changes nor comes nor goes."""
    same = f"has(self.{field}) == has(oldSelf.{field}) && (!has(self.{field}) || self.{field} == oldSelf.{field})"
    return rule(same, _never(field), f".{field}")


def _never(what: str) -> str:
    return (
        f"{what} can never change: the AWS resources and their state are bound to it; set it back, "
        "or make another TradaiEnvironment and delete this one"
    )
