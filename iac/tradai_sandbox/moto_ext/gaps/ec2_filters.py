"""EC2: a filter with several values finds what has any of them, also where a resource has a list of such values.

Must never widen a filter beyond that.
"""

from typing import Any

from moto.ec2 import utils

from tradai_sandbox.moto_ext.gaps.patching import wrap


def repair() -> None:
    """Ask for one value after the other."""
    wrap(utils, is_filter_matching=_any)


def _any(original: Any) -> Any:
    def is_filter_matching(obj: Any, name: str, values: Any) -> bool:
        if not isinstance(values, list):
            return bool(original(obj, name, values))
        return any(original(obj, name, [value]) for value in values)

    return is_filter_matching
