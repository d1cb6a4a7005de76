"""docs/ARCHITECTURE.md, held against the tree: every room is in it, and every path in it is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "ARCHITECTURE.md"
TEXT = PAGE.read_text(encoding="utf-8")
#: Where the short paths of the page begin.
ROOTS = (ROOT, *(tree for top in ("operator", "iac") for tree in (ROOT / top).glob("tradai_*")))
#: What a person writes who names a file or a folder of the project.
NAMED = re.compile(r"`([\w.-]+(?:/[\w.-]+)*(?:/|\.py))`")
TREES = {
    tree: re.findall(r"^\| `([\w.-]+/?)` \|", part, re.MULTILINE)
    for tree, part in re.findall(r"^### `([\w/]+)/`\n(.*?)(?=^##|\Z)", TEXT, re.MULTILINE | re.DOTALL)
}


def rooms(tree: Path) -> set[str]:
    """The folders right below that hold any of the project's files."""
    folders = (path for path in tree.iterdir() if path.is_dir() and path.name[0] not in "_.")
    return {f"{path.name}/" for path in folders if any(holds(path))}


def holds(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts]


def test_the_page_has_every_tree() -> None:
    trees = {path.parent for top in ("operator", "iac") for path in (ROOT / top).glob("tradai_*/__init__.py")}
    assert {str(tree.relative_to(ROOT)) for tree in trees} | {"tools", "tests"} <= TREES.keys()


@pytest.mark.parametrize("tree", TREES)
def test_the_page_has_just_the_rooms_of(tree: str) -> None:
    told = {row for row in TREES[tree] if row.endswith("/")}
    known = rooms(ROOT / tree)
    assert told == known
    assert all((ROOT / tree / row).is_file() for row in set(TREES[tree]) - told)


def test_every_path_on_the_page_is_there() -> None:
    rows = {row for found in TREES.values() for row in found}
    named = set(NAMED.findall(TEXT)) - rows
    assert named
    assert not {name for name in named if not any((root / name).exists() for root in ROOTS)}
