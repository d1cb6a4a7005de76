"""The operator's rooms: what decides awaits nothing and sees no port, and every room says what it must never do."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import tradai_operator

ROOT = Path(tradai_operator.__file__).parent
#: What a decision of the operator may be made from.
KNOWN = {"decide", "status", "plan", "model"}


def modules(room: str) -> list[Path]:
    found = sorted((ROOT / room).rglob("*.py"))
    assert found, f"no room {room}"
    return found


def faults(source: str) -> Iterator[str]:
    """What of a module is no decision: a wait, or a room that has or reaches the world."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.AsyncFunctionDef | ast.Await | ast.AsyncFor | ast.AsyncWith):
            yield f"line {node.lineno}: waits"
        if isinstance(node, ast.comprehension) and node.is_async:
            yield "waits in a comprehension"
        if isinstance(node, ast.ImportFrom | ast.Import):
            yield from (f"line {node.lineno}: imports {name}" for name in _rooms(node) if name not in KNOWN)


def _rooms(node: ast.ImportFrom | ast.Import) -> Iterator[str]:
    """The operator's rooms that an import names."""
    module = node.module or "" if isinstance(node, ast.ImportFrom) else ""
    for alias in node.names:
        package, _, rest = f"{module}.{alias.name}".lstrip(".").partition(".")
        if package == "tradai_operator":
            yield rest.partition(".")[0]


def test_what_decides_awaits_nothing_and_sees_no_port() -> None:
    found = {path.name: list(faults(path.read_text())) for path in modules("decide")}
    assert not {name: wrong for name, wrong in found.items() if wrong}


@pytest.mark.parametrize(
    "source",
    [
        "async def look(): ...",
        "async def look():\n    return [x async for x in y]",
        "from tradai_operator.ports import Clock",
        "from tradai_operator import ports",
        "import tradai_operator.reconcile.loop",
        "if TYPE_CHECKING:\n    from tradai_operator.adapters.aws import ecr",
    ],
)
def test_a_module_that_waits_or_reaches_out_is_found(source: str) -> None:
    assert list(faults(source))


def test_each_room_says_what_it_must_never_do() -> None:
    rooms = [path for path in ROOT.rglob("__init__.py") if path.parent != ROOT]
    said = {path.parent.name: ast.get_docstring(ast.parse(path.read_text())) or "" for path in rooms}
    assert not {name for name, text in said.items() if "must never" not in " ".join(text.lower().split())}
