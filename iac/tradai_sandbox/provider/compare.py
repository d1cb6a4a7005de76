"""Whether what AWS has is what the program wants, and how the two are laid over each other.

Pure. The program may say less than AWS knows: what it does not mention is no difference. Must never hide a
difference in something that the program does mention.
"""

from collections.abc import Mapping
from typing import Any

from tradai_sandbox.provider.props import Prop
from tradai_sandbox.provider.unknown import UNKNOWN


def is_empty(value: Any) -> bool:
    """Whether a value says no more than its absence: None, False, "", [], and a map of such; but no number."""
    if isinstance(value, Mapping):
        return all(is_empty(item) for item in value.values())
    return value is None or value is False or value == "" or value == []


def same(prop: Prop | None, actual: Any, wanted: Any) -> bool:
    """Whether `actual`, as AWS has it, fulfils `wanted`, as the program has it."""
    if actual is UNKNOWN or wanted is UNKNOWN:
        return actual is wanted
    telling = prop is not None and prop.telling
    if is_empty(actual) and is_empty(wanted) and not telling:
        return True
    if prop is not None and prop.same is not None:
        return not is_empty(actual) and not is_empty(wanted) and prop.same(actual, wanted)
    return covers(actual, wanted, ordered=prop is not None and prop.ordered, telling=telling)


def covers(actual: Any, wanted: Any, *, ordered: bool = False, telling: bool = False) -> bool:
    """Structural comparison: maps may have more in `actual`, lists have as many items in any order.

    `telling`: an empty map in `wanted` demands that `actual` has a map there, too.
    """
    if isinstance(wanted, Mapping) and isinstance(actual, Mapping) and wanted:
        return all(covers(actual.get(k), v, telling=telling) for k, v in wanted.items())
    if telling and isinstance(wanted, Mapping):
        return isinstance(actual, Mapping)
    if is_empty(wanted):
        return is_empty(actual) or wanted is None
    if isinstance(wanted, list):
        return isinstance(actual, list) and _lists_match(actual, wanted, ordered, telling)
    return _text(actual) == _text(wanted)


def overlay(actual: Any, wanted: Any, *, telling: bool = False) -> Any:
    """`actual` in the program's spelling and order, with what only AWS knows kept; assumes `covers`."""
    if isinstance(wanted, Mapping) and isinstance(actual, Mapping):
        return {**actual, **{k: overlay(actual.get(k), v, telling=telling) for k, v in wanted.items()}}
    if isinstance(wanted, list) and isinstance(actual, list):
        found = _pair_up(actual, wanted, telling)
        pairs = None if found is None else zip(found, wanted, strict=True)
        return wanted if pairs is None else [overlay(a, w, telling=telling) for a, w in pairs]
    return wanted


def _lists_match(actual: list[Any], wanted: list[Any], ordered: bool, telling: bool) -> bool:
    if len(actual) != len(wanted):
        return False
    if ordered:
        return all(covers(a, w, telling=telling) for a, w in zip(actual, wanted, strict=True))
    return _pair_up(actual, wanted, telling) is not None


def _pair_up(actual: list[Any], wanted: list[Any], telling: bool) -> list[Any] | None:
    """The items of `actual` in the order of `wanted`, or None where one finds no partner."""
    rest, found = list(actual), []
    for want in wanted:
        at = next((i for i, item in enumerate(rest) if covers(item, want, telling=telling)), None)
        if at is None:
            return None
        found.append(rest.pop(at))
    return found


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
