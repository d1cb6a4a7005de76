"""The fixture of the documents' values as data: how rows become checks, and that it depends on nothing of ours."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

import pytest

from tests.documents import checks
from tests.documents.checks import ENVIRONMENTS, Check, load_checks
from tests.documents.live import Missing

FIXTURE = Path(checks.__file__).parent


def expected(env: str, what: str) -> object:
    return next(check.expected for check in load_checks(env) if check.what == what)


@pytest.mark.parametrize(
    ("documented", "read", "agrees"),
    [
        ("Enabled", "Enabled", True),
        ("Enabled", "Disabled", False),
        (1, 1, True),
        (1, True, False),
        (True, 1, False),
        ({}, {}, True),
        ([], ["80 TCP 0.0.0.0/0"], False),
        ({"includes": ["s3"]}, ["dynamodb", "s3"], True),
        ({"includes": ["s3"]}, ["dynamodb"], False),
        ({"includes": {"Owner": "platform-team"}}, {"Owner": "platform-team", "Name": "x"}, True),
        ({"includes": {"Owner": "platform-team"}}, {"Owner": "somebody"}, False),
        ({"within": ["a", "b"]}, ["a"], True),
        ({"within": []}, [], True),
        ({"within": []}, ["a"], False),
        ({"at least": 2}, 2, True),
        ({"at least": 2}, 1, False),
        ("None", Missing("no such bucket"), False),
        ({"includes": []}, Missing("no such group"), False),
        ({"within": []}, Missing("no such group"), False),
    ],
)
def test_a_value_read_agrees_only_with_what_is_documented(documented: object, read: object, agrees: bool) -> None:
    assert Check("002 §0", "bucket", "subject", "fact", documented).agrees(read) is agrees


@pytest.mark.parametrize(
    ("what", "dev", "staging", "prod"),
    [
        ("database class", "db.t4g.micro", "db.t4g.micro", "db.t4g.small"),
        ("database storage", "20 GB gp3", "20 GB gp3", "50 GB gp3"),
        ("database multi-az", False, False, True),
        ("database backup retention days", 7, 7, 14),
        ("database deletion protection", False, False, True),
        ("log groups retention days", [30], [30], [90]),
        ("HTTP API cors origins", ["*"], [], []),
    ],
)
def test_a_value_differs_by_environment_as_documented(what: str, dev: object, staging: object, prod: object) -> None:
    assert [expected(env, what) for env in ENVIRONMENTS] == [dev, staging, prod]


def test_names_take_the_environment_in() -> None:
    assert expected("prod", "tradai-backtest-queue-prod.fifo dead letters go to") == "tradai-backtest-dlq-prod.fifo"


def test_a_trail_is_asked_for_only_where_it_is_not_optional() -> None:
    asked = {env for env in ENVIRONMENTS if any(check.kind == "trail" for check in load_checks(env))}

    assert asked == {"staging", "prod"}


@pytest.mark.parametrize(("kind", "count"), [("table", 12), ("repository", 24), ("subnet", 6), ("secret", 4)])
def test_the_fixture_has_as_many_subjects_as_the_documents(kind: str, count: int) -> None:
    assert len({check.subject for check in load_checks("dev") if check.kind == kind}) == count


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_no_placeholder_stays_and_no_value_is_asked_twice(env: str) -> None:
    loaded = load_checks(env)

    assert not [check for check in loaded if "{env}" in f"{check.what}{check.expected}"]
    assert max(Counter((check.section, check.kind, check.what) for check in loaded).values()) == 1


@pytest.mark.parametrize(
    "row",
    [
        "{section: s, kind: bucket, name: b, fact: {}}",
        "{section: s, kind: basket, name: b, facts: {}}",
    ],
)
def test_a_misspelt_row_is_refused(row: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "wrong.yaml").write_text(f"- {row}\n")
    monkeypatch.setattr(checks, "VALUES", tmp_path)

    with pytest.raises(ValueError, match="unknown"):
        load_checks("dev")


def imported_by(path: Path) -> set[str]:
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return names | {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}


def test_the_fixture_imports_nothing_that_it_judges() -> None:
    modules = {name for path in FIXTURE.rglob("*.py") for name in imported_by(path)}

    assert not [name for name in modules if name.split(".")[0].startswith("tradai") or name.startswith("lambdas")]
    assert {name.split(".")[1] for name in modules if name.startswith("tests.")} == {"documents"}
