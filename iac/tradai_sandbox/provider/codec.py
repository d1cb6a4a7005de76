"""Between the engine's wire format (protobuf structs) and plain Python values.

Secrets are unwrapped on the way in and their top-level names remembered, so that they can be wrapped again on
the way out. Archives and assets stay in their wire form (`archives` opens them). Must never print or log a
value.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from google.protobuf import struct_pb2

from tradai_sandbox.provider.props import Props
from tradai_sandbox.provider.unknown import UNKNOWN

#: Marks of the wire format (Pulumi SDK, `pulumi.runtime.rpc`).
SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - a mark, not a password
OUTPUT: Final = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
RESOURCE: Final = "5cf8f73096256a8f31e491e813e4eb8e"
UNKNOWN_TEXTS: Final = frozenset(
    {
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)
_UNKNOWN_TEXT: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


@dataclass(frozen=True)
class Bag:
    """Decoded properties, and the top-level names of those that hold a secret anywhere."""

    props: Props
    secrets: frozenset[str]


def decode(struct: struct_pb2.Struct | None) -> Bag:
    """Properties from the wire; secrets are opened, unknowns become `UNKNOWN`, nulls are left out."""
    if struct is None:
        return Bag({}, frozenset())
    found: dict[str, Any] = {}
    secrets = set()
    for key, value in struct.fields.items():
        seen = _Secrets()
        plain = _decode(value, seen)
        if seen.any:
            secrets.add(key)
        if plain is not None:
            found[key] = plain
    return Bag(found, frozenset(secrets))


class _Secrets:
    """Notes that a secret was met while one property was decoded."""

    any = False


def _decode(value: struct_pb2.Value, seen: _Secrets) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        return _decode_struct(value.struct_value, seen)
    if kind == "list_value":
        return [_decode(item, seen) for item in value.list_value.values]
    if kind == "string_value":
        return UNKNOWN if value.string_value in UNKNOWN_TEXTS else value.string_value
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() else number
    return value.bool_value if kind == "bool_value" else None


def _decode_struct(struct: struct_pb2.Struct, seen: _Secrets) -> Any:
    signature = struct.fields[SIGNATURE].string_value if SIGNATURE in struct.fields else ""
    if signature == SECRET:
        seen.any = True
        return _decode(struct.fields["value"], seen)
    if signature == OUTPUT:
        seen.any = seen.any or ("secret" in struct.fields and struct.fields["secret"].bool_value)
        return _decode(struct.fields["value"], seen) if "value" in struct.fields else UNKNOWN
    if signature == RESOURCE:
        return _decode(struct.fields["id"], seen) if "id" in struct.fields else None
    return {k: v for k, item in struct.fields.items() if (v := _decode(item, seen)) is not None}


def encode(props: Mapping[str, Any], secrets: Collection[str] = ()) -> struct_pb2.Struct:
    """Properties for the wire; those named in `secrets` are wrapped as secrets as a whole."""
    struct = struct_pb2.Struct()
    for key, value in props.items():
        plain = _plain(value)
        wrapped = {SIGNATURE: SECRET, "value": plain} if key in secrets else plain
        _put(struct.fields[key], wrapped)
    return struct


def _plain(value: Any) -> Any:
    if value is UNKNOWN:
        return _UNKNOWN_TEXT
    if isinstance(value, Mapping):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return value if value is None or isinstance(value, str | bool | int | float) else str(value)


def _put(target: struct_pb2.Value, value: Any) -> None:
    if isinstance(value, dict):
        target.struct_value.SetInParent()
        for key, item in value.items():
            _put(target.struct_value.fields[key], item)
    elif isinstance(value, list):
        target.list_value.SetInParent()
        for item in value:
            _put(target.list_value.values.add(), item)
    elif value is None:
        target.null_value = struct_pb2.NULL_VALUE
    elif isinstance(value, bool):
        target.bool_value = value
    elif isinstance(value, int | float):
        target.number_value = value
    else:
        target.string_value = value
