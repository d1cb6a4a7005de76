"""The value that a preview cannot know yet.

Must never be compared by equality with anything but itself, nor reach AWS.
"""

from typing import Any, Final


class _Unknown:
    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = _Unknown()


def has_unknown(value: Any) -> bool:
    """Whether a value is, or holds anywhere, something not known yet."""
    if isinstance(value, dict):
        return any(has_unknown(v) for v in value.values())
    if isinstance(value, list):
        return any(has_unknown(v) for v in value)
    return value is UNKNOWN
