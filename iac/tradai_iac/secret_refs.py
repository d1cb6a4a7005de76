"""How a manifest names a secret: a key of a Secret in the resource's own namespace.

Must never hold a value: whoever runs a layer reads it.
"""

from collections.abc import Iterator
from typing import Annotated, Any, get_args

from pydantic import BaseModel, Field

from tradai_iac.base import Manifest, worded

SecretName = Annotated[
    str,
    worded(
        r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$",
        "write the name of a Secret in this resource's own namespace, like tradai-secrets",
        253,
    ),
]
SecretKey = Annotated[str, worded(r"^[A-Za-z0-9._-]+$", "write a key of that Secret, like database-url", 253)]


class SecretKeyRef(Manifest):
    """A key of a Secret in the resource's own namespace."""

    name: SecretName = Field(description="Name of the Secret, in this namespace.")
    key: SecretKey = Field(description="Key within the Secret.")


class SecretSource(Manifest):
    """Where the value of one secret comes from."""

    secret_ref: SecretKeyRef = Field(description="The Secret and key that hold the value.")


def secret_names_of(model: type[BaseModel]) -> Iterator[str]:
    """The names of all secrets that a layer's configuration may refer to."""
    for name, declared in model.model_fields.items():
        for each in _models(declared.annotation):
            if issubclass(each, SecretSource):
                yield declared.alias or name
            else:
                yield from secret_names_of(each)


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models that an annotation names, as it is or within a union, a list or a map."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)
