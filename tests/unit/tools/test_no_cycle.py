"""No module imports another that imports it again, directly or around, in any of the trees."""

from collections.abc import Collection, Mapping
from graphlib import CycleError, TopologicalSorter

import grimp
import pytest

TREES = ("tradai_cli", "tradai_operator", "tradai_runner", "tradai_iac", "tradai_sandbox")


def cycle(graph: Mapping[str, Collection[str]]) -> list[str]:
    """The modules of one cycle, empty where there is none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as found:
        return list(found.args[1])
    return []


def test_no_module_is_part_of_a_cycle() -> None:
    graph = grimp.build_graph(*TREES, cache_dir=None)
    modules = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    assert "tradai_operator.ports" in modules["tradai_operator.adapters.web.telemetry"]
    assert not cycle(modules)


@pytest.mark.parametrize("graph", [{"a": {"a"}}, {"a": {"b"}, "b": {"a"}}, {"a": {"b"}, "b": {"c"}, "c": {"a"}}])
def test_a_cycle_is_found(graph: Mapping[str, Collection[str]]) -> None:
    assert cycle(graph)
