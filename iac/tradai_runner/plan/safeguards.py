"""Whether a change keeps less than before: two sets of a resource's inputs, held against the blueprint's safeguards.

Pure. What cannot be compared counts as lowered: unknown is not unchanged. Must never show a value that is no number.
"""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from math import isinf
from typing import Any, Final

from pydantic import ConfigDict

from tradai_iac.base import Value
from tradai_iac.safeguards import Safeguard

#: What a person reads instead of a value that only the update will know.
UNKNOWN: Final = "[unknown]"
_ON: Final = (True, "true", "ACTIVE", "Enabled")
#: By what the items of a list are told apart, whatever their order.
_NAMES: Final = ("id", "name", "rulePriority")
#: What the bridge to a Terraform provider notes for itself.
_NOTES: Final = "__defaults"


class Lowered(Value):
    """One property that keeps less: `lowers` retentionInDays `90 → 7`, `switches off` deletionProtection."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    how: str
    path: str
    values: str = ""

    @property
    def plain(self) -> str:
        """`keeps less: retentionInDays 90 → 7`, beside the resource's name."""
        return f"keeps less: {self.path} {self.values}" if self.values else f"{self.how} {self.path}"

    def of(self, name: str) -> str:
        """The same as a sentence about a resource."""
        return f"{self.how} {self.path} of {name}" + (f": {self.values}" if self.values else "")


def lowered(
    safeguards: Iterable[Safeguard],
    type_: str,
    operation: str,
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    made: Collection[tuple[str, str]] = (),
) -> tuple[Lowered, ...]:
    """Every property that keeps less, of an update and of what is made to rule over something that stands.

    `made` are type and texts of what the same plan creates: to rule over that loses nothing.
    """
    lines = [line for line in safeguards if line.type == type_ and _concerns(line, operation, new, made)]
    if not lines:
        return ()
    before, after = dict(_leaves(old)), dict(_leaves(new))
    return tuple(found for line in lines for found in _of(line, before, after))


def _concerns(line: Safeguard, operation: str, new: Mapping[str, Any], made: Collection[tuple[str, str]]) -> bool:
    """What a new one rules over stands unless its name is not known yet, or the plan makes something of that name."""
    if operation != "create" or line.rules is None:
        return operation == "update"
    named, type_ = line.rules
    return new.get(named) not in {None, UNKNOWN} and (type_, new[named]) not in made


def _of(line: Safeguard, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Lowered]:
    pattern = re.compile(re.escape(line.property).replace(r"\[\*\]", r"\[[^]]*\]"))
    judge = _switched if line.lowered in {"off", "on"} else _shortened
    for path in sorted(path for path in {*before, *after} if pattern.fullmatch(path)):
        was, will = before.get(path), after.get(path)
        if was != will and (found := judge(line, path, was, will)):
            yield found


def _switched(line: Safeguard, path: str, was: Any, will: Any) -> Lowered | None:
    bad = line.lowered == "on"
    turned = _is_on(line, was) is not bad and _is_on(line, will) is bad
    return Lowered(how=f"switches {line.lowered}", path=path) if turned else None


def _is_on(line: Safeguard, value: Any) -> bool:
    return bool(line.unset) if value is None else value in _ON


def _shortened(line: Safeguard, path: str, was: Any, will: Any) -> Lowered | None:
    old, new = _number(line, was), _number(line, will)
    if old is not None and new is not None and new >= old:
        return None
    return Lowered(how="lowers", path=path, values=f"{_told(old)} → {_told(new)}")


def _number(line: Safeguard, value: Any) -> float | None:
    """None where it cannot be told."""
    if value is None or (value == 0 and line.lowered == "sooner"):
        return float(line.unset)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _told(value: float | None) -> str:
    if value is None:
        return "unknown"
    return "never" if isinf(value) else f"{value:.15g}"


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """(path, value) of everything that is no list and no map; documents inside a text are looked into."""
    value = _document(value)
    if isinstance(value, Mapping):
        for key, item in value.items():
            if key != _NOTES:
                yield from _leaves(item, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _leaves(item, f"{path}[{_name(item, index)}]")
    else:
        yield path, value


def _name(item: Any, index: int) -> Any:
    named = item if isinstance(item, Mapping) else {}
    found = next((named[key] for key in _NAMES if isinstance(named.get(key), str | int | float)), index)
    return f"{found:g}" if isinstance(found, float) else found


def _document(value: Any) -> Any:
    if not (isinstance(value, str) and value[:1] in {"{", "["}):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value
