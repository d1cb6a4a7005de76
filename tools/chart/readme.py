"""The chart's README: README.md.in with the table of values in it.

Must never say of a value what its comment does not.
"""

import json
from collections.abc import Iterable
from typing import Any, Final

from tools.chart.place import CHART
from tools.chart.values import Value

SOURCE: Final = CHART / "README.md.in"
_TABLE: Final = "<!-- values -->"
_HEADER: Final = "<!-- Generated from values.yaml and README.md.in: change those, then run `just generate`. -->\n"


def render(values: Iterable[Value]) -> str:
    """The file's whole text."""
    rows = [f"| `{each.name}` | `{_text(each.default)}` | {_cell(each.description)} |" for each in values]
    table = "\n".join(["| value | default | what it is for |", "|---|---|---|", *rows])
    return _HEADER + SOURCE.read_text().replace(_TABLE, table)


def _text(value: Any) -> str:
    return _cell(json.dumps(value, ensure_ascii=False))


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
