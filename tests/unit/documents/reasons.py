"""The reasons that conditions can have, read off the code that gives them.

A reason is the text beside a status, a phase or a message. Where code hands one on that it was given, a row says where
that one is read instead. Must never leave out what it cannot read: that is an error, or a row.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[3]
OPERATOR: Final = ROOT / "operator" / "tradai_operator"
#: Where conditions are decided upon and composed, and what runs say of their pre-flight.
ROOMS: Final = (
    *(OPERATOR / room for room in ("decide", "status", "reconcile")),
    ROOT / "iac" / "tradai_runner" / "guard",
)
WORD: Final = re.compile(r"[A-Z][a-z]+(?:[A-Z][a-z]+)*")
#: What is made with a reason, and at which place it stands.
MADE: Final[Mapping[str, int]] = {"Decision": 1, "Checked": 1, "Trouble": 1}
#: What is handed on, and where it is given: below, or as a class of failures.
HANDED_ON: Final = {
    "decision.reason": "the decision's own",
    "layer.survey.reason": "what a run said of its pre-flight",
    "told.reason": "the failed turn's own",
    "reason": "what the caller of compose gave",
    "event.reason": "an event's, which is no condition",
    "check.reason": "the check's own",
    "''": "the last word, which is no reason of its own",
    "name": "the class of an unexpected error",
    "*words": "a pair that is read as such",
    "*refusal": "a pair that is read as such",
    "self.refusals[0][0]": "a pair that is read as such",
}


@cache
def trees() -> dict[Path, ast.Module]:
    """Every module of the rooms."""
    return {path: ast.parse(path.read_text()) for room in ROOMS for path in sorted(room.rglob("*.py"))}


@cache
def constants() -> dict[str, str]:
    """Name → text, of all modules' constants."""
    found: dict[str, str] = {}
    for tree in trees().values():
        for node in tree.body:
            if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and _text(node.value):
                found[f"{_place(tree)}:{node.target.id}"] = found[node.target.id] = _text(node.value)
    return found


def _place(tree: ast.Module) -> str:
    return next(str(path) for path, known in trees().items() if known is tree)


def _text(node: ast.AST | None) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _given(tree: ast.Module, node: ast.expr) -> Iterator[str]:
    """The texts that an expression can be; the expression itself where that is not known."""
    if isinstance(node, ast.Constant):
        yield from [str(node.value)] if node.value else []  # an empty one is none yet
    elif isinstance(node, ast.IfExp):
        yield from _given(tree, node.body)
        yield from _given(tree, node.orelse)
    elif isinstance(node, ast.Name) and (
        text := constants().get(f"{_place(tree)}:{node.id}", constants().get(node.id, ""))
    ):
        yield text
    else:
        yield ast.unparse(node)


def _asked(tree: ast.Module) -> Iterator[ast.expr]:
    """The expressions at the place of a reason."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else ""
            starred = next((place for place, part in enumerate(node.args) if isinstance(part, ast.Starred)), 99)
            if name in MADE and min(MADE[name], starred) < len(node.args):
                yield node.args[min(MADE[name], starred)]
            yield from (word.value for word in node.keywords if word.arg == "reason")
        elif isinstance(node, ast.Dict):
            yield from (value for key, value in zip(node.keys, node.values, strict=True) if _text(key) == "reason")
        elif isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "reason" and node.value:
            yield node.value


def _pairs(tree: ast.Module) -> Iterator[str]:
    """The first of each pair whose second is a sentence or a failure: how reasons are handed on with their message."""
    compared = {id(part) for node in ast.walk(tree) if isinstance(node, ast.Compare) for part in ast.walk(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Tuple) and len(node.elts) == 2 and id(node) not in compared:
            first, second = node.elts
            known = any(map(_text, ast.walk(first))) or ast.unparse(first) in _own(tree)
            if known and _is_told(second):
                yield from (text for text in _given(tree, first) if WORD.fullmatch(text))


def _own(tree: ast.Module) -> set[str]:
    """The names of a module's own constants."""
    place = f"{_place(tree)}:"
    return {name.removeprefix(place) for name in constants() if name.startswith(place)}


def _is_told(node: ast.expr) -> bool:
    if isinstance(node, ast.IfExp):
        return _is_told(node.body) or _is_told(node.orelse)
    sentence = isinstance(node, ast.JoinedStr) or " " in _text(node)
    return sentence or isinstance(node, ast.Attribute | ast.Call | ast.BinOp | ast.Subscript)


@cache
def read() -> dict[str, set[str]]:
    """Reason → the modules that give it; what could not be read is there as its expression."""
    found: dict[str, set[str]] = {}
    for path, tree in trees().items():
        texts = [text for node in _asked(tree) for text in _given(tree, node)]
        for text in (*texts, *_pairs(tree)):
            found.setdefault(text, set()).add(path.name)
    return found


def reasons() -> dict[str, set[str]]:
    """Those that are words."""
    return {text: paths for text, paths in read().items() if WORD.fullmatch(text)}


def unread() -> set[str]:
    """Expressions that say nothing of the reason, and that no row explains."""
    return {text for text in read() if not WORD.fullmatch(text)} - HANDED_ON.keys()
