"""What the live environments say to each row of the documents' tables."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.documents.checks import ENVIRONMENTS, load_checks
from tests.documents.live import Live
from tests.documents.readback import Reading, readings
from tests.documents.transcription import Row, Table, all_rows, referred

ROOT = Path(__file__).resolve().parents[2]
WITHOUT_ENVIRONMENT = re.compile(r"tradai[-/][a-z-]+(\.fifo)?")


@dataclass(frozen=True)
class Verdict:
    """A row with what was read for it in each environment; `lost` are the places named that are not in this tree."""

    document: str
    table: Table
    row: Row
    readings: Mapping[str, tuple[Reading, ...]]
    lost: tuple[str, ...]

    @property
    def stands(self) -> bool:
        """Whether everything that was read is as the fixture has it, and there was something to look at."""
        read = [reading for each in self.readings.values() for reading in each]
        looked_at = read or self.row.places or self.row.kind == "decision"
        return bool(looked_at) and not self.lost and all(reading.agrees for reading in read)

    @property
    def result(self) -> str:
        """ "agrees", "decision" or "disagrees"."""
        if not self.stands:
            return "disagrees"
        return "decision" if self.row.kind == "decision" else "agrees"

    @property
    def named_by_pattern(self) -> bool:
        """Whether the row has a literal name without its environment, which 002 §9.1 puts into it."""
        return any(WITHOUT_ENVIRONMENT.fullmatch(cell) for cell in self.row.cells)


def verdicts(lives: Mapping[str, Live]) -> list[Verdict]:
    """One for each row, in the documents' order."""
    checks = {env: load_checks(env) for env in lives}

    def read(row: Row, env: str) -> tuple[Reading, ...]:
        wanted = [check for reference in row.references for check in referred(reference, checks[env], env)]
        return tuple(readings(lives[env], wanted))

    return [
        Verdict(document, table, row, {env: read(row, env) for env in ENVIRONMENTS}, lost_places(row.places))
        for document, table, row in all_rows()
    ]


def lost_places(places: Iterable[str]) -> tuple[str, ...]:
    """The places, `path` or `path#text`, that are not in this tree."""
    return tuple(place for place in places if not _there(place))


def _there(place: str) -> bool:
    path, _, text = place.partition("#")
    file = ROOT / path
    return file.is_file() and text in file.read_text(encoding="utf-8")


def counted(found: Iterable[Verdict]) -> Counter[str]:
    """Rows by result, and under "rows" all of them."""
    results = [verdict.result for verdict in found]
    return Counter(results) + Counter(rows=len(results))
