"""The few outputs of an environment that people look at first, as lines; its blueprint says which these are.

Pure. Must never show a secret: what the status holds has none.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from tradai_iac.blueprint import Blueprint


def few(blueprint: Blueprint, outputs: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """A line each, in the blueprint's order; what a layer does not export, or exports as nothing, is left out."""
    found = [
        (name, value)
        for layer in blueprint.layers
        for name in layer.shown
        if (value := outputs.get(layer.name, {}).get(name)) not in (None, "")
    ]
    width = max((len(name) for name, _ in found), default=0)
    for name, value in found:
        yield f"  {name:<{width}}  {value}"
