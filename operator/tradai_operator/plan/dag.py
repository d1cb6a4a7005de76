"""The DAG of a blueprint's layers, derived from what each one reads (DESIGN §5).

Pure graph questions over names. Must never hold state.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from graphlib import CycleError, TopologicalSorter

from tradai_iac.blueprint import Blueprint


class BrokenBlueprintError(ValueError):
    """A blueprint whose layers read each other in a circle, or read what nobody exports."""


@dataclass(frozen=True)
class Dag:
    """Layers and the layers that each one reads from directly; construct it with `of`."""

    upstream: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, blueprint: Blueprint) -> "Dag":
        """The DAG of a blueprint; raises BrokenBlueprintError."""
        return _of(tuple((layer.name, frozenset(layer.reads)) for layer in blueprint.layers))

    @classmethod
    def from_reads(cls, reads: Mapping[str, frozenset[str]]) -> "Dag":
        """The DAG of plain names; raises BrokenBlueprintError for a circle or an unknown upstream."""
        for layer, upstream in reads.items():
            if unknown := upstream - reads.keys():
                raise BrokenBlueprintError(f"layer {layer} reads from {sorted(unknown)}, which do not exist")
        dag = cls(dict(reads))
        try:
            dag.build_order()
        except CycleError as error:
            raise BrokenBlueprintError(f"layers read each other in a circle: {error.args[1]}") from error
        return dag

    def build_order(self) -> tuple[str, ...]:
        """All layers, each after everything that it reads; the declaration's order among equals."""
        return self._order

    @cached_property
    def _order(self) -> tuple[str, ...]:
        return tuple(TopologicalSorter(self.upstream).static_order())

    def destroy_order(self) -> tuple[str, ...]:
        """All layers, each before everything that it reads."""
        return tuple(reversed(self.build_order()))

    def downstream(self, layer: str) -> frozenset[str]:
        """The layers that read from `layer` directly."""
        return frozenset(name for name, upstream in self.upstream.items() if layer in upstream)

    def all_downstream(self, layers: Collection[str]) -> frozenset[str]:
        """Everything that reads from any of `layers`, directly or not; not those layers themselves."""
        found: set[str] = set()
        frontier = set(layers)
        while frontier:
            frontier = {below for layer in frontier for below in self.downstream(layer)} - found
            found |= frontier
        return frozenset(found - set(layers))


@cache
def _of(reads: tuple[tuple[str, frozenset[str]], ...]) -> Dag:
    """One DAG a blueprint: every decision asks for it, several times."""
    return Dag.from_reads(dict(reads))
