"""`spec.layers`: one typed field a layer, made from what the blueprints declare.

Must never name a layer: a row in the blueprint is all that a new one needs.
"""

from typing import TYPE_CHECKING, Any, Final

from pydantic import Field, create_model

from tradai_iac.base import Manifest
from tradai_iac.blueprints import BLUEPRINTS

_CONFIGS: Final = {layer.name: layer.config for blueprint in BLUEPRINTS.values() for layer in blueprint.layers}


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


def _layer_model(name: str, config: type[Manifest]) -> type[LayerSpec]:
    description = f"Settings of the {name} layer."
    return create_model(
        f"{name.capitalize()}Layer",
        __base__=LayerSpec,
        __doc__=description,
        config=(config, Field(default=config(), description=description)),
    )


def _layers_model() -> type[LayersBase]:
    fields: dict[str, Any] = {
        name: (model, Field(default=model(), description=f"The {name} layer."))
        for name, model in ((name, _layer_model(name, config)) for name, config in _CONFIGS.items())
    }
    return create_model("Layers", __base__=LayersBase, __doc__="One entry a layer.", **fields)


if TYPE_CHECKING:
    Layers = LayersBase
else:
    Layers = _layers_model()
