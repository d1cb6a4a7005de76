"""Every test is in a ring, every unit of the deep ring in one slice, and a stopped run goes on where it was."""

import json
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rings import budget as costs
from tests.rings import record
from tests.rings.budget import UNKNOWN_SECONDS, budget, cost
from tests.rings.record import Found, Progress, result
from tests.rings.scopes import order, scopes
from tests.rings.selection import TAKES, in_rings, passed, slice_of
from tests.rings.slices import SLICE_SECONDS, makespan, slices
from tests.rings.table import Ring, Table, file_of, parse, table
from tests.rings.tree import ROOT

SMALL = parse(
    {
        "check": ["tests/unit/"],
        "core": ["tests/integration/", "tests/e2e/test_life.py"],
        "deep": ["tests/integration/test_kills.py"],
        "core_parts": {"tests/e2e/test_values.py": "test_value[dev "},
        "units": {"tests/faults/test_rows.py": "(.+)", "tests/e2e/test_values.py": r"\[(dev|prod) "},
    }
)
FILES = (
    "tests/unit/test_a.py",
    "tests/integration/test_b.py",
    "tests/integration/test_kills.py",
    "tests/e2e/test_life.py",
    "tests/e2e/test_values.py",
    "tests/faults/test_rows.py",
)
nodeids = st.lists(
    st.builds(
        lambda path, test: f"{path}::{test}",
        st.sampled_from(FILES),
        st.sampled_from(["test_one", "test_two[a]", "test_value[dev x]", "test_value[prod x]", "test_value[prod y]"]),
    ),
    unique=True,
    max_size=30,
)
budgets = st.dictionaries(
    st.sampled_from([SMALL.unit(f"{path}::{test}") for path in FILES for test in ("test_one", "test_value[prod x]")]),
    st.floats(0.1, 500),
)


@pytest.mark.parametrize(
    ("nodeid", "ring", "unit"),
    [
        ("tests/unit/test_a.py::test_b", Ring.CHECK, "tests/unit/test_a.py"),
        ("tests/integration/test_b.py::test_c[d]", Ring.CORE, "tests/integration/test_b.py"),
        ("tests/integration/test_kills.py::test_c", Ring.DEEP, "tests/integration/test_kills.py"),
        ("tests/e2e/test_life.py::test_c", Ring.CORE, "tests/e2e/test_life.py"),
        ("tests/e2e/test_values.py::test_value[dev x]", Ring.CORE, "tests/e2e/test_values.py::dev"),
        ("tests/e2e/test_values.py::test_value[prod x]", Ring.DEEP, "tests/e2e/test_values.py::prod"),
        ("tests/e2e/test_values.py::test_page", Ring.DEEP, "tests/e2e/test_values.py"),
        ("tests/faults/test_rows.py::test_row[1]", Ring.DEEP, "tests/faults/test_rows.py::test_row[1]"),
        ("tests/somewhere/test_new.py::test_x", Ring.DEEP, "tests/somewhere/test_new.py"),
    ],
)
def test_a_test_is_in_the_innermost_ring_that_names_it(nodeid: str, ring: Ring, unit: str) -> None:
    assert (SMALL.ring(nodeid), SMALL.unit(nodeid)) == (ring, unit)


@given(nodeids, budgets)
def test_the_slices_are_the_deep_ring_and_no_test_is_in_two(tests: list[str], known: dict[str, float]) -> None:
    of = slice_of(tests, 0, SMALL, known).of
    parts = [slice_of(tests, turn, SMALL, known).tests for turn in range(of)]
    assert sorted(test for part in parts for test in part) == sorted(t for t in tests if SMALL.ring(t) is Ring.DEEP)
    assert slice_of(tests, of, SMALL, known) == slice_of(tests, 0, SMALL, known)


@given(nodeids)
def test_the_rings_together_are_the_whole_tree(tests: list[str]) -> None:
    assert in_rings(tests, "check", SMALL) | in_rings(tests, "core", SMALL) == in_rings(tests, "test", SMALL)
    assert in_rings(tests, "deep", SMALL) == set(tests)
    assert set().union(*TAKES.values()) == set(Ring)


