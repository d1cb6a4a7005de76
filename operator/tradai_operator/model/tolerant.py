"""Reads what another version wrote: whatever does not validate is left out, the rest is kept.

Must never be used for a spec: there a person must hear of every mistake.
"""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

Model = TypeVar("Model", bound=BaseModel)


def tolerate(model: type[Model], raw: Mapping[str, Any]) -> Model:
    """`raw` as `model`, without the parts that do not validate; the model must be valid when empty."""
    try:
        return model.model_validate(raw)
    except ValidationError:
        value = deepcopy(dict(raw))
    while True:
        try:
            return model.model_validate(value)
        except ValidationError as error:
            first = error.errors()[0]
            _remove(value, first["loc"][:-1] if first["type"] == "missing" else first["loc"])


def _remove(value: Any, path: Sequence[int | str]) -> None:
    """Removes what `path` names, or the deepest part of it that can be reached."""
    *parents, last = path
    if not parents:
        del value[last]
        return
    inner = value[parents[0]]
    below = path[1:]
    if isinstance(inner, dict | list) and _reaches(inner, below[0]):
        _remove(inner, below)
    else:
        del value[parents[0]]


def _reaches(value: dict[str, Any] | list[Any], key: int | str) -> bool:
    return key in value if isinstance(value, dict) else isinstance(key, int) and key < len(value)
