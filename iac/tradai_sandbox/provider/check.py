"""What the engine asks first: are these inputs sound, and what do they become with defaults, name and tags.

Pure but for the name that it makes up. Must never let a property pass that the row does not know.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tradai_sandbox.provider.calls import Change, Create
from tradai_sandbox.provider.cloud import Cloud
from tradai_sandbox.provider.compare import is_empty
from tradai_sandbox.provider.props import Props
from tradai_sandbox.provider.row import Row
from tradai_sandbox.provider.translate import TranslationError, to_api
from tradai_sandbox.provider.unknown import UNKNOWN, has_unknown


@dataclass(frozen=True)
class Complaint:
    """One thing that is wrong with one property."""

    property: str
    reason: str


def complaints(row: Row, inputs: Props) -> list[Complaint]:
    """Everything that is wrong with `inputs`: unknown, of the wrong kind, or missing properties."""
    known = {p.name: p for p in row.inputs}
    found = [
        Complaint(name, f"{row.token} has no property {name!r} that the sandbox provider knows")
        for name in inputs
        if name not in known and not (name == "region" and row.regional)
    ]
    found += [
        Complaint(p.name, f"{row.token} needs {p.name!r}") for p in row.inputs if p.required and p.name not in inputs
    ]
    found += [
        Complaint(name, f"{name!r} of {row.token} must be {known[name].kind.__name__}, not {type(value).__name__}")
        for name, value in inputs.items()
        if name in known and not _is_kind(value, known[name].kind)
    ]
    return found


def nested_complaints(row: Row, cloud: Cloud, inputs: Props) -> list[Complaint]:
    """What is wrong inside of nested inputs: properties that have no place in the request that carries them."""
    carriers = [call.op for call in (row.create, *(s.run for s in row.steps)) if isinstance(call, Create | Change)]
    shapes = [cloud.input_shape(row.service, op) for op in carriers]
    found = []
    for prop in row.inputs:
        value = inputs.get(prop.name)
        if not isinstance(value, list | dict) or prop.to is not None or has_unknown(value):
            continue
        try:
            for shape in shapes:
                to_api([prop], inputs, shape)
        except (TranslationError, TypeError, ValueError) as error:
            found.append(Complaint(prop.name, f"{row.token}: {error}"))
    return found


def _is_kind(value: Any, kind: type) -> bool:
    """Whether a value can stand for a kind; scalars stand for each other, as in the official provider."""
    if value is UNKNOWN:
        return True
    if kind in (list, dict):
        return isinstance(value, kind)
    return not isinstance(value, list | dict)


def completed(row: Row, inputs: Props, old: Props, urn: str, seed: bytes, default_tags: Mapping[str, str]) -> Props:
    """`inputs` with the row's defaults, a made-up name where there is none, and default tags.

    As with the official provider those do not reach an Auto Scaling group, which has no `tagsAll`.
    """
    defaults = {p.name: p.default for p in row.inputs if p.default is not None and p.name not in inputs}
    found = {**inputs, **defaults}
    if row.name and is_empty(found.get(row.name)) and not found.get(f"{row.name}Prefix"):
        found[row.name] = old.get(row.name) or _made_up(urn, seed, row.name_suffix)
    if row.prop("tagsAll") is not None and default_tags and found.get("tags") is not UNKNOWN:
        found["tags"] = {**default_tags, **found.get("tags", {})}
    return found


def is_made_up(name: str, urn: str) -> bool:
    """Whether a name was made up from the logical name of `urn`: a replacement then has another one."""
    head = f"{_logical(urn)}-"
    tail = name.removeprefix(head).partition(".")[0]
    return name.startswith(head) and len(tail) == 7 and all(c in "0123456789abcdef" for c in tail)


def _made_up(urn: str, seed: bytes, suffix: str) -> str:
    return f"{_logical(urn)}-{hashlib.sha256(seed or urn.encode()).hexdigest()[:7]}{suffix}"


def _logical(urn: str) -> str:
    return urn.rpartition("::")[2]