@given(st.dictionaries(st.text("abcdef", min_size=1), st.floats(0.1, 500), min_size=1))
def test_a_slice_takes_as_long_as_it_may_or_as_its_dearest_unit(known: dict[str, float]) -> None:
    cut = slices(known, known)
    assert sorted(unit for part in cut for unit in part) == sorted(known)
    for part in cut:
        seconds = [cost(unit, known) for unit in part]
        assert makespan(seconds) <= max([SLICE_SECONDS, *seconds])


@given(nodeids, budgets, st.booleans())
def test_a_unit_is_played_by_one_worker_and_nothing_gets_lost_in_the_order(
    tests: list[str], known: dict[str, float], pure_first: bool
) -> None:
    where = scopes(tests, SMALL, known)
    assert len({(SMALL.unit(test), scope) for test, scope in where.items()}) == len({SMALL.unit(t) for t in tests})
    assert all(scope.startswith(file_of(test)) for test, scope in where.items())
    positions = order(tests, SMALL, known, pure_first)
    assert sorted(positions) == list(range(len(tests)))
    runs = [where[tests[at]] for at in positions]
    assert sum(a != b for a, b in pairwise(runs)) == max(0, len(set(runs)) - 1), "goes are whole"
    if pure_first:
        late = [SMALL.ring(tests[at]) is not Ring.CHECK for at in positions]
        assert late == sorted(late)


#: Prints a digest of the order of files whose units cost the same all together, but for the last digit of a sum.
ORDERED = """
from tests.rings.scopes import order
from tests.rings.table import parse

raw = {"check": [], "core": [], "units": {f"tests/{name}.py": "(.+)" for name in "abc"}}
tests = [f"tests/{name}.py::test_{at}" for name in "abc" for at in range(9)]
known = {test: [0.1, 0.2, 0.3, 0.7, 1.1, 4.7, 8.3, 2.9, 3.3][int(test[-1])] for test in tests}
print(order(tests, parse(raw), known, pure_first=False))
"""


