"""values.schema.json from the values: types from the defaults, descriptions from the comments, closed to other keys.

Must never describe what values.yaml does not.
"""

import json
from collections.abc import Iterable
from typing import Any, Final

from tools.chart.values import Value

_TYPES: Final = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}


def render(values: Iterable[Value]) -> str:
    """The file's whole text."""
    top = _object("Values of the chart tradai-operator.")
    for value in values:
        _put(top, value)
    # Helm hands these to the check as well, whatever a chart has.
    top["properties"]["global"] = {"type": "object", "description": "Values of a parent chart; none is read."}
    return json.dumps({"$schema": "http://json-schema.org/draft-07/schema#", **top}, indent=2) + "\n"


def _object(description: str) -> dict[str, Any]:
    return {"type": "object", "description": description, "additionalProperties": False, "properties": {}}


def _put(top: dict[str, Any], value: Value) -> None:
    node = top
    for depth, name in enumerate(value.path[:-1], 1):
        held = f"Values of {'.'.join(value.path[:depth])}."
        node = node["properties"].setdefault(name, _object(held))
    node["properties"][value.path[-1]] = {
        "type": _TYPES[type(value.default)],
        "description": value.description,
        "default": value.default,
        **value.bounds,
    }
