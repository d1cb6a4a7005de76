"""What differs between two sets of inputs, leaf by leaf, as JSON texts that people can read.

Pure. Must never show what the engine has not masked: values come in as its events have them.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from tradai_runner.journal.mask import Mask, masked
from tradai_runner.plan.safeguards import UNKNOWN

#: What the engine writes for a value that only the update will know.
_ENGINE_UNKNOWN: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
ABSENT: Final = object()


def differences(old: Any, new: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """(path, old, new) of every leaf that differs; documents inside a text (policies) are looked into."""
    old, new = _document(old, new), _document(new, old)
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in sorted({*old, *new}):
            inner = f"{path}.{key}" if path else key
            yield from differences(old.get(key, ABSENT), new.get(key, ABSENT), inner)
    elif isinstance(old, list) and isinstance(new, list):
        for index in range(max(len(old), len(new))):
            yield from differences(_at(old, index), _at(new, index), f"{path}[{index}]")
    elif old != new:
        yield path, old, new


def _at(items: list[Any], index: int) -> Any:
    return items[index] if index < len(items) else ABSENT


def _document(value: Any, other: Any) -> Any:
    """A JSON document that is compared with another one, opened; any other value as it is."""
    if not (_looks_like_json(value) and _looks_like_json(other)):
        return value
    try:
        json.loads(other)
        return json.loads(value)
    except ValueError:
        return value


def _looks_like_json(value: Any) -> bool:
    return isinstance(value, str) and value[:1] in {"{", "["}


def text(value: Any, mask: Mask = str) -> str | None:
    """A value as JSON text, None where it is absent; `mask` takes out what nobody has marked as secret."""
    return None if value is ABSENT else json.dumps(masked(known(value), mask), sort_keys=True, ensure_ascii=False)


def known(value: Any) -> Any:
    """A value with `UNKNOWN` wherever the engine knows nothing yet."""
    if isinstance(value, Mapping):
        return {key: known(item) for key, item in value.items()}
    if isinstance(value, list):
        return [known(item) for item in value]
    return UNKNOWN if value == _ENGINE_UNKNOWN else value
