"""What other packages bring, by their entry points: an entry point names a value, or a sequence of rows of one type.

Must never go on without what cannot be loaded: whoever installed it means it.
"""

from collections.abc import Iterable
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Final, TypeVar

#: Groups of entry points, and what each names.
BLUEPRINTS: Final = "tradai.blueprints"
REPAIR_ROWS: Final = "tradai.repair_rows"
PROVIDER_ROWS: Final = "tradai.provider_rows"
FAILURE_SIGNS: Final = "tradai.failure_signs"

Row = TypeVar("Row")


class PlugInError(Exception):
    """A package brings something that cannot be used; the sentence names it, the package and what to do."""


def points_of(group: str) -> tuple[EntryPoint, ...]:
    """The entry points of a group, in the order of their names."""
    return tuple(sorted(entry_points(group=group), key=lambda point: point.name))


def origin(point: EntryPoint) -> str:
    """Where it comes from, for people."""
    return point.value + (f" of package {point.dist.name}" if point.dist else "")


def load(point: EntryPoint) -> Any:
    """What an entry point names; raises PlugInError."""
    try:
        return point.load()
    except Exception as error:  # whatever a plug-in raises is its own fault, and the sentence says whose
        why = f"{type(error).__name__}: {error}"
        raise PlugInError(f"{origin(point)} cannot be loaded: {why}; mend or uninstall it") from error


def rows(group: str, of: type[Row], points: Iterable[EntryPoint] | None = None) -> tuple[Row, ...]:
    """The rows that packages bring to a table; raises PlugInError for one that is of another type."""
    found: list[Row] = []
    for point in points_of(group) if points is None else points:
        brought = load(point)
        for row in brought if isinstance(brought, list | tuple) else (brought,):
            if not isinstance(row, of):
                raise PlugInError(
                    f"{origin(point)} has a {type(row).__name__}, not a {of.__name__}; mend or uninstall it"
                )
            found.append(row)
    return tuple(found)
