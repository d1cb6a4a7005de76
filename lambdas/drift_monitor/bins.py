"""Bins of a column, as its reference window makes them, and what a window counts in them.

A column is of numbers where all its values in the reference are some, else of categories. Bins are made of the
reference alone, are open at both ends, and have one for what is missing. Must never make a bin of the live window.
"""

import math
from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from typing import Final

#: Numbers fall into tenths of the reference.
TENTHS: Final = 10
#: Numbers of so few values are categories: flags, codes, counts.
FEW: Final = 20
#: A category is rare below this share of the reference; all rare ones are one bin.
RARE: Final = 0.01
#: Texts of more values than that are no categories: names, notes.
MANY: Final = 1000


class Bins:
    """Where a value falls: `size` bins, the last of which is for what is missing.

    Of numbers where there are no `labels`; `edges` are where bins begin. Of categories each of `labels` has a bin, and
    all rare ones have one together.
    """

    def __init__(self, edges: Sequence[float] = (), labels: Sequence[str] = ()) -> None:
        self.edges, self.labels = tuple(edges), {label: at for at, label in enumerate(labels)}
        self.numeric = not labels
        self.size = max(len(self.edges), len(self.labels)) + 2

    def place(self, text: str, value: float | None) -> int:
        """The bin of one cell, as `read` has it."""
        if self.numeric:
            return self.size - 1 if value is None else bisect_right(self.edges, value)
        return self.labels.get(text, self.size - 2) if text else self.size - 1


class Column:
    """One column of a window: what is counted in bins, and its numbers where it is of numbers."""

    def __init__(self, bins: Bins) -> None:
        self.bins, self.counts, self.numbers = bins, [0] * bins.size, array("d")

    def add(self, cell: str) -> None:
        """Count one cell."""
        text, value = read(cell)
        self.counts[self.bins.place(text, value)] += 1
        if self.bins.numeric and value is not None:
            self.numbers.append(value)


class Learner:
    """A column of the reference while it is read."""

    def __init__(self) -> None:
        self._numbers, self._labels, self._texts, self._missing = array("d"), Counter[str](), 0, 0

    def add(self, cell: str) -> None:
        """Take in one cell."""
        text, value = read(cell)
        self._missing += not text
        if value is not None:
            self._numbers.append(value)
        elif text:
            self._texts += 1
        if text and len(self._labels) <= MANY:
            self._labels[text] += 1

    def learnt(self) -> Column | None:
        """The reference as a column of its own bins; None where it is neither of numbers nor of categories."""
        if self._texts == 0 and len(self._labels) > FEW:
            return self._of_numbers()
        return None if len(self._labels) > MANY else self._of_categories()

    def _of_numbers(self) -> Column:
        column = Column(Bins(edges=edges(sorted(self._numbers))))
        for value in self._numbers:
            column.counts[bisect_right(column.bins.edges, value)] += 1
        column.counts[-1] = self._missing
        column.numbers = self._numbers
        return column

    def _of_categories(self) -> Column | None:
        total = self._labels.total()
        common = sorted(name for name, count in self._labels.items() if count >= RARE * total)
        if not common:
            return None
        column = Column(Bins(labels=common))
        column.counts[: len(common)] = [self._labels[name] for name in common]
        column.counts[-2:] = [total - sum(column.counts), self._missing]
        return column


def edges(values: Sequence[float]) -> list[float]:
    """Where tenths of ascending values begin, each once; a heap of equal values is in one of them."""
    tenths = {values[len(values) * tenth // TENTHS] for tenth in range(1, TENTHS)} - {values[0]}
    return sorted(tenths) or [next(value for value in values if value > values[0])]


def read(cell: str) -> tuple[str, float | None]:
    """A cell as a category's name, empty where it is missing, and as a number: `1`, `1.0` and `1e0` are one."""
    text = cell.strip()
    try:
        value = float(text)
    except ValueError:
        return text, None
    return (repr(value + 0.0), value) if math.isfinite(value) else ("", None)
