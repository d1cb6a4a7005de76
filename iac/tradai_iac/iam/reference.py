"""AWS's service authorization reference, as the files in `facts/reference` have it (`just facts` writes them).

Must never know a policy or a call.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import Any, Final

from tradai_iac.iam.patterns import ANYTHING, fits

_FOLDER: Final = files("tradai_iac.iam") / "facts" / "reference"
_FIELD: Final = re.compile(r"\$\{(\w+)\}")


@dataclass(frozen=True)
class ResourceType:
    """A type of resource: templates of its ARNs (`arn:${Partition}:sns:${Region}:...`), and its condition keys."""

    name: str
    arns: tuple[str, ...]
    keys: frozenset[str]

    @cached_property
    def patterns(self) -> tuple[str, ...]:
        """The templates as patterns: any value in each of their fields."""
        return tuple(_FIELD.sub(ANYTHING, arn) for arn in self.arns)


@dataclass(frozen=True)
class Action:
    """An action of a service: the types of resources that it acts on (none: it is allowed on `*` alone), those of them
    that every call names, its condition keys, those of its types included, and the actions that a call may need as
    well."""

    service: str
    name: str
    types: tuple[ResourceType, ...]
    required: frozenset[str]
    keys: frozenset[str]
    needs: frozenset[str]

    def __str__(self) -> str:
        return f"{self.service}:{self.name}"


@dataclass(frozen=True)
class Service:
    """A service by the prefix of its actions; `actions` by their names in lower case, since IAM knows no other."""

    prefix: str
    actions: Mapping[str, Action]
    types: Mapping[str, ResourceType]


def services() -> frozenset[str]:
    """The prefixes that the reference knows."""
    return frozenset(path.name.removesuffix(".json") for path in _FOLDER.iterdir() if path.name.endswith(".json"))


@cache
def service(prefix: str) -> Service:
    """A service; raises LookupError for one without a file."""
    if prefix not in services():
        raise LookupError(f"no service {prefix!r} in the reference: add it to tools/facts/reference.py, `just facts`")
    found = json.loads((_FOLDER / f"{prefix}.json").read_text(encoding="utf-8"))
    types = {name: ResourceType(name, tuple(arns), frozenset(keys)) for name, (arns, keys) in found["types"].items()}
    actions = {name.lower(): _action(prefix, name, row, types) for name, row in found["actions"].items()}
    return Service(prefix, actions, types)


def _action(prefix: str, name: str, row: Any, types: Mapping[str, ResourceType]) -> Action:
    marked, keys, needs = row
    touched = tuple(types[text.rstrip("!")] for text in marked)
    required = frozenset(text[:-1] for text in marked if text.endswith("!"))
    own = frozenset(keys).union(*(type_.keys for type_ in touched))
    return Action(prefix, name, touched, required, own, frozenset(needs))


def action(name: str) -> Action:
    """`s3:GetObject`; raises LookupError for one that the reference does not know."""
    prefix, _, own = name.partition(":")
    found = service(prefix).actions.get(own.lower())
    if not found:
        raise LookupError(f"{name} is no action that AWS knows")
    return found


def meant(pattern: str) -> Iterator[Action]:
    """The actions that a pattern means (`s3:Get*`); raises LookupError for a service that the reference lacks."""
    prefix, _, own = pattern.partition(":")
    return (found for name, found in service(prefix).actions.items() if fits(own.lower(), name))
