"""What a checklist of a blueprint is made of: items that hold a configuration, its plan and AWS against each other.

Must never hold an item: those are the blueprint's.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from tradai_iac.base import Manifest
from tradai_iac.immutable import Known
from tradai_iac.naming import Naming

#: What a column says of one item: a thing's name → its values as text. Equal facts agree.
Facts = Mapping[str, str]
#: A boto3 client by the name of its service.
Clients = Callable[[str], Any]


class Found(Known, Protocol):
    """A resource as the state has it, with what AWS says of it."""

    @property
    def outputs(self) -> Mapping[str, Any]:
        """Its outputs in camelCase."""


class Stack(Protocol):
    """What the state has of one layer."""

    @property
    def stands(self) -> bool:
        """Whether anything of it is there."""

    @property
    def resources(self) -> "tuple[Found, ...]":
        """What is there."""


@dataclass(frozen=True)
class Live:
    """An environment in AWS, and the records of its layers, which say what resources there are to look at."""

    clients: Clients
    recorded: Mapping[str, Stack]

    def pages(self, service: str, operation: str, result: str, **arguments: Any) -> list[Any]:
        """All items under `result` of a listing; raises botocore's ClientError."""
        client = self.clients(service)
        pages = client.get_paginator(operation).paginate(**arguments)
        return [item for page in pages for item in page.get(result, [])]


Of = TypeVar("Of", bound="Subject[Any]")
S = TypeVar("S")


@dataclass(frozen=True)
class Subject(Generic[S]):
    """The canonical values of an environment, what people set in its layers, and where it is."""

    settings: S
    naming: Naming
    region: str
    configs: Mapping[str, Manifest]


@dataclass(frozen=True)
class Item(Generic[Of]):
    """One line of a checklist; `sections` are headings of the canonical document, without their marks.

    `stale` says of such headings where the document is not what the configuration says.
    """

    title: str
    sections: tuple[str, ...]
    demanded: Callable[[Of], Facts]
    faults: Callable[[Of], list[str]]
    planned: Callable[[Any, Of], Facts]
    live: Callable[[Live, Of], Facts]
    stale: Callable[[tuple[str, ...]], list[str]] = lambda _: []


@dataclass(frozen=True)
class Checklist:
    """The items of a blueprint, and how what they are asked about is made: settings, naming, region, configs."""

    items: tuple[Item[Any], ...]
    subject: Callable[[Any, Naming, str, Mapping[str, Manifest]], Subject[Any]]


def no_faults(_: Subject[Any]) -> list[str]:
    """Nothing in the configuration could be wrong by itself."""
    return []


def differences(wanted: Facts, found: Facts) -> list[str]:
    """Sentences about every fact in which two columns differ, by name."""
    names = sorted({*wanted, *found})
    return [
        f"{name}: {found.get(name, 'missing')}" + (f", not {wanted[name]}" if name in wanted else ", not demanded")
        for name in names
        if wanted.get(name) != found.get(name)
    ]
