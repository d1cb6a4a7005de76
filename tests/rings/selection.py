"""Which tests a call plays: by ring, by slice, without what has passed. Pure.

Must never take a test that is not of the ring that was asked for.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from tests.rings.budget import Budget, cost
from tests.rings.slices import makespan, slices
from tests.rings.table import Ring, Table

#: What each word of `--ring` takes of the innermost rings; `test` adds a slice of the deep one.
TAKES = {
    "check": frozenset({Ring.CHECK}),
    "core": frozenset({Ring.CORE}),
    "test": frozenset({Ring.CHECK, Ring.CORE}),
    "deep": frozenset(Ring),
}


@dataclass(frozen=True)
class Slice:
    """One of `of` slices of the deep ring: its tests, and the minutes that it should take."""

    number: int
    of: int
    tests: frozenset[str]
    minutes: float

    def __str__(self) -> str:
        return (
            f"slice {self.number} of {self.of} of the deep ring, {len(self.tests)} tests, about {self.minutes:.1f} min "
            f"(by itself: `just deep --slice {self.number}`)"
        )


def in_rings(nodeids: Sequence[str], word: str, table: Table) -> set[str]:
    """The tests of `--ring word`, slice left out."""
    return {nodeid for nodeid in nodeids if table.ring(nodeid) in TAKES[word]}


def slice_of(nodeids: Sequence[str], turn: int, table: Table, budget: Budget) -> Slice:
    """The slice whose turn it is: commit by commit, one after another."""
    deep = [nodeid for nodeid in nodeids if table.ring(nodeid) is Ring.DEEP]
    cut = slices({table.unit(nodeid) for nodeid in deep}, budget)
    number = turn % len(cut)
    minutes = makespan([cost(unit, budget) for unit in cut[number]]) / 60
    return Slice(number, len(cut), frozenset(n for n in deep if table.unit(n) in cut[number]), minutes)


def passed(nodeids: Sequence[str], good: Collection[str], table: Table) -> set[str]:
    """The tests that need not be played again: those of units of which every test is good."""
    tests: dict[str, list[str]] = {}
    for nodeid in nodeids:
        tests.setdefault(table.unit(nodeid), []).append(nodeid)
    return {nodeid for of in tests.values() if all(each in good for each in of) for nodeid in of}
