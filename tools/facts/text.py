"""How a file of facts is written: sorted and compact, a fact to a line, so that a newer version reads as a difference.

Must never depend on anything but its argument.
"""

import json
from collections.abc import Mapping
from typing import Any


def text(content: Mapping[str, Any]) -> str:
    """JSON whose second level has a line for each entry."""
    parts = [f"{json.dumps(key)}:{_lines(value)}" for key, value in sorted(content.items())]
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _lines(value: Any) -> str:
    if not isinstance(value, Mapping):
        return _compact(value)
    return "{\n" + ",\n".join(f"{json.dumps(key)}:{_compact(entry)}" for key, entry in sorted(value.items())) + "\n}"


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), sort_keys=True)
