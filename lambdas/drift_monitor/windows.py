"""Windows of a model as objects of the results bucket: where they lie, and what is read of them.

    monitoring/{model}/{version}/reference.csv.gz            what the version was trained on, by its training task
    monitoring/{model}/{version}/live/{day}/{writer}.csv.gz  what it saw and said on a day (UTC), by one container

A window is a CSV with a header and a line a prediction. A column whose name is `prediction`, or begins with
`prediction_`, is what the model said, each other one a feature. Must never guess at a line that does not fit its
header.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Final, Protocol

from drift_monitor.bins import Column, Learner
from drift_monitor.packed import MalformedError, counted, table, unpacked

#: Of a window so many lines are looked at: what the function's memory and time hold with room to spare.
ROWS: Final = 20_000
#: The live window: so many days, today with them.
DAYS: Final = 14
_NAMED: Final = 20


class Adds(Protocol):
    """What takes the cells of a column in."""

    def add(self, cell: str) -> None:
        """Take in one cell."""


@dataclass
class Window:
    """What was read of a window: columns by their names; `unclear` are those that no bins can be made of.

    `skipped` says which objects were left out and why, `strange` which columns the reference does not have.
    """

    rows: int = 0
    columns: dict[str, Column] = field(default_factory=dict)
    unclear: list[str] = field(default_factory=list)
    strange: set[str] = field(default_factory=set)
    skipped: list[str] = field(default_factory=list)
    first_day: str = ""
    last_day: str = ""


def reference_key(model: str, version: str) -> str:
    """The reference window."""
    return f"monitoring/{model}/{version}/reference.csv.gz"


def live_prefix(model: str, version: str) -> str:
    """What the keys of live windows begin with."""
    return f"monitoring/{model}/{version}/live/"


def first_day(at: datetime) -> str:
    """The first day of the live window."""
    return (at - timedelta(days=DAYS - 1)).date().isoformat()


def day_of(key: str) -> str:
    """The day of a live window."""
    return key.rsplit("/live/", 1)[-1].split("/", 1)[0]


def reference(packed: bytes) -> Window:
    """The reference window; raises MalformedError."""
    data = unpacked(packed)
    rows = counted(data)
    if rows > ROWS:
        raise MalformedError(f"it has {rows} lines, at most {ROWS} are looked at: write a sample of them")
    header, lines = table(data)
    learners = {name: Learner() for name in header}
    _into(header, lines, learners)
    learnt = {name: learner.learnt() for name, learner in learners.items()}
    columns = {name: column for name, column in learnt.items() if column}
    return Window(rows=rows, columns=columns, unclear=[name for name in header if name not in columns])


def live(known: Window, objects: Iterable[tuple[str, bytes]]) -> Window:
    """The live window in the bins of the reference, from its objects, those of the newest day first.

    An object that is malformed is left out whole, and named: a container may have died while it wrote.
    """
    window = Window(columns={name: Column(column.bins) for name, column in known.columns.items()})
    for key, packed in objects:
        try:
            data = unpacked(packed)
            counted(data)
        except MalformedError as error:
            window.skipped = [*window.skipped, f"{key}: {error}"][:_NAMED]
            continue
        header, lines = table(data)
        window.rows += _into(header, islice(lines, ROWS - window.rows), window.columns)
        window.strange.update(name for name in header if name not in known.columns and name not in known.unclear)
        window.first_day, window.last_day = day_of(key), window.last_day or day_of(key)
        if window.rows >= ROWS:
            break
    return window


def _into(header: Sequence[str], lines: Iterator[list[str]], columns: Mapping[str, Adds]) -> int:
    """Take lines into the columns that are known; says how many."""
    takers = [(at, columns[name].add) for at, name in enumerate(header) if name in columns]
    taken = 0
    for line in lines:
        for at, add in takers:
            add(line[at])
        taken += 1
    return taken
