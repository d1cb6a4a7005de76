"""Facts with dates: what the tree relies on has a day and a source, and what is due is warned of and fails nothing."""

import warnings
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tools.dates import __main__ as command
from tools.dates import table
from tools.dates.due import Dated, DueWarning, due

DAY = date(2027, 1, 1)


def dated(until: date, lead: int = 10) -> Dated:
    return Dated("it", until, "a source", "do something", lead)


@pytest.mark.parametrize(("days", "is_due"), [(11, False), (10, True), (0, True), (-1, True)])
def test_a_fact_is_due_from_its_lead_on(days: int, is_due: bool) -> None:
    row = dated(DAY + timedelta(days=days))
    assert due([row], DAY) == ([row] if is_due else [])


def test_the_soonest_comes_first() -> None:
    late, later = dated(DAY - timedelta(days=5)), dated(DAY)
    assert due([later, late], DAY) == [late, later]


def test_every_fact_has_a_day_a_source_and_something_to_do() -> None:
    found = table.rows()
    assert len({row.what for row in found}) == len(found) >= 10
    assert all(row.source and row.then and row.lead >= 0 for row in found)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RUNTIME", "python9.9"),
        ("al2023_parameter", lambda _: "/aws/service/another"),
        ("_PYTHONS", {}),
        ("_SERVERS", {}),
    ],
)
def test_what_comes_into_the_tree_without_a_day_is_refused(
    name: str, value: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table, name, value)
    with pytest.raises(LookupError, match=r"has no day in tools/dates/table\.py"):
        table.rows()


@pytest.mark.parametrize(("until", "status", "told"), [(date(2000, 1, 1), 1, "DUE "), (date(2999, 1, 1), 0, "    ")])
def test_the_recipe_fails_where_something_is_due(
    until: date, status: int, told: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "rows", lambda: (dated(until),))
    assert command.main() == status
    assert capsys.readouterr().out.startswith(f"{told}{until}")


def test_what_is_due_today_is_warned_of() -> None:
    """A warning and no failure: a commit that changed nothing stays good."""
    with warnings.catch_warnings():
        warnings.simplefilter("always", DueWarning)
        for row in due(table.rows(), datetime.now(UTC).date()):
            warnings.warn(str(row), DueWarning, stacklevel=1)