def test_every_process_comes_to_the_same_order() -> None:
    # Sets of texts go another way in each process: workers that do not agree play nothing at all.
    told = {
        subprocess.run(
            (sys.executable, "-c", ORDERED),
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": str(seed)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in range(6)
    }
    assert len(told) == 1


def test_what_nobody_has_measured_is_not_free() -> None:
    assert cost("tests/e2e/test_new.py", {}) == UNKNOWN_SECONDS


#: Units that may take longer than a slice: one story that cannot be cut.
DEARER = {
    "tests/e2e/test_deletion.py",
    "tests/e2e/test_first_day.py",
    "tests/e2e/test_nothing_changes_twice.py::dev",
    "tests/e2e/test_nothing_changes_twice.py::staging",
    "tests/e2e/test_readme_commands.py",
    "tests/e2e/test_values_of_the_documents.py",
    "tests/faults/test_state_ports_in_trouble.py::test_what_waited_in_a_port_that_died_is_put_right[ports]",
    "tests/faults/test_whole_blueprint_killed.py",
    "tests/integration/test_repair_after_kills.py",
}


def test_the_units_that_are_dearer_than_a_slice_are_known() -> None:
    deep = {unit: spent for unit, spent in budget().items() if table().ring(unit) is Ring.DEEP}
    assert {unit for unit, spent in deep.items() if spent > SLICE_SECONDS} <= DEARER


def test_what_the_table_names_is_in_the_tree() -> None:
    named = [*table().check, *table().core, *table().deep, *table().core_parts, *table().units]
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_every_adapter_and_one_whole_life_of_both_blueprints_are_played_before_a_change_is_taken() -> None:
    lives = ("tests/e2e/test_life_of_an_environment.py", "tests/e2e/test_no_secret_is_told.py")
    adapters = [str(path.relative_to(ROOT)) for path in (ROOT / "tests" / "integration").glob("test_*.py")]
    late = [path for path in (*lives, *adapters) if table().ring(f"{path}::test") is not Ring.CORE]
    assert set(late) == set(table().deep)


def test_a_failed_phase_fails_the_test_and_seconds_add_up() -> None:
    found = Found()
    for outcome in ("passed", "failed", "passed"):
        found.add("tests/unit/test_a.py::test_b", outcome, 1.5)
    assert found.having("failed") == ["tests/unit/test_a.py::test_b"]
    assert found.spent(SMALL) == {"tests/unit/test_a.py": 4.5}


def test_what_failed_says_why_in_the_record_until_it_is_played_again(progress: Progress) -> None:
    found = Found()
    found.add("a::1", "failed", 1.0, "test_a.py:3: no such table")
    found.add("a::1", "failed", 0.1, "and the teardown, too")
    progress.add("a::1", found)
    assert '"why": "test_a.py:3: no such table"' in progress.path.read_text()
    found.forget("a::1")
    assert found.why == {}


def told(progress: Progress, outcomes: dict[str, str]) -> None:
    found = Found()
    for nodeid, outcome in outcomes.items():
        found.add(nodeid, outcome, 1.0)
        progress.add(nodeid, found)


@pytest.fixture
def progress(tmp_path: Path) -> Progress:
    progress = Progress(tmp_path / "deep" / "progress.jsonl")
    progress.begin("tree-1")
    return progress


def test_a_stopped_run_goes_on_with_what_has_not_passed(progress: Progress) -> None:
    told(progress, {"a::1": "passed", "a::2": "failed", "b::1": "passed"})
    with progress.path.open("a") as file:
        file.write('{"test": "b::2", "outc')
    progress.begin("tree-1")
    good = progress.good().outcomes
    assert good == {"a::1": "passed", "b::1": "passed"}
    everything = ["a::1", "a::2", "b::1", "c::1"]
    assert passed(everything, set(good), Table()) == {"b::1"}, "a unit is played whole or not at all"


def test_what_failed_after_it_had_passed_is_played_again(progress: Progress) -> None:
    told(progress, {"a::1": "passed"})
    told(progress, {"a::1": "failed"})
    assert progress.good().outcomes == {}


def test_a_run_of_another_tree_begins_afresh(progress: Progress) -> None:
    told(progress, {"a::1": "passed"})
    progress.end(ring="test", wall_minutes=1.0)
    progress.begin("tree-2")
    assert progress.good().outcomes == {}
    assert progress.runs() == []


def test_every_ring_that_has_ended_counts_for_its_tree(progress: Progress) -> None:
    told(progress, {"a::1": "passed"})
    progress.end(ring="test", wall_minutes=1.0)
    told(progress, {"a::2": "passed"})
    assert sorted(progress.good().outcomes) == ["a::1", "a::2"]
    assert progress.runs() == [{"ring": "test", "wall_minutes": 1.0}]


@pytest.mark.parametrize(("wanted", "all_asked", "whole"), [(2, True, False), (1, True, True), (1, False, False)])
def test_a_verdict_names_what_was_not_played_and_is_whole_only_without(
    wanted: int, all_asked: bool, whole: bool
) -> None:
    found = Found()
    found.add("a::1", "passed", 1.0)
    asked = ["a::1", "a::2"][:wanted]
    verdict = result(found, set(asked), Table(), {"tree": "abc", "all_asked": all_asked})
    assert (verdict["tree"], verdict["passed"], verdict["not_played"]) == ("abc", 1, asked[1:])
    assert verdict["whole"] is whole


@pytest.mark.parametrize(
    ("verdict", "kept"), [({}, True), ({"whole": False}, False), ({"failed": ["a::1"]}, False), (None, False)]
)
def test_only_a_whole_green_run_is_remembered(
    verdict: dict[str, Any] | None, kept: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record, "RESULT", tmp_path / "result.json")
    monkeypatch.setattr(costs, "FILE", tmp_path / "budget.json")
    if verdict is not None:
        whole = {"tree": "abc", "whole": True, "failed": [], "runs": [{"workers": 3}], "seconds": {"a": 1.26}}
        (tmp_path / "result.json").write_text(json.dumps(whole | verdict))
    assert costs.main() == (0 if kept else 1)
    written = tmp_path / "budget.json"
    assert not kept or json.loads(written.read_text()) == {"tree": "abc", "workers": 3, "seconds": {"a": 1.3}}
    assert written.exists() is kept
