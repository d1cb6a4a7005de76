"""The documents' tables as data: complete, each row of one kind, and referring to what there is."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.documents import transcription
from tests.documents.checks import ENVIRONMENTS, load_checks
from tests.documents.transcription import DOCUMENTS, KINDS, Row, all_rows, decisions, load_tables, referred
from tests.documents.verdicts import ROOT, lost_places

CHECKS = {env: load_checks(env) for env in ENVIRONMENTS}
ROWS = list(all_rows())
#: Document → (tables and lists, rows); whoever drops one has to say so here.
SIZES = {"000": (22, 141), "001": (16, 98), "002": (38, 222)}


def each_alone(reference: str) -> list[str]:
    """The reference once for every fact that it names."""
    *head, facts = reference.split(" | ")
    return [" | ".join([*head, fact]) for fact in facts.split(", ")] if len(head) == 2 else [reference]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_no_table_and_no_row_of_a_document_is_missing(document: str) -> None:
    tables = load_tables(document)

    assert (len(tables), sum(len(table.rows) for table in tables)) == SIZES[document]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_no_row_stands_twice_in_a_table(document: str) -> None:
    cells = Counter((table.section, table.title, row.cells) for table in load_tables(document) for row in table.rows)

    assert max(cells.values()) == 1


def test_every_row_is_of_one_kind_and_has_something_to_show() -> None:
    empty = [row.cells for _, _, row in ROWS if not (row.references or row.places or row.decision)]

    assert {row.kind for _, _, row in ROWS} == set(KINDS)
    assert empty == []


def test_every_fact_that_a_row_names_is_asked_for_somewhere() -> None:
    named = [(row.cells, one) for _, _, row in ROWS for reference in row.references for one in each_alone(reference)]
    lost = [pair for pair in named if not any(referred(pair[1], CHECKS[env], env) for env in ENVIRONMENTS)]

    assert lost == []


def test_every_value_of_the_fixture_stands_in_a_row() -> None:
    references = [reference for _, _, row in ROWS for reference in row.references]
    for env in ENVIRONMENTS:
        shown = {id(check) for reference in references for check in referred(reference, CHECKS[env], env)}
        forgotten = [f"{c.section}: {c.what}" for c in CHECKS[env] if id(c) not in shown]

        assert forgotten == []


def test_every_place_that_a_row_names_is_in_the_tree() -> None:
    assert [(row.cells, lost) for _, _, row in ROWS if (lost := lost_places(row.places))] == []


def test_a_row_by_decision_quotes_two_passages_or_says_what_is_missing() -> None:
    thin = [key for key, settled in decisions().items() if len(settled.quotes) < 2 and not settled.hole]
    wordless = [key for key, settled in decisions().items() if not all(settled.quotes.values())]

    assert thin == wordless == []


def test_every_decision_is_named_by_a_row_and_said_in_the_decisions() -> None:
    text = " ".join((ROOT / "docs" / "DECISIONS.md").read_text(encoding="utf-8").split())
    titles = {settled.title for settled in decisions().values()}

    assert {row.decision.title for _, _, row in ROWS if row.decision} == titles
    assert [title for title in titles if f"- {title} —" not in text and f"- **{title}" not in text] == []


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ("{cells: a | b}", "no kind"),
        ("{cells: a | b, checks: [], prose: []}", "checks.*prose"),
        ("{cells: a | b, checks: [], note: x}", "note"),
        ("{cells: a, checks: []}", "not 2 cells"),
    ],
)
def test_a_row_that_is_not_well_formed_is_refused(
    row: str, complaint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "000.yaml").write_text(f"- {{section: 000 s, title: t, columns: A | B, rows: [{row}]}}\n")
    monkeypatch.setattr(transcription, "TABLES", tmp_path)

    with pytest.raises(ValueError, match=complaint):
        load_tables("000")


def rows_of(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Row, ...]:
    (tmp_path / "000.yaml").write_text(text)
    monkeypatch.setattr(transcription, "TABLES", tmp_path)
    return load_tables("000")[0].rows


def test_a_row_without_a_kind_takes_its_tables_with_its_own_cells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "- {section: 000 s, title: t, columns: A | B, each: {checks: ['bucket | {1}']}, rows: [x | y]}\n"

    assert [row.references for row in rows_of(text, tmp_path, monkeypatch)] == [("bucket | y",)]


@pytest.mark.parametrize(
    ("reference", "facts"),
    [
        ("rds | database | class", {"class"}),
        ("rds | database | class, engine", {"class", "engine"}),
        ("002 §6.2 | queue | max receive count", {"max receive count"}),
        ("002 §8", {"exists", "rotation"}),
        ("secret | tradai/jwt-secret-{env}", {"exists", "rotation"}),
        ("rds | another database | class", set()),
    ],
)
def test_a_reference_means_the_facts_that_it_names(reference: str, facts: set[str]) -> None:
    assert {check.fact for check in referred(reference, CHECKS["dev"], "dev")} == facts
