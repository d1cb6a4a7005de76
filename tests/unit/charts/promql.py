"""What a PromQL expression asks for, read off its syntax tree: metrics, their matchers, and the labels it keeps."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import promql_parser as promql


@dataclass(frozen=True)
class Asked:
    """One selector: a metric, and (label, operator, value) of each matcher."""

    metric: str
    matchers: tuple[tuple[str, str, str], ...]


def selectors(expression: str) -> list[Asked]:
    """Every selector; raises ValueError for what is no PromQL."""
    found: list[Asked] = []

    def visit(node: Any) -> bool:
        found.extend(_selector(node))
        return True

    promql.walk(promql.parse(expression), visit)
    return found


def _selector(node: Any) -> Iterator[Asked]:
    vector = node.vector_selector if isinstance(node, promql.MatrixSelector) else node
    if isinstance(vector, promql.VectorSelector):
        told = vector.matchers.matchers
        yield Asked(vector.name or "", tuple((each.name, str(each.op), each.value) for each in told))


def grouped(expression: str) -> set[str]:
    """The labels by which it sums up."""
    found: set[str] = set()

    def visit(node: Any) -> bool:
        if isinstance(node, promql.AggregateExpr) and node.modifier is not None:
            found.update(node.modifier.labels)
        return True

    promql.walk(promql.parse(expression), visit)
    return found
