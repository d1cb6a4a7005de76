"""The documents' tables row by row, each with what shows it: values read back, outputs, a decision, or a place here.

`tables/*.yaml` holds them. A row is text with its cells between bars, or a mapping with `cells` and exactly one kind:
`checks` and `outputs` refer to facts of `values/`, `decision` to an entry of `tables/decisions.yaml`, `prose` to files
of this tree (`path#text that is in it`). `reads` adds facts that agree all the same, `at` the place in the tree. A
table's `each` is the kind of those rows that name none; `{0}` in it is the row's first cell. A reference is
`kind | subject | fact, fact` (no fact: all but the tags), or a section with or without kind and facts. Must never hold
an expected value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.documents.checks import Check

TABLES = Path(__file__).with_name("tables")
DOCUMENTS = ("000", "001", "002")
KINDS = ("checks", "outputs", "decision", "prose")
EXTRAS = {"cells", "reads", "at"}
TABLE_KEYS = {"section", "title", "columns", "label", "each", "rows"}


@dataclass(frozen=True)
class Decision:
    """What the documents say, by section, and the head under which docs/DECISIONS.md says what was settled."""

    title: str
    quotes: Mapping[str, str]
    hole: str = ""


@dataclass(frozen=True)
class Row:
    """One row: its cells as they stand in the document, its kind, and what it refers to."""

    cells: tuple[str, ...]
    kind: str
    references: tuple[str, ...]
    places: tuple[str, ...]
    decision: Decision | None


@dataclass(frozen=True)
class Table:
    """One table, or one list that states values; the first `label` columns say what a row is about."""

    section: str
    title: str
    columns: tuple[str, ...]
    label: int
    rows: tuple[Row, ...]


def load_tables(document: str) -> list[Table]:
    """Every table of "000", "001" or "002", in its order; raises ValueError for one that is not well-formed."""
    path = TABLES / f"{document}.yaml"
    return [_table(raw) for raw in yaml.safe_load(path.read_text(encoding="utf-8"))]


@cache
def decisions() -> Mapping[str, Decision]:
    """Every decision that a row may name."""
    raw = yaml.safe_load((TABLES / "decisions.yaml").read_text(encoding="utf-8"))
    return {key: Decision(**fields) for key, fields in raw.items()}


def _table(raw: Mapping[str, Any]) -> Table:
    if set(raw) - TABLE_KEYS:
        raise ValueError(f"{raw.get('section')}: unknown {set(raw) - TABLE_KEYS}")
    columns = tuple(raw["columns"].split(" | "))
    rows = tuple(_row(item, raw.get("each", {}), f"{raw['section']} {raw['title']}") for item in raw["rows"])
    uneven = [row.cells for row in rows if len(row.cells) != len(columns)]
    if uneven:
        raise ValueError(f"{raw['section']}, {raw['title']}: not {len(columns)} cells in {uneven[0]}")
    return Table(raw["section"], raw["title"], columns, min(raw.get("label", 1), len(columns)), rows)


def _row(item: str | Mapping[str, Any], each: Mapping[str, Any], where: str) -> Row:
    said: Mapping[str, Any] = {"cells": item, **each} if isinstance(item, str) else item
    kinds = [kind for kind in KINDS if kind in said]
    if len(kinds) != 1 or set(said) - EXTRAS - set(kinds):
        raise ValueError(f"{where}: {said['cells']} is of {kinds or 'no kind'}, with {sorted(said)}")
    cells = tuple(said["cells"].split(" | "))
    kind = kinds[0]
    given = [] if kind in ("decision", "prose") else said[kind]
    spelled = [f"output | {name}" if kind == "outputs" and "§" not in name else name for name in given]
    return Row(
        cells=cells,
        kind=kind,
        references=tuple(_filled(text, cells) for text in [*spelled, *said.get("reads", [])]),
        places=tuple(
            _filled(text, cells) for text in [*(said["prose"] if kind == "prose" else []), *said.get("at", [])]
        ),
        decision=decisions()[said["decision"]] if kind == "decision" else None,
    )


def _filled(text: str, cells: tuple[str, ...]) -> str:
    for position, cell in enumerate(cells):
        text = text.replace(f"{{{position}}}", cell)
    return text


def referred(reference: str, checks: list[Check], env: str) -> list[Check]:
    """The checks of `env` that a reference means; none where the documents leave it open there."""
    return [check for check in checks if _means(reference.replace("{env}", env), check)]


def _means(reference: str, check: Check) -> bool:
    first, *rest = reference.split(" | ")
    second, facts = (*rest, "", "")[:2]
    if first[:3] in DOCUMENTS:
        return check.section == first and second in ("", check.kind) and _among(check.fact, facts)
    untagged = check.fact != "tags" if not facts else True
    return (first, second) == (check.kind, check.subject) and untagged and _among(check.fact, facts)


def _among(fact: str, facts: str) -> bool:
    return not facts or fact in facts.split(", ")


def all_rows() -> Iterator[tuple[str, Table, Row]]:
    """(document, table, row) of everything that is transcribed."""
    for document in DOCUMENTS:
        for table in load_tables(document):
            for row in table.rows:
                yield document, table, row
