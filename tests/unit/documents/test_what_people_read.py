"""What people read cites what they can open: no text for them names a document that is not in the repository.

Docstrings and comments of the code say where a value comes from; DECISIONS.md and CONFORMANCE.md speak of others.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from typer.testing import CliRunner

from tests.unit.cli.words import leaves
from tradai_cli.main import WORDS, build

ROOT = Path(__file__).parents[3]
ELSEWHERE = re.compile(r"(?<![\d,.])\b00[012]\b(?![\d,.]*\d)")
#: They compare the documents with each other, or with what was built.
ABOUT_THEM = {"DECISIONS.md", "CONFORMANCE.md"}
SOURCES = [
    path
    for tree in ("operator", "iac", "lambdas")
    for path in sorted((ROOT / tree).rglob("*.py"))
    if ".venv" not in path.parts
]
PAGES = [
    ROOT / "README.md",
    ROOT / "justfile",
    ROOT / "iac" / "pulumi-ci.sh",
    *sorted((ROOT / "iac").rglob("*.hcl")),
    *(path for path in sorted((ROOT / "docs").rglob("*.md")) if path.name not in ABOUT_THEM),
    *sorted((ROOT / "crds").rglob("*.yaml")),
]


def strings(tree: ast.AST) -> Iterator[str]:
    """What a program says: its texts, but for those that stand alone, which are for its readers."""
    silent = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in silent:
            yield node.value


def test_there_is_something_to_read() -> None:
    assert len(SOURCES) > 300
    assert list(strings(ast.parse('"""x 002"""\nsay("y (002 §1)")'))) == ["y (002 §1)"]
    assert ELSEWHERE.search("y (002 §1)")


@pytest.mark.parametrize("tree", ["operator", "iac", "lambdas"])
def test_no_message_cites_what_nobody_can_open(tree: str) -> None:
    found = {
        str(path.relative_to(ROOT)): said
        for path in SOURCES
        if path.is_relative_to(ROOT / tree)
        for text in strings(ast.parse(path.read_text()))
        if (said := text if ELSEWHERE.search(text) else "")
    }
    assert found == {}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_no_page_cites_what_nobody_can_open(path: Path) -> None:
    assert [line for line in path.read_text().splitlines() if ELSEWHERE.search(line)] == []


@pytest.mark.parametrize("word", WORDS, ids=lambda word: word.name)
def test_no_help_cites_what_nobody_can_open(word: Any) -> None:
    app = build(word.name)
    whole: Any = typer.main.get_command(app)
    for path, _ in leaves([word.name], whole.commands[word.name]):
        told = CliRunner().invoke(app, [*path, "--help"])
        assert told.exit_code == 0
        assert not ELSEWHERE.search(told.output), told.output


def test_what_is_cited_is_there() -> None:
    """`docs/X.md`, and its section of that number."""
    cited = re.compile(r"(docs/[A-Z-]+\.md)(?: §(\d+(?:\.\d+)?))?")
    texts = [*(text for path in SOURCES for text in strings(ast.parse(path.read_text()))), *map(Path.read_text, PAGES)]
    for page, section in {found for text in texts for found in cited.findall(text)}:
        body = (ROOT / page).read_text()
        assert not section or re.search(rf"^#+ {re.escape(section)}\.? ", body, re.MULTILINE), (page, section)


def test_the_definition_is_among_the_pages() -> None:
    names = [
        yaml.safe_load(path.read_text())["kind"] for path in PAGES if path.name.endswith("tradaienvironments.yaml")
    ]
    assert names == ["CustomResourceDefinition"]
