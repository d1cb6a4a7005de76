"""Reads values.yaml: each value with the comment above it, and what its `@schema` line says.

A value is a key whose comment begins with `# --`; keys without one only hold others. Must never guess at a description.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import yaml

_BEGINS: Final = "# -- "
_SCHEMA: Final = "# @schema "


class ValuesError(ValueError):
    """values.yaml says something that cannot be taken up; the message names the line."""


@dataclass(frozen=True)
class Value:
    """One value: `path` from the top, its default, what it is for, and what bounds it beside its type."""

    path: tuple[str, ...]
    default: Any
    description: str
    bounds: dict[str, Any]

    @property
    def name(self) -> str:
        """As people write it."""
        return ".".join(self.path)


def read(text: str) -> list[Value]:
    """Every value in the order of the file; raises ValuesError for one that nobody describes."""
    lines = text.splitlines()
    top = yaml.compose(text, Loader=yaml.SafeLoader)
    if not isinstance(top, yaml.MappingNode):
        raise ValuesError("values.yaml is no mapping")
    return list(_values(top, (), lines))


def _values(node: yaml.MappingNode, above: tuple[str, ...], lines: Sequence[str]) -> Iterator[Value]:
    for key, value in node.value:
        path = (*above, str(key.value))
        line = key.start_mark.line
        description, bounds = _comment(lines, line)
        if description:
            yield Value(path, _plain(value), description, bounds)
        elif isinstance(value, yaml.MappingNode) and value.value:
            yield from _values(value, path, lines)
        else:
            raise ValuesError(f"line {line + 1}: {'.'.join(path)} has no comment that begins with `{_BEGINS}`")


def _comment(lines: Sequence[str], line: int) -> tuple[str, dict[str, Any]]:
    """What stands above a line: the description, empty where there is none, and the bounds."""
    begin = line
    while begin and lines[begin - 1].lstrip().startswith("#"):
        begin -= 1
    said = [each.lstrip() for each in lines[begin:line]]
    starts = [index for index, each in enumerate(said) if each.startswith(_BEGINS)]
    if not starts:
        return "", {}
    own = said[starts[-1] :]
    bounds = [each.removeprefix(_SCHEMA) for each in own if each.startswith(_SCHEMA)]
    words = [each.removeprefix(_BEGINS).removeprefix("# ") for each in own if not each.startswith(_SCHEMA)]
    try:
        return " ".join(words), json.loads(bounds[0]) if bounds else {}
    except json.JSONDecodeError as error:
        raise ValuesError(f"above line {line + 1}: @schema is no JSON: {error}") from None


def _plain(node: yaml.Node) -> Any:
    return yaml.safe_load(yaml.serialize(node))
