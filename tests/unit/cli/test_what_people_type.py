"""What README, documents, examples and messages tell people to type gets a short answer."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
TEXTS = [
    *ROOT.glob("*.md"),
    *(ROOT / "docs").glob("*.md"),
    *(ROOT / "crds").rglob("*.yaml"),
    *(path for tree in ("operator", "iac", "tests/documents") for path in (ROOT / tree).rglob("*.py")),
    ROOT / "justfile",
]
#: An apply of something, as text or as the words of a command, that the API server is not asked to work out.
_BY_THE_CLIENT = re.compile(r"kubectl(\", \"| )apply(\", \"| )(?!--server-side)-")


def test_there_are_texts() -> None:
    assert {"README.md", "env-dev.yaml", "DECISIONS.md", "demo.py"} <= {path.name for path in TEXTS}


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_whoever_applies_lets_the_server_do_it(path: Path) -> None:
    assert [line for line in path.read_text().splitlines() if _BY_THE_CLIENT.search(line)] == []
