"""The resources of all four layers in an environment, as their programs register them under mocks.

Must never judge a resource: it only gathers.
"""

import importlib
import keyword
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from tests.unit.iac.pulumi_mocks import Recorded, Run, context_for, run_program
from tests.unit.iac.upstream_outputs import (
    compute_inputs,
    edge_inputs,
    foundation_inputs,
    persistent_inputs,
)
from tradai_iac.blueprints import TRADAI
from tradai_iac.core.tagging import takes_tags

ENVIRONMENTS = ("dev", "staging", "prod", "eph-pr1234")
INPUTS: dict[str, Callable[[], Any]] = {
    "persistent": persistent_inputs,
    "foundation": foundation_inputs,
    "compute": compute_inputs,
    "edge": edge_inputs,
}


@dataclass(frozen=True)
class Placed:
    """A resource and where it stands."""

    layer: str
    environment: str
    resource: Recorded

    def __str__(self) -> str:
        return f"{self.environment}/{self.layer}: {self.resource.type} {self.resource.name}"


@cache
def layer_run(layer: str, environment: str) -> Run:
    """One layer with its default configuration and the state bucket that bootstrapping makes."""
    program = importlib.import_module(f"tradai_iac.layers.{layer}.program").program
    state_bucket = f"tradai-pulumi-state-{environment}"
    context = context_for(environment, state_bucket=state_bucket)
    return run_program(program, TRADAI.layer(layer).config(), context, INPUTS[layer]())


@cache
def graph(environment: str) -> tuple[Placed, ...]:
    """Every resource of AWS in that environment, components left out."""
    return tuple(
        Placed(layer, environment, resource)
        for layer in TRADAI.layer_names
        for resource in layer_run(layer, environment)
        if resource.type.startswith("aws:")
    )


def of_type(environment: str, type_: str) -> list[Placed]:
    """The resources of one type; fails where there is none, lest a policy holds over nothing."""
    found = [placed for placed in graph(environment) if placed.resource.type == type_]
    assert found, f"no {type_} in {environment}"
    return found


def module_of(type_: str) -> str:
    """`aws:lb/targetGroup:TargetGroup` → `lb`."""
    return type_.split(":")[1].split("/")[0]


def taggable(type_: str) -> bool:
    """Whether the class behind a type token takes tags."""
    module = module_of(type_)
    spelled = f"{module}_" if keyword.iskeyword(module) else module
    return takes_tags(getattr(importlib.import_module(f"pulumi_aws.{spelled}"), type_.rsplit(":", 1)[1]))
