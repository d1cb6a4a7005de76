"""The resources of all four layers in an environment, as their programs register them under mocks.

What a layer reads is what the layers below export, so that ids lead from one layer to another. Must never judge a
resource: it only gathers.
"""

import importlib
import keyword
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from tests.unit.iac.frozen import all_frozen
from tests.unit.iac.pulumi_mocks import REGION, Recorded, Run
from tradai_blueprints.tradai.declaration import TRADAI
from tradai_iac.core.tagging import takes_tags
from tradai_iac.rendering import render, render_defaults

ENVIRONMENTS = ("dev", "staging", "prod", "eph-pr1234")

#: Configurations beside the default one that change what is connected with what.
VARIANTS: Mapping[str, Mapping[str, Mapping[str, object]]] = {
    "certificate": {
        "compute": {
            "certificateArn": f"arn:aws:acm:{REGION}:123456789012:certificate/1a2b",
            "certificateHost": "api.example.com",
        }
    },
    "no load balancer": {"compute": {"skipAlb": True}, "edge": {"skipAlb": True}},
}


@dataclass(frozen=True)
class Placed:
    """A resource and where it stands."""

    layer: str
    environment: str
    resource: Recorded

    def __str__(self) -> str:
        return f"{self.environment}/{self.layer}: {self.resource.type} {self.resource.name}"


def runs(environment: str, variant: str | None = None) -> Mapping[str, Run]:
    """Every layer, with the state bucket that bootstrapping makes, and its default configuration or a variant's."""
    return _runs(environment, variant)


@cache
def _runs(environment: str, variant: str | None) -> Mapping[str, Run]:
    bucket = f"tradai-pulumi-state-{environment}"
    if variant is None:
        return all_frozen(render_defaults(TRADAI.name, environment, REGION, bucket))
    configs = {layer: TRADAI.layer(layer).config.model_validate(config) for layer, config in VARIANTS[variant].items()}
    return all_frozen(render(TRADAI, environment, REGION, configs, bucket))


def layer_run(layer: str, environment: str) -> Run:
    """One layer with its default configuration."""
    return runs(environment)[layer]


def graph(environment: str, variant: str | None = None) -> tuple[Placed, ...]:
    """Every resource of AWS in that environment, components left out."""
    return _graph(environment, variant)


@cache
def _graph(environment: str, variant: str | None) -> tuple[Placed, ...]:
    return tuple(
        Placed(layer, environment, resource)
        for layer, run in runs(environment, variant).items()
        for resource in run
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
