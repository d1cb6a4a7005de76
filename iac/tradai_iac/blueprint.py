"""What a blueprint declares: a named set of layers, and all that differs between systems.

The operator knows a system through this declaration only. Must never import a stack program, Pulumi or
Kubernetes: reading a declaration has to stay cheap and free of side effects.
"""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, get_type_hints

from tradai_iac.base import Manifest
from tradai_iac.images.reference import ImageRef
from tradai_iac.immutable import Immutable
from tradai_iac.naming import Naming
from tradai_iac.quotas import Quota
from tradai_iac.rights import Right
from tradai_iac.safeguards import Safeguard
from tradai_iac.settings import Settings

if TYPE_CHECKING:
    from tradai_iac.checklist import Checklist


def no_images(_: Manifest) -> tuple[ImageRef, ...]:
    """A layer that runs no images."""
    return ()


def no_names(_: Naming) -> Mapping[str, Sequence[str]]:
    """Rights that need no names beyond those of every blueprint."""
    return {}


@dataclass(frozen=True)
class Layer:
    """One Pulumi stack of a blueprint.

    `config` is the typed part of the resource that people may set; `inputs` is a dataclass whose fields name
    upstream layers and whose field types are dataclasses naming the outputs read from them; `outputs` is the
    dataclass of everything the layer exports; `secret_outputs` are those that must never be seen in clear;
    `images` are those that must be in their repositories before the layer runs, given its `config`; `weight` is the
    memory that a run of the layer takes at its peak (MiB), 0 where the operator's own reckoning is good enough; `shown`
    are the few outputs that people look at first.
    """

    name: str
    config: type[Manifest]
    inputs: type
    outputs: type
    secret_outputs: frozenset[str] = frozenset()
    images: Callable[[Any], tuple[ImageRef, ...]] = no_images
    weight: int = 0
    shown: tuple[str, ...] = ()

    @cached_property
    def reads(self) -> Mapping[str, tuple[str, ...]]:
        """Upstream layer → names of the outputs that this layer consumes."""
        return {
            upstream: tuple(f.name for f in fields(contract))
            for upstream, contract in get_type_hints(self.inputs).items()
            if is_dataclass(contract)
        }


@dataclass(frozen=True)
class Blueprint:
    """A named DAG of layers, and what differs between one system and another.

    `package` is where its stack programs are: `{package}.layers.{layer}.program`. `stages` are the fixed environment
    names, `protected` those of them whose guards are up from the start; `settings` resolves its values for one
    environment, and raises ValueError for a name that is none. `teardown` maps a deletion policy to the layers that it
    takes.
    `data_bearing` are the types whose loss is a loss of data; `revisions` those that AWS never changes in place: to
    replace one is to publish the next revision, and destroys nothing. `safeguards` are what keeps data, or lets it be
    recovered: to lower one counts as destructive. `immutable` are the properties that never change (an empty one stands
    for the resource itself), `quotas` those of AWS that it touches. `rights` are what the deploying role may do, by
    topic, and `names_in_rights` what their templates may name beside `accounts.values_of`. `endpoint_services`
    are the services (as the aws provider's `endpoints` spells them) that no other program uses. `drift_table` is the
    component of the table that keeps a row a stack of what the last look for drift found, if it has one; `checklist` is
    what `tradai config-check` asks. `by_hand` is one that stands before any resource can: a person has a runner build
    it, no resource is of it, and the definition says nothing of it.
    """

    name: str
    project: str
    package: str
    stages: tuple[str, ...]
    layers: tuple[Layer, ...]
    settings: Callable[[str], Settings]
    teardown: Mapping[str, frozenset[str]]
    data_bearing: frozenset[str]
    revisions: frozenset[str] = frozenset()
    safeguards: tuple[Safeguard, ...] = ()
    protected: frozenset[str] = frozenset()
    immutable: tuple[Immutable, ...] = ()
    quotas: tuple[Quota, ...] = ()
    rights: Mapping[str, tuple[Right, ...]] = field(default_factory=dict)
    names_in_rights: Callable[[Naming], Mapping[str, Sequence[str]]] = no_names
    endpoint_services: tuple[str, ...] = ()
    drift_table: str | None = None
    checklist: "Callable[[], Checklist] | None" = None
    by_hand: bool = False

    def stack_project(self, layer: str) -> str:
        """The Pulumi project of a layer, `tradai-foundation` for instance (001 §10)."""
        return f"{self.project}-{layer}"

    def layer_package(self, layer: str) -> str:
        """The package of a layer's stack program; its folder is the one for `pulumi up` by hand."""
        return f"{self.package}.layers.{layer}"

    def layer(self, name: str) -> Layer:
        """The layer of that name; raises KeyError with the known names."""
        for layer in self.layers:
            if layer.name == name:
                return layer
        raise KeyError(f"blueprint {self.name} has no layer {name!r}: {', '.join(self.layer_names)}")

    def after(self, name: str) -> Layer | None:
        """The layer that is declared next; None after the last one, and after one that is none of the blueprint's."""
        later = itertools.dropwhile(lambda layer: layer.name != name, self.layers)
        return next(itertools.islice(later, 1, None), None)

    @property
    def layer_names(self) -> tuple[str, ...]:
        """Layer names in declaration order."""
        return tuple(layer.name for layer in self.layers)
