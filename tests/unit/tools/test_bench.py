"""The benchmark's arithmetic, and that the yardstick is what it claims to be."""

import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.bench.figures import Figure, critical_path, percentile

BARE = Path(__file__).parents[3] / "tools" / "bench" / "bare.py"
READS = {"p": frozenset[str](), "f": frozenset[str](), "c": frozenset({"p", "f"}), "e": frozenset({"p", "c"})}


def test_the_critical_path_is_the_longest_chain() -> None:
    assert critical_path({"p": 5, "f": 9, "c": 3, "e": 2}, READS) == 14


@given(st.lists(st.floats(0, 100), min_size=4, max_size=4))
def test_the_critical_path_lies_between_the_longest_layer_and_the_sum(samples: list[float]) -> None:
    seconds = dict(zip("pfce", samples, strict=True))
    assert max(samples) <= critical_path(seconds, READS) <= sum(samples) + 1e-9


@given(st.lists(st.floats(0, 100), min_size=1, max_size=50))
def test_a_percentile_is_one_of_the_samples_and_grows(samples: list[float]) -> None:
    assert percentile(samples, 0.5) in samples
    assert min(samples) <= percentile(samples, 0.5) <= percentile(samples, 0.95) <= max(samples)


@pytest.mark.parametrize(
    ("figure", "holds"),
    [
        (Figure("s", "n", 1.2, "x", 1.15), False),
        (Figure("s", "n", 1.1, "x", 1.15), True),
        (Figure("s", "n", 250, "x", 200, "at least"), True),
        (Figure("s", "n", 1, "s"), None),
    ],
)
def test_a_figure_knows_whether_its_target_holds(figure: Figure, holds: bool | None) -> None:
    assert figure.holds is holds


def test_the_bare_script_is_short_and_imports_nothing_of_the_runner_or_the_operator() -> None:
    text = BARE.read_text()
    assert len(text.splitlines()) <= 60
    imported = {node.module or "" for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ImportFrom)}
    imported |= {a.name for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Import) for a in node.names}
    assert not [name for name in imported if name.startswith(("tradai_iac.runner", "tradai_operator", "tradai_cli"))]
