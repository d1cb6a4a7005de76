"""`spec.layers` as the API server holds it, for all blueprints at once.

A layer that several blueprints have is the union of what they let people set; what only some of them have is held by a
rule of the spec, by blueprint. Must never blur a type: where two blueprints mean different things by one field, there
is no CRD.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from tradai_iac.blueprint import Blueprint
from tradai_operator.model.layers import layer_model, owners_of
from tradai_operator.model.rules import VALIDATIONS, rule
from tradai_operator.model.structural import Schema, structural

#: Blueprint → what it has at one place.
Nodes = Mapping[str, Schema]
Path = tuple[str, ...]
#: A place that not every owner of its layer has → who has it.
Parts = dict[Path, tuple[str, ...]]

#: What blueprints may say differently of one and the same field.
_WORDS: Final = frozenset({"description", "default"})
_OWN: Final = frozenset({*_WORDS, "properties", VALIDATIONS})
#: How CEL spells what is no identifier (Kubernetes' escapes).
_ESCAPES: Final = (("__", "__underscores__"), (".", "__dot__"), ("-", "__dash__"), ("/", "__slash__"))
#: More names than these would fill a terminal and say nothing more.
_SHOWN: Final = 8


class ConflictError(ValueError):
    """Two blueprints mean different things by one field of a layer that both have; the sentence names all four."""


def layers_schema(blueprints: Mapping[str, Blueprint]) -> tuple[Schema, list[dict[str, str]]]:
    """The node `spec.layers`, and the rules of the spec that go with it; raises ConflictError."""
    properties: dict[str, Schema] = {}
    parts: Parts = {}
    owners = owners_of(blueprints)
    for layer, of in owners.items():
        nodes = {name: structural(layer_model(layer, config).model_json_schema()) for name, config in of.items()}
        properties[layer] = {**_union((layer,), nodes, parts), "description": f"The {layer} layer."}
    node = {
        "type": "object",
        "description": "Settings of each layer; a layer that is left out has its defaults.",
        "properties": properties,
    }
    whose = {layer: tuple(of) for layer, of in owners.items()}
    return node, [*_layer_rules(whose), *_part_rules(parts)]


def _union(path: Path, nodes: Nodes, parts: Parts) -> Schema:
    first, *others = nodes.values()
    if all(other == first for other in others):
        return first
    objects = all("properties" in node for node in nodes.values())
    apart = _OWN if objects else _WORDS
    for name, node in nodes.items():
        if _without(node, apart) != _without(first, apart):
            raise ConflictError(_conflict(path, next(iter(nodes)), name, first, node))
    united = {**_without(first, apart), "description": _descriptions(nodes)}
    if not objects:
        same = all(node.get("default") == first.get("default") for node in nodes.values())
        return _ordered(united | ({"default": first["default"]} if same and "default" in first else {}))
    names = dict.fromkeys(name for node in nodes.values() for name in node["properties"])
    united["properties"] = {name: _property((*path, name), nodes, parts) for name in names}
    rules = [each for node in nodes.values() for each in node.get(VALIDATIONS, ())]
    return _ordered(united | ({VALIDATIONS: [r for n, r in enumerate(rules) if r not in rules[:n]]} if rules else {}))


def _property(path: Path, nodes: Nodes, parts: Parts) -> Schema:
    having = {name: node["properties"][path[-1]] for name, node in nodes.items() if path[-1] in node["properties"]}
    united = _union(path, having, parts)
    if len(having) == len(nodes):
        return united
    parts[path] = tuple(having)
    # a default would be filled in for those who have no such field, and refused in their name
    whose = f"Of {' and '.join(having)}: {united['description']}"
    return _without(united, frozenset({"default"})) | {"description": whose}


def _without(node: Schema, keys: frozenset[str]) -> Schema:
    return {key: value for key, value in node.items() if key not in keys}


def _ordered(node: Schema) -> Schema:
    return {"type": node["type"], "description": node["description"], **node}


def _descriptions(nodes: Nodes) -> str:
    """What each says of it, once where they agree."""
    said: dict[str, list[str]] = {}
    for name, node in nodes.items():
        said.setdefault(node["description"], []).append(name)
    if len(said) == 1:
        return next(iter(said))
    return " ".join(f"Of {' and '.join(names)}: {text}" for text, names in said.items())


def _conflict(path: Path, one: str, other: str, first: Schema, second: Schema) -> str:
    keys = sorted(key for key in {*first, *second} - _OWN if first.get(key) != second.get(key)) or [VALIDATIONS]
    differ = "; ".join(f"{key} {first.get(key)!r} and {second.get(key)!r}" for key in keys)
    return f"layers.{'.'.join(path)} of {one} and of {other} differ in {differ}: rename one, or make them alike"


def _layer_rules(whose: Mapping[str, tuple[str, ...]]) -> Iterator[dict[str, str]]:
    """A layer may be set only where the blueprint has it: none is accepted and ignored."""
    for layer, owners in whose.items():
        absent = f"!has(self.layers) || !has(self.layers.{layer})"
        message = f"remove layers.{layer}, or set blueprint: {' or '.join(owners)}: no other blueprint has that layer"
        yield rule(f"{absent} || {_is_one_of(owners)}", message, ".layers")


def _part_rules(parts: Parts) -> Iterator[dict[str, str]]:
    """The same of single fields, a rule for all of a layer that have the same owners."""
    grouped: dict[tuple[str, tuple[str, ...]], list[Path]] = {}
    for path, owners in parts.items():
        grouped.setdefault((path[0], owners), []).append(path)
    for (layer, owners), paths in grouped.items():
        there = " || ".join(f"{_optional(('layers', *path))}.hasValue()" for path in paths)
        shown = [".".join(path[1:]) for path in paths[:_SHOWN]] + ["..."] * (len(paths) > _SHOWN)
        message = f"remove {', '.join(shown)} from layers.{layer}, or set blueprint: {' or '.join(owners)}"
        yield rule(f"{_is_one_of(owners)} || !({there})", f"{message}: no other has that there", ".layers")


def _optional(path: Path) -> str:
    """CEL: a place below the spec of which no part need be there."""
    return "self" + "".join(f".?{_escaped(part)}" for part in path)


def _is_one_of(blueprints: tuple[str, ...]) -> str:
    return " || ".join(f"self.blueprint == '{name}'" for name in blueprints)


def _escaped(name: str) -> str:
    for plain, escaped in _ESCAPES:
        name = name.replace(plain, escaped)
    return name
