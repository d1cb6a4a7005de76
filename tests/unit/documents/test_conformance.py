"""What a row's verdict is, how the page says it, and what the command answers."""

from __future__ import annotations

from pathlib import Path

import pytest
from moto import mock_aws

from tests.documents import conformance
from tests.documents.checks import ENVIRONMENTS, Check
from tests.documents.live import Missing
from tests.documents.page import page
from tests.documents.readback import Reading
from tests.documents.transcription import Decision, Row, Table
from tests.documents.verdicts import Verdict, counted

SETTLED = Decision("Cats", {"000 x": "no cats", "002 §1": "two cats"}, "nobody says which")


def reading(env: str, value: object = "5", *, expected: object = "5", fact: str = "legs") -> Reading:
    check = Check("002 §1", "cat", f"tradai-cat-{env}", fact, expected)
    return Reading(check, value, check.agrees(value))


def verdict(
    *values: tuple[Reading, ...],
    kind: str = "checks",
    cells: tuple[str, ...] = ("Legs", "5"),
    decision: Decision | None = None,
    places: tuple[str, ...] = (),
    lost: tuple[str, ...] = (),
) -> Verdict:
    row = Row(cells, kind, ("cat | cat",), places, decision)
    read = dict(zip(ENVIRONMENTS, values or ((),) * 3, strict=True))
    return Verdict("002", Table("002 §1", "Cats", ("Part", "Number"), 1, (row,)), row, read, lost)


def everywhere(value: object = "5") -> tuple[tuple[Reading, ...], ...]:
    return tuple((reading(env, value),) for env in ENVIRONMENTS)


