"""The port for writes: nothing is written beside it, every row of it is used, and a crash happens where it is asked."""

import ast
import inspect
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from tradai_runner.bucket import keys as backend
from tradai_runner.process.writes import CRASH, CRASH_DIR, POINTS, Crash, bucket_point

ROOT = Path(__file__).parents[3]
ROOMS = (ROOT / "operator" / "tradai_operator", ROOT / "iac" / "tradai_runner")

#: Methods that write whatever they are called on.
WRITERS: Final = frozenset({
    "write_text", "write_bytes", "touch", "unlink", "rename", "rmtree", "hardlink_to", "symlink_to", "truncate",
    "put_object", "delete_object", "delete_objects", "copy_object", "upload_file", "upload_fileobj",
    "put_item", "update_item", "delete_item", "batch_write_item", "publish",
})  # fmt: skip
#: Of a Kubernetes client.
KUBE: Final = frozenset({"patch", "apply", "create", "delete", "replace", "deletecollection", "set"})
#: What is no journal, status, lock or state: file → (functions, why).
ELSEWHERE: Final = {
    "tradai_operator/model/generated.py": ({"write_or_check"}, "generated sources, by whoever develops"),
    "tradai_runner/run.py": ({"_driven"}, "the engine's scratch directory goes with the run"),
    "tradai_runner/engine/outputs.py": ({"clear_outputs"}, "the same of whoever reads outputs by hand"),
    "tradai_runner/teardown/contents.py": ({"_empty_bucket"}, "data of an environment that goes, confirmed by name"),
    "adapters/web/notifier.py": ({"_publish"}, "a message to people, which nothing reads back"),
    "adapters/kubernetes/definition.py": ({"_apply"}, "the definition, before anything of an environment is watched"),
    "tradai_operator/install_check.py": ({"enforced"}, "a dry run, which writes nothing"),
    "tradai_runner/ahead.py": ({"enter"}, "a run's standard output, in the file that the operator has made for it"),
    "tradai_runner/process/writes.py": ({"_first", "_add"}, "the marks of the crashes themselves"),
}


@dataclass(frozen=True)
class Write:
    """One call that writes."""

    file: str
    line: int
    function: str
    inside: bool

    @property
    def excused(self) -> bool:
        """Whether it is no state of ours."""
        return any(self.file.endswith(end) and self.function in names for end, (names, _) in ELSEWHERE.items())


def writes(file: str, source: str) -> Iterator[Write]:
    """Every call in a file that writes, and whether it is inside `with point(...)`."""

    def walk(node: ast.AST, function: str, inside: bool) -> Iterator[Write]:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            function = node.name
        if isinstance(node, ast.With | ast.AsyncWith):
            for item in node.items:
                yield from walk(item, function, inside)
                inside = inside or is_point(item.context_expr)
            for statement in node.body:
                yield from walk(statement, function, inside)
            return
        if isinstance(node, ast.Call) and is_write(node):
            yield Write(file, node.lineno, function, inside)
        for child in ast.iter_child_nodes(node):
            yield from walk(child, function, inside)

    yield from walk(ast.parse(source), "", False)


