"""One word for one thing: what a module, class or function is called by the field's terms, and by no riddle."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
TREES = ("operator", "iac")

#: A word that once named such a thing here → the word that names it now.
RETIRED = {
    "announcer": "notification",
    "capsule": "destroy_record",
    "chronicle": "history",
    "consent": "teardown_approval",
    "deaths": "dead_runs",
    "eyes": "telemetry",
    "farewell": "teardown_messages",
    "foresee": "forecast",
    "herald": "notification",
    "patience": "backoff, timeout or wait_seconds",
    "presence": "registry",
    "sum_up": "summary",
    "survey": "preflight",
    "telling": "new_status",
}

MODULES = sorted(path for tree in TREES for path in (ROOT / tree).rglob("*.py"))


def names(path: Path) -> set[str]:
    """The module, and every class and function in it."""
    kinds = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    return {path.stem, *(node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, kinds))}


@pytest.mark.parametrize("tree", TREES)
def test_nothing_is_called_by_a_retired_word(tree: str) -> None:
    found = {
        f"{path.relative_to(ROOT)}: {name} (say {better})"
        for path in MODULES
        if path.is_relative_to(ROOT / tree)
        for name in names(path)
        for word, better in RETIRED.items()
        if word in name.lower().strip("_")
    }
    assert not found


def test_a_retired_word_would_be_found(tmp_path: Path) -> None:
    module = tmp_path / "herald.py"
    module.write_text("class Patience:\n    def sum_up(self) -> None: ...\n")
    assert names(module) == {"herald", "Patience", "sum_up"}
