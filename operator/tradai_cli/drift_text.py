"""A report of drift as lines that people know from other tools: `-` is missing, `+` nothing declares, `~` differs.

Pure: a report, or a status, in, lines with their colours out. Must never show more of a secret than the report holds,
which is a mask.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

from tradai_cli.plan_text import Line
from tradai_operator.model import EnvironmentStatus
from tradai_operator.status.drift import drift_of
from tradai_runner.drift.report import DriftReport, PropertyDrift, ResourceDrift

_SIGNS: Final = {"missing": ("-", "red"), "unexpected": ("+", "green"), "changed": ("~", "yellow")}
_SAYS: Final = {"unexpected": " (nothing declares it)", "changed": ""}
_VALUE: Final = 120


def lines(report: DriftReport, *, full: bool) -> Iterator[Line]:
    """The whole report, what is missing first and what is ignored last; `full` has whole values."""
    summary = report.summary()
    counts = {kind: getattr(summary, kind) for kind in (*_SIGNS, "ignored")}
    told = ", ".join(f"{count} {kind}" for kind, count in counts.items() if count)
    when = f"{datetime.fromtimestamp(report.checked_at, UTC):%Y-%m-%d %H:%M} UTC"
    yield Line(f"{report.layer} of {report.environment}: {told or 'as declared'} (looked at {when})", bold=True)
    for found in sorted(report.resources, key=lambda found: not found.counts):
        yield from _resource(found, full=full)


def progress(status: EnvironmentStatus, layers: Sequence[str], request: str) -> Iterator[str]:
    """How far the looks are that `request` asks for, a line a layer; a layer that is not Ready is not looked at."""
    for name in layers:
        known, layer = drift_of(status, name), status.layer(name)
        if known.request == request:
            yield f"{name}: looked at"
        elif known.run:
            yield f"{name}: is being looked at"
        elif layer.state != "Ready":
            yield f"{name}: is not looked at while it is {layer.state}"
        else:
            yield f"{name}: waits for its look"


def _resource(found: ResourceDrift, *, full: bool) -> Iterator[Line]:
    sign, colour = _SIGNS[found.kind]
    says = _SAYS.get(found.kind, " (gone from AWS)" if found.in_state else " (not in the state)")
    replaces = " (putting it back replaces it)" if found.replaces else ""
    if not found.counts and found.ignored:
        yield Line(f"    {found.name}{says}: ignored, {found.ignored}", "bright_black")
        return
    yield Line(f"  {sign} {found.name}{says}{replaces}", colour if found.counts else "bright_black")
    for item in found.properties:
        yield _property(item, full=full)


def _property(item: PropertyDrift, *, full: bool) -> Line:
    ignored = f"   # ignored, {item.ignored}" if item.ignored else ""
    expected, found = (_short(value, full=full) for value in (item.expected, item.found))
    return Line(f"      {item.path}: {expected} → {found}{ignored}", "bright_black" if ignored else "yellow")


def _short(value: str | None, *, full: bool) -> str:
    text = "absent" if value is None else value
    return text if full or len(text) <= _VALUE else f"{text[:_VALUE]}…"