def is_point(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "point"


def is_write(call: ast.Call) -> bool:
    if isinstance(call.func, ast.Name):
        return call.func.id == "open" and opens_for_writing(call.args[1:2], call)
    if not isinstance(call.func, ast.Attribute):
        return False
    name, owner = call.func.attr, ast.unparse(call.func.value)
    if name in WRITERS:
        return True
    if name == "open" and owner == "os":
        return "O_WRONLY" in ast.unparse(call) or "O_RDWR" in ast.unparse(call)
    if name == "open":
        return opens_for_writing(call.args[:1], call)
    if name == "replace":  # a path takes one argument, a text two, a dataclass names them
        return len(call.args) == 1 and not call.keywords
    return name in KUBE and owner.endswith("client")


def opens_for_writing(mode: list[ast.expr], call: ast.Call) -> bool:
    named = [keyword.value for keyword in call.keywords if keyword.arg == "mode"]
    texts = [found.value for found in (*mode, *named) if isinstance(found, ast.Constant)]
    return any(isinstance(text, str) and set(text) & set("wax+") and len(text) < 4 for text in texts)


def sources() -> Iterator[tuple[str, str]]:
    for room in ROOMS:
        for path in sorted(room.rglob("*.py")):
            yield str(path.relative_to(ROOT)), path.read_text()


def test_nothing_is_written_beside_the_port() -> None:
    found = [write for file, source in sources() for write in writes(file, source)]
    assert len(found) > 15
    beside = [f"{write.file}:{write.line}" for write in found if not write.inside and not write.excused]
    assert beside == [], "wrap the write in `with point(...)`, a row of tradai_runner.process.writes.POINTS"


@pytest.mark.parametrize(
    "source",
    [
        "path.write_text('x')",
        "path.open('a')",
        "path.open(mode='wb')",
        "open(path, 'w')",
        "os.open(path, os.O_WRONLY | os.O_CREAT)",
        "staged.replace(path)",
        "client.put_object(Bucket='b')",
        "self._client.patch(thing)",
        "shutil.rmtree(path)",
    ],
)
def test_a_write_is_seen(source: str) -> None:
    (outside,) = writes("x.py", source)
    (inside,) = writes("x.py", f"with point('a'):\n    {source}")
    assert (outside.inside, inside.inside) == (False, True)


@pytest.mark.parametrize("source", ["text.replace('a', 'b')", "replace(step, note=1)", "path.open()", "open(path)"])
def test_what_writes_nothing_is_not(source: str) -> None:
    assert not list(writes("x.py", source))


def test_every_excuse_is_needed() -> None:
    excused = {end for end in ELSEWHERE for file, source in sources() for w in writes(file, source) if w.excused}
    assert all(any(file.endswith(end) for file, _ in sources()) for end in ELSEWHERE)
    assert excused == set(ELSEWHERE)


def test_every_row_of_the_port_is_written_by_somebody() -> None:
    literals = {
        node.value
        for file, source in sources()
        if not file.endswith("tradai_runner/process/writes.py")
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert {name for name in POINTS if not name.startswith("bucket.")} <= literals


def test_every_key_that_we_keep_in_the_bucket_has_its_point() -> None:
    makers = {name: made for name, made in inspect.getmembers(backend, inspect.isfunction) if name.endswith("_key")}
    assert len(makers) > 5
    for made in makers.values():
        key = made(*("x" for _ in inspect.signature(made).parameters))
        assert not bucket_point("put", key).startswith("bucket.other")
    assert bucket_point("delete", backend.locks_prefix("p", "s") + "1.json") == "bucket.lock.delete"
    assert bucket_point("put", "elsewhere/x") == "bucket.other.put", "no run fails of a row that lacks"
    assert bucket_point("delete", ".tradai/owner/x") == "bucket.owner.delete"
    assert bucket_point("delete", ".tradai/drift/x") == "bucket.other.delete"


def test_every_place_in_the_bucket_that_a_source_spells_is_known() -> None:
    spelled = {
        node.value
        for _, source in sources()
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if re.match(r"\.(tradai|pulumi)/[a-z]+/", node.value)
    }
    assert len(spelled) > 5
    kinds = [[bucket_point(verb, place) for verb in ("put", "delete")] for place in spelled]
    assert [kind for kind in kinds if all(name.startswith("bucket.other") for name in kind)] == []


PROGRAM = """
import os, sys
from tradai_runner.process.writes import arm, point
arm(sys.argv[1], os.environ, "dev", "work", "up")
for n in range(3):
    with point("journal.event"):
        print(n, flush=True)
"""


def printed(who: str, crash: str, folder: Path) -> tuple[int, str]:
    """How the program ended, and what it had written."""
    env = {CRASH: crash, CRASH_DIR: str(folder)}
    ran = subprocess.run([sys.executable, "-c", PROGRAM, who], env=env, capture_output=True, text=True, check=False)
    return ran.returncode, ran.stdout


@pytest.mark.parametrize(
    ("crash", "written"),
    [
        ("runner:journal.event:before:1", ""),
        ("runner:journal.event:after:1", "0\n"),
        ("runner:journal.event:before:3", "0\n1\n"),
        ("runner@dev:journal.event:after:2", "0\n1\n"),
        ("runner@dev+up:journal.event:after:2", "0\n1\n"),
        ("runner:journal.log:after:1,runner:journal.event:after:1", "0\n"),
    ],
)
def test_a_crash_happens_where_it_is_asked_and_once(crash: str, written: str, tmp_path: Path) -> None:
    assert printed("runner", crash, tmp_path) == (-9, written)
    assert printed("runner", crash, tmp_path) == (0, "0\n1\n2\n"), "it happens once"
    assert "runner journal.event" in (tmp_path / "writes.txt").read_text()


@pytest.mark.parametrize(("raised", "dies"), [("asyncio.CancelledError", True), ("OSError", False)])
def test_a_write_that_nobody_waits_for_any_more_counts_as_done(raised: str, dies: bool, tmp_path: Path) -> None:
    program = f"""
import asyncio, os
from tradai_runner.process.writes import arm, point
arm("operator", os.environ)
try:
    with point("cluster.finalizers"):
        raise {raised}
except {raised}:
    print("lives")
"""
    env = {CRASH: "operator:cluster.finalizers:after:1", CRASH_DIR: str(tmp_path)}
    ran = subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == ((-9, "") if dies else (0, "lives\n")), ran.stderr


@pytest.mark.parametrize(
    "crash",
    [
        "operator:journal.event:before:1",
        "runner@eph-a:journal.event:before:1",
        "runner@dev+destroy:journal.event:before:1",
        "",
    ],
)
def test_a_crash_of_somebody_else_is_not_ours(crash: str, tmp_path: Path) -> None:
    assert printed("runner", crash, tmp_path) == (0, "0\n1\n2\n")


@pytest.mark.parametrize("crash", ["runner:journal.event:during:1", "runner:nowhere:before:1", "what"])
def test_what_is_no_crash_is_refused(crash: str) -> None:
    with pytest.raises((ValueError, KeyError)):
        Crash.parse(crash)
