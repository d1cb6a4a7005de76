"""`spec.layers`: one typed field a layer, made from what the blueprints declare.

Blueprints may have layers of the same name: a spec is read by its own blueprint's. Must never name a layer: a row in
the blueprint is all that a new one needs.
"""

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from pydantic import Field, create_model

from tradai_iac.base import Manifest
from tradai_iac.blueprint import Blueprint
from tradai_iac.blueprints import BLUEPRINTS

#: Layer → blueprint that has one of that name → what may be set there.
Owners = Mapping[str, Mapping[str, type[Manifest]]]


class LayerSpec(Manifest):
    """What every layer has; the typed ones below narrow `config`."""

    enabled: bool = Field(
        default=True,
        description="Whether the operator builds and keeps this layer; false leaves it as it stands.",
    )
    config: Manifest

    @property
    def overrides(self) -> dict[str, Any]:
        """The configuration as people spell it (camelCase), only what is set: what a run is given."""
        return self.config.model_dump(mode="json", by_alias=True, exclude_none=True, exclude_defaults=True)


class LayersBase(Manifest):
    """Access by name, for those who know layers from the blueprint only."""

    def of(self, name: str) -> LayerSpec:
        """The layer of that name; raises AttributeError for one that no blueprint has."""
        layer: LayerSpec = getattr(self, name)
        return layer


def owners_of(blueprints: Mapping[str, Blueprint]) -> Owners:
    """Every layer's owners, in the order of the blueprints."""
    found: dict[str, dict[str, type[Manifest]]] = {}
    for blueprint in blueprints.values():
        for layer in blueprint.layers:
            found.setdefault(layer.name, {})[blueprint.name] = layer.config
    return found


def layer_model(name: str, config: type[Manifest]) -> type[LayerSpec]:
    """One layer with what may be set there."""
    description = f"Settings of the {name} layer."
    return create_model(
        f"{name.capitalize()}Layer",
        __base__=LayerSpec,
        __doc__=description,
        config=(config, Field(default=config(), description=description)),
    )


def layers_model(owners: Owners, blueprint: str | None = None) -> type[LayersBase]:
    """All layers, each as that blueprint has it, or whoever comes first where it has none of that name."""
    typed = {name: layer_model(name, of.get(blueprint or "") or next(iter(of.values()))) for name, of in owners.items()}
    fields: dict[str, Any] = {
        name: (model, Field(default=model(), description=f"The {name} layer.")) for name, model in typed.items()
    }
    return create_model("Layers", __base__=LayersBase, __doc__="One entry a layer.", **fields)


@cache
def layers_apart(blueprint: str) -> type[LayersBase] | None:
    """All layers as that blueprint has them; None where that is as `Layers` has them."""
    owners = owners_of(BLUEPRINTS)
    shared = (of for of in owners.values() if blueprint in of)
    apart = any(of[blueprint] is not next(iter(of.values())) for of in shared)
    return layers_model(owners, blueprint) if apart else None


def foreign_layer(layer: str) -> str:
    """What to do about a layer that another blueprint has."""
    owners = " or ".join(owners_of(BLUEPRINTS)[layer])
    return f"remove layers.{layer}, or set blueprint: {owners}: no other blueprint has that layer"


if TYPE_CHECKING:
    Layers = LayersBase
else:
    Layers = layers_model(owners_of(BLUEPRINTS))
