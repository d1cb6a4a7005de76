"""Between Pulumi's property names and the shapes of the API, guided by botocore's service models.

Pure. A row's `Prop`s name what is irregular; everything else follows from the model. Must never drop a nested
property that the model does not know: that is an error which names it.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from botocore.model import ListShape, MapShape, Shape, StructureShape

from tradai_sandbox.provider.props import Prop, Props


class TranslationError(Exception):
    """A property has no place in the API's shape. The text names both."""


#: Capitals in a row that are a word of their own, as in `MasterKeyID` and `CallbackURLs`.
_RUN: Final = re.compile(r"[A-Z]{2,}(?=[A-Z][a-z]|s?$)")


def normal(name: str) -> str:
    """A name as it is compared: without case and punctuation."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def camel(name: str) -> str:
    """The API's spelling in Pulumi's: `VpcId` → `vpcId`, `KMSKeyId` → `kmsKeyId`, `ARN` → `arn`."""
    head = re.match(r"[A-Z]+(?![a-z0-9])|[A-Z]+(?=[A-Z][a-z])|[A-Z]+(?=[0-9])|[A-Z]", name)
    if head is None:
        return name
    return head.group().lower() + _RUN.sub(lambda run: run.group().capitalize(), name[head.end() :])


def member(shape: Shape | None, name: str) -> str | None:
    """The member of a structure that goes by `name`: exactly, else whatever its case and punctuation."""
    if not isinstance(shape, StructureShape):
        return None
    if name in shape.members:
        return name
    wanted = normal(name)
    return next((m for m in shape.members if normal(m) == wanted), None)


def to_api(props: Iterable[Prop], values: Mapping[str, Any], shape: Shape, *, strict: bool = False) -> Props:
    """The request parameters that `values` make in `shape`; what the shape lacks is left out, or an error."""
    found: Props = {}
    for prop in props:
        if prop.name not in values or prop.output or prop.local:
            continue
        path = _path(prop, shape)
        if path is None:
            if strict:
                raise TranslationError(f"{prop.name!r} has no place in {shape.name}")
            continue
        _set(found, path, _convert(prop, values[prop.name], _shape_at(shape, path)))
    return found


def _convert(prop: Prop, value: Any, shape: Shape | None) -> Any:
    if prop.to is not None:
        return prop.to(value)
    if prop.fields:
        return _convert_nested(prop, value, shape)
    return coerce(value, shape, prop.name)


def _convert_nested(prop: Prop, value: Any, shape: Shape | None) -> Any:
    known = {p.name for p in prop.fields}
    for item in value if isinstance(value, list) else [value]:
        if extra := set(item) - known:
            raise TranslationError(f"{prop.name!r} has unknown properties: {', '.join(sorted(extra))}")
    if isinstance(value, list) and isinstance(shape, ListShape):
        return [to_api(prop.fields, item, shape.member, strict=True) for item in value]
    if not isinstance(value, Mapping) or shape is None:
        raise TranslationError(f"{prop.name!r} does not fit its place in the API")
    return to_api(prop.fields, value, shape, strict=True)


def coerce(value: Any, shape: Shape | None, name: str) -> Any:
    """A value in the form that the model wants, member names included."""
    if isinstance(shape, StructureShape) and isinstance(value, Mapping):
        return {_member(shape, k, name): coerce(v, shape.members[_member(shape, k, name)], k) for k, v in value.items()}
    if isinstance(shape, ListShape):
        items = value if isinstance(value, list) else [value]
        return [coerce(item, shape.member, name) for item in items]
    if isinstance(shape, MapShape) and isinstance(value, Mapping):
        return {k: coerce(v, shape.value, name) for k, v in value.items()}
    return _scalar(value, shape)


def _member(shape: StructureShape, key: str, where: str) -> str:
    found = member(shape, key)
    if found is None:
        raise TranslationError(f"{where!r} has an unknown property {key!r}: {shape.name} has no such member")
    return found


def _scalar(value: Any, shape: Shape | None) -> Any:
    kind = shape.type_name if shape is not None else ""
    if kind == "string":
        return str(value).lower() if isinstance(value, bool) else str(value)
    if kind in ("integer", "long"):
        return int(value)
    if kind in ("float", "double"):
        return float(value)
    if kind == "boolean":
        return value if isinstance(value, bool) else str(value).lower() == "true"
    return value


def from_api(props: Iterable[Prop], data: Mapping[str, Any], shape: Shape | None) -> Props:
    """What the API answered, as the properties of a row; what is not there is left out."""
    found: Props = {}
    for prop in props:
        if prop.write_only or prop.local or prop.value:
            continue
        path = _path(prop, shape) or _literal(prop, data)
        raw = None if path is None else dig(data, path)
        if raw is None:
            continue
        value = _back(prop, raw, None if path is None else _shape_at(shape, path))
        if value is not None:
            found[prop.name] = value
    return found


def _back(prop: Prop, raw: Any, shape: Shape | None) -> Any:
    if prop.back is not None:
        return prop.back(raw)
    if prop.fields and isinstance(raw, list):
        inner = shape.member if isinstance(shape, ListShape) else None
        return [from_api(prop.fields, item, inner) for item in raw]
    if prop.fields:
        return from_api(prop.fields, raw, shape)
    return as_kind(prop.kind, plain(raw, shape))


def as_kind(kind: type, value: Any) -> Any:
    """Text from the API as the kind that Pulumi's schema has; other values as they are."""
    if not isinstance(value, str) or kind in (str, list, dict):
        return str(value) if kind is str and isinstance(value, int | float) else value
    return value.lower() == "true" if kind is bool else kind(value)


