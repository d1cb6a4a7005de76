"""The blueprints that are installed, found by the entry points of packages (`tradai.blueprints`) and loaded once.

Loading one imports its declaration, which is cheap: no stack program and no Pulumi. Must never know a blueprint, nor go
on without one that cannot be loaded: whoever installed it means it, and what it built may stand.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from importlib.metadata import EntryPoint
from typing import Final

from tradai_iac.blueprint import Blueprint
from tradai_iac.plugged import BLUEPRINTS as BLUEPRINT_POINTS
from tradai_iac.plugged import PlugInError, load, origin, points_of

#: The blueprint that is meant where nobody names one.
DEFAULT: Final = "tradai"

#: A layer is a package and a key in manifests as well.
_NAME: Final = re.compile(r"[a-z][a-z0-9-]*")
_LAYER: Final = re.compile(r"[a-z][a-z0-9]*")


class Installed(Mapping[str, Blueprint]):
    """Name → blueprint, the one that is meant without a name first.

    Without `by_hand` those are left out that no resource may name. The first look raises PlugInError where one cannot
    be loaded.
    """

    def __init__(self, points: Iterable[EntryPoint] | None = None, *, by_hand: bool = True) -> None:
        self._points = points
        self._by_hand = by_hand

    @cached_property
    def _loaded(self) -> dict[str, Blueprint]:
        points = points_of(BLUEPRINT_POINTS) if self._points is None else self._points
        return {name: found for name, found in loaded(points).items() if self._by_hand or not found.by_hand}

    def __getitem__(self, name: str) -> Blueprint:
        if name not in self._loaded:
            raise KeyError(f"no blueprint is called {name!r}: there are {', '.join(self._loaded)}")
        return self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._loaded)

    def __len__(self) -> int:
        return len(self._loaded)


def loaded(points: Iterable[EntryPoint]) -> dict[str, Blueprint]:
    """Every blueprint that the entry points name; raises PlugInError for one that cannot be used."""
    found: dict[str, tuple[Blueprint, str]] = {}
    for point in sorted(points, key=lambda point: point.name):
        blueprint, ours = _load(point), origin(point)
        for other, theirs in found.values():
            _refuse_twins(blueprint, ours, other, theirs)
        found[blueprint.name] = blueprint, ours
    return {name: found[name][0] for name in sorted(found, key=lambda name: (name != DEFAULT, name))}


def _load(point: EntryPoint) -> Blueprint:
    blueprint = load(point)
    if not isinstance(blueprint, Blueprint):
        raise PlugInError(f"{origin(point)} is a {type(blueprint).__name__}, not a Blueprint; mend or uninstall it")
    wrong = [name for name in blueprint.layer_names if not _LAYER.fullmatch(name)]
    wrong += [] if _NAME.fullmatch(blueprint.name) else [blueprint.name]
    if wrong:
        raise PlugInError(
            f"blueprint {origin(point)}: {wrong[0]!r} is not a valid name; write lower-case letters and digits"
        )
    return blueprint


def _refuse_twins(blueprint: Blueprint, ours: str, other: Blueprint, theirs: str) -> None:
    """Stacks are called after their project: two blueprints of one would take them from each other."""
    for what, one, two in (("name", blueprint.name, other.name), ("project", blueprint.project, other.project)):
        if one == two:
            raise PlugInError(
                f"blueprint {ours} has the {what} {one!r} of {theirs}; rename it, or uninstall one of them"
            )


#: What a resource may be of.
BLUEPRINTS: Final = Installed(by_hand=False)
#: What a runner can build: those as well that a person builds before there is any resource.
BUILDABLE: Final = Installed()