@pytest.mark.parametrize(
    ("found", "result"),
    [
        (verdict(*everywhere()), "agrees"),
        (verdict(*everywhere("4")), "disagrees"),
        (verdict((reading("dev"),), (), (reading("prod", "4"),)), "disagrees"),
        (verdict((), (), ()), "disagrees"),
        (verdict(*everywhere(), kind="decision", decision=SETTLED), "decision"),
        (verdict(*everywhere("4"), kind="decision", decision=SETTLED), "disagrees"),
        (verdict(kind="decision", decision=SETTLED), "decision"),
        (verdict(kind="prose", places=("README.md",)), "agrees"),
        (verdict(kind="prose", places=("gone.md",), lost=("gone.md",)), "disagrees"),
        (verdict(*everywhere(), lost=("gone.md",)), "disagrees"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_row_agrees_only_where_everything_does(found: Verdict, result: str) -> None:
    assert found.result == result
    assert counted([found]) == {"rows": 1, result: 1}


@pytest.mark.parametrize(
    ("cell", "named"),
    [
        ("tradai-users", True),
        ("tradai/jwt-secret", True),
        ("tradai-backtest-queue.fifo", True),
        ("tradai-logs-{env}", False),
        ("tradai", False),
        ("tradai-{component}-{env}", False),
        ("backend-api", False),
    ],
)
def test_a_literal_name_without_environment_is_told_from_others(cell: str, named: bool) -> None:
    assert verdict(*everywhere(), cells=("Name", cell)).named_by_pattern is named


def line(found: Verdict) -> str:
    return next(line for line in page([found]).splitlines() if line.startswith(f"| {found.row.cells[0]} |"))


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (verdict(*everywhere()), "| Legs | 5 | legs: 5 | as dev | as dev | yes |"),
        (
            verdict(*((reading(env, f"of-{env}", expected=f"of-{env}"),) for env in ENVIRONMENTS)),
            "| Legs | 5 | legs: of-dev | as dev | as dev | yes |",
        ),
        (
            verdict((), (reading("staging"),), (reading("prod", "4"),)),
            "| Legs | 5 | left open | legs: 5 | legs: 4 | **NO** |",
        ),
        (verdict(*everywhere(Missing("no cat"))), "| Legs | 5 | legs: missing: no cat | as dev | as dev | **NO** |"),
        (
            verdict(*everywhere(), kind="decision", decision=SETTLED),
            "| Legs | 5 | legs: 5 | as dev | as dev | decision: Cats |",
        ),
        (
            verdict(*everywhere(), cells=("Name", "tradai-cat")),
            "| Name | tradai-cat | legs: 5 | as dev | as dev | yes, named by 002 §9.1 |",
        ),
        (verdict(kind="prose", places=("README.md#just",)), "| Legs | 5 | `README.md` | as dev | as dev | yes |"),
        (
            verdict(kind="prose", places=("gone.md",), lost=("gone.md",)),
            "| Legs | 5 | `gone.md` | as dev | as dev | **NO**: not in the tree: gone.md |",
        ),
    ],
)
def test_the_page_says_a_row_in_one_line(found: Verdict, said: str) -> None:
    assert line(found) == said


@pytest.mark.parametrize(
    ("expected", "value", "said"),
    [
        ({"includes": {"a": 1}}, {"a": 1, "b": "chance"}, "legs: a 1"),
        ({"includes": ["x"]}, ["chance", "x"], "legs: x"),
        ({"ends with": ":cat"}, "arn:chance:cat", "legs: …:cat"),
        ({"at least": 2}, 7, "legs: at least 2"),
        ({"within": ["x", "y"]}, [], "legs: none"),
        (True, True, "legs: yes"),
        ({"i": {"hash": "h"}}, {"i": {"hash": "h"}}, "legs: i (hash h)"),
    ],
)
def test_of_a_value_that_differs_from_run_to_run_only_what_was_asked_is_said(
    expected: object, value: object, said: str
) -> None:
    found = verdict(*((reading(env, value, expected=expected),) for env in ENVIRONMENTS))

    assert line(found).split(" | ")[2] == said


def test_many_values_are_counted_and_those_that_differ_are_named() -> None:
    many = tuple(reading("dev", str(n), expected=str(n), fact=f"fact {n}") for n in range(29))
    wrong = reading("dev", "4", fact="legs")

    assert line(verdict((*many, wrong), (), ())).split(" | ")[2] == "29 of 30 values; legs: 4"


def test_the_page_counts_rows_and_quotes_every_decision() -> None:
    found = [verdict(*everywhere()), verdict(*everywhere(), kind="decision", decision=SETTLED), verdict((), (), ())]

    text = page(found)

    assert "| all | 3 | 3 | 1 | 0 | 0 | 1 | 1 |" in text
    assert "- **Cats** (1): 000 x “no cats” against 002 §1 “two cats”; nobody says which." in text


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("AWS_ENDPOINT_URL", "AWS_PROFILE"):
        monkeypatch.delenv(variable, raising=False)
    for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(variable, "testing")


@pytest.mark.usefixtures("credentials")
def test_the_command_says_how_where_nothing_is_deployed(capsys: pytest.CaptureFixture[str]) -> None:
    with mock_aws():
        assert conformance.main([]) == 1

    said = capsys.readouterr().err
    assert "dev is not deployed here." in said
    assert "just sandbox-up" in said


@pytest.mark.usefixtures("credentials")
def test_the_command_says_how_where_nobody_answers(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")

    assert conformance.main([]) == 1
    assert "AWS does not answer" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("found", "status", "said"),
    [
        ([verdict(*everywhere())], 0, "1 rows: 1 agree, 0 by decision (0 decisions), 0 disagree"),
        ([verdict(*everywhere("4"))], 1, "dev: tradai-cat-dev legs is 4, not 5"),
        ([verdict(kind="prose", lost=("gone.md",))], 1, "not in this tree: gone.md"),
        ([], 1, "0 rows"),
    ],
)
def test_the_command_ends_with_one_where_a_row_disagrees(
    found: list[Verdict],
    status: int,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(conformance, "_verdicts", lambda _lives: found)

    assert conformance.main(["--write", str(tmp_path / "page.md")]) == status
    assert said in capsys.readouterr().out
    assert (tmp_path / "page.md").read_text() == page(found)