def plain(value: Any, shape: Shape | None) -> Any:
    """An answer in Pulumi's spelling: members in camel case, keys of maps as they are, times as text."""
    if isinstance(value, list):
        inner = shape.member if isinstance(shape, ListShape) else None
        return [plain(v, inner) for v in value]
    if isinstance(shape, MapShape) and isinstance(value, Mapping):
        return {k: plain(v, shape.value) for k, v in value.items()}
    if isinstance(value, Mapping):
        members = shape.members if isinstance(shape, StructureShape) else {}
        return {camel(k): plain(v, members.get(k)) for k, v in value.items() if v is not None}
    return value.isoformat() if isinstance(value, datetime) else value


def _path(prop: Prop, shape: Shape | None) -> str | None:
    """Where `prop` lives in `shape`, or None where it has no place there."""
    places = (prop.api or prop.name).split("|")
    for place in places:
        head, _, rest = place.partition(".")
        if (found := member(shape, head)) is not None:
            return ".".join(filter(None, (found, rest)))
    return None


def _literal(prop: Prop, data: Mapping[str, Any]) -> str | None:
    """Where a reader that gave its answer another form has put `prop`."""
    places = (prop.api or prop.name).split("|")
    return next((place for place in places if place.partition(".")[0] in data), None)


def _steps(path: str) -> list[str]:
    return [step for step in re.split(r"\.|(\[\d+\])", path) if step]


def dig(data: Any, path: str) -> Any:
    """The value at a path of members and `[n]`, or None where the path ends early."""
    for step in _steps(path):
        if step.startswith("["):
            at = int(step[1:-1])
            data = data[at] if isinstance(data, list) and len(data) > at else None
        else:
            data = data.get(step) if isinstance(data, Mapping) else None
    return data


def shape_at(shape: Shape | None, path: str) -> Shape | None:
    """The shape at a path of members and `[n]`, or None where the model does not say."""
    return _shape_at(shape, path)


def _shape_at(shape: Shape | None, path: str) -> Shape | None:
    for step in _steps(path):
        if isinstance(shape, StructureShape):
            shape = shape.members.get(step)
        elif isinstance(shape, ListShape):
            shape = shape.member
        elif isinstance(shape, MapShape):
            shape = shape.value
        else:
            return None
    return shape


def _set(target: Props, path: str, value: Any) -> None:
    *heads, last = path.split(".")
    for head in heads:
        target = target.setdefault(head, {})
    target[last] = value
