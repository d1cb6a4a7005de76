"""The DAG of layers: algebra over any DAG, and the documents' one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradai_blueprints.tradai.declaration import TRADAI
from tradai_operator.plan.dag import BrokenBlueprintError, Dag


@st.composite
def dags(draw: st.DrawFn) -> Dag:
    """Any DAG: a layer may read from any that come before it in a hidden order."""
    names = draw(st.permutations([f"l{i}" for i in range(draw(st.integers(1, 9)))]))
    reads = {
        name: frozenset(draw(st.sets(st.sampled_from(names[:place])) if place else st.just(set())))
        for place, name in enumerate(names)
    }
    return Dag.from_reads(dict(sorted(reads.items())))


@given(dags())
def test_every_layer_is_built_after_everything_that_it_reads(dag: Dag) -> None:
    order = dag.build_order()
    assert sorted(order) == sorted(dag.upstream)
    for layer, upstream in dag.upstream.items():
        assert all(order.index(up) < order.index(layer) for up in upstream)


@given(dags())
def test_destroying_is_building_backwards(dag: Dag) -> None:
    assert dag.destroy_order() == tuple(reversed(dag.build_order()))
    for layer, upstream in dag.upstream.items():
        assert all(dag.destroy_order().index(layer) < dag.destroy_order().index(up) for up in upstream)


@given(dags())
def test_all_downstream_is_the_transitive_closure_of_downstream(dag: Dag) -> None:
    for layer in dag.upstream:
        below = dag.all_downstream({layer})
        assert layer not in below
        assert dag.downstream(layer) <= below
        assert all(dag.downstream(other) <= below for other in below)


def test_a_circle_is_refused() -> None:
    with pytest.raises(BrokenBlueprintError, match="circle"):
        Dag.from_reads({"a": frozenset({"b"}), "b": frozenset({"a"})})


def test_reading_from_nobody_is_refused() -> None:
    with pytest.raises(BrokenBlueprintError, match="do not exist"):
        Dag.from_reads({"a": frozenset({"ghost"})})


def test_persistent_and_foundation_run_side_by_side_and_edge_is_last() -> None:
    dag = Dag.of(TRADAI)
    assert dag.upstream["persistent"] == dag.upstream["foundation"] == frozenset()
    assert dag.upstream["compute"] == {"persistent", "foundation"}
    assert dag.upstream["edge"] == {"persistent", "foundation", "compute"}


def test_every_output_that_a_layer_reads_is_exported_upstream() -> None:
    from dataclasses import fields

    for layer in TRADAI.layers:
        for upstream, names in layer.reads.items():
            exported = {field.name for field in fields(TRADAI.layer(upstream).outputs)}
            assert set(names) <= exported, f"{layer.name} reads what {upstream} does not export"


def test_every_secret_output_is_an_output() -> None:
    from dataclasses import fields

    for layer in TRADAI.layers:
        assert layer.secret_outputs <= {field.name for field in fields(layer.outputs)}
