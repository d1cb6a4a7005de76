"""The tables of `stacks`: run by run, and type by type.

Must never decide what is too much: the aims are `step`'s.
"""

from collections.abc import Iterable

from rich.table import Table

from tools.bench.calls import TypeCost
from tools.bench.cpu import KINDS
from tools.bench.step import Step


def runs_table(steps: Iterable[Step]) -> Table:
    """Seconds, CPU seconds and calls of each run; the last column is the state's calls and whoever else's."""
    table = Table("environment", "layer", "step", title="Each run")
    for name in ("resources", "changed", "wall s", *(f"{kind} CPU s" for kind in KINDS), "calls a resource", "others'"):
        table.add_column(name, justify="right")
    for each in steps:
        cpu = (f"{each.cpu[kind]:.1f}" for kind in KINDS)
        counts = (str(each.resources), str(each.changed), f"{each.wall:.1f}")
        calls = (f"{each.ratio:.2f}", str(each.other_calls))
        table.add_row(each.environment, each.layer, each.step, *counts, *cpu, *calls)
    return table


def types_table(step: str, aim: float, exceeding: Iterable[TypeCost]) -> Table:
    """The types that take more calls than the aim, worst first, and which calls those are."""
    table = Table("type", title=f"Over {aim:g} AWS calls a resource on {step}, worst first")
    table.add_column("resources", justify="right")
    table.add_column("calls a resource", justify="right")
    table.add_column("beyond the aim", justify="right")
    table.add_column("which, a resource")
    for cost in exceeding:
        row = (str(cost.resources), f"{cost.calls / cost.resources:.2f}", f"{cost.excess(aim):.0f}")
        which = (f"{name} {count / cost.resources:.2g}" for name, count in sorted(cost.operations.items()))
        table.add_row(cost.type, *row, ", ".join(which))
    return table
