"""A layer's plan as lines that people know from other tools: `+` creates, `~` changes, `+-` replaces, `-` deletes.

Pure: a plan in, lines with their colours out. Must never show more of a secret than the plan holds, which is a mask.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from tradai_operator.status.plans import stateless
from tradai_runner.plan.changes import Plan, PropertyChange, ResourceChange, in_order
from tradai_runner.plan.safeguards import UNKNOWN
from tradai_runner.state.checkpoint import SECRET

_SIGNS: Final = {
    "create": ("+", "green"),
    "update": ("~", "yellow"),
    "replace": ("+-", "magenta"),
    "delete": ("-", "red"),
}
_VALUE: Final = 120
_SECRET: Final = json.dumps(SECRET)
_UNKNOWN: Final = json.dumps(UNKNOWN)


@dataclass(frozen=True)
class Line:
    """One line; `colour` is a name that typer knows."""

    text: str
    colour: str | None = None
    bold: bool = False


def lines(plan: Plan, *, full: bool, deletes: bool = False) -> Iterator[Line]:
    """The whole plan, what is lost first; `full` has whole values, and every property of what comes and goes.

    `deletes`: it is the plan of a deletion.
    """
    summary = plan.summary()
    counts = {verb: getattr(summary, verb) for verb in _SIGNS}
    told = ", ".join(f"{count} to {verb}" for verb, count in counts.items() if count)
    none = f"nothing is taken, because {stateless([plan.layer])}" if deletes else "nothing changes in AWS"
    yield Line(f"{plan.layer} of {plan.environment}: {told or none}", bold=True)
    for change in in_order(plan.changes):
        yield from _resource(change, full=full)


def _resource(change: ResourceChange, *, full: bool) -> Iterator[Line]:
    sign, colour = _SIGNS[change.operation]
    lost = " (its data is lost)" if change.destroys and change.bears_data and not change.lowers else ""
    less = f" ({'; '.join(found.plain for found in change.lowers)})" if change.lowers else ""
    kept = " (it stays in AWS)" if change.operation == "delete" and not change.destroys else ""
    left = f" (leaving {change.leaves})" if change.leaves else ""
    first = " (protected: the protection is taken away first)" if change.protected else ""
    yield Line(f"  {sign:<2} {change.name}{lost}{less}{kept}{left}{first}", colour, bold=bool(lost or less))
    if full or change.operation in {"update", "replace"}:
        for found in change.properties:
            yield _property(found, full=full)


def _property(found: PropertyChange, *, full: bool) -> Line:
    forces = "   # forces replacement" if found.replaces else ""
    if found.old == found.new:
        secret = ", and is secret" if found.old == _SECRET else ""
        return Line(f"       ~ {found.path}: changes{secret}{forces}", "yellow")
    old, new = (None if value is None else _short(value, full=full) for value in (found.old, found.new))
    if old is None:
        return Line(f"       + {found.path}: {new}{forces}", "green")
    if new is None:
        return Line(f"       - {found.path}: {old}{forces}", "red")
    return Line(f"       ~ {found.path}: {old} → {new}{forces}", "yellow")


def _short(value: str, *, full: bool) -> str:
    if value == _UNKNOWN:
        return "known only afterwards"
    return value if full or len(value) <= _VALUE else f"{value[:_VALUE]}…"
