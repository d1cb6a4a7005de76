"""Turns a pydantic JSON schema into the structural schema that a CRD takes.

References are put in place, "or null" becomes "may be absent", patterns become CEL rules with sentences. Must
never know a field by name.
"""

from collections.abc import Mapping
from typing import Any, Final

from tradai_iac.base import SENTENCE, TOGETHER
from tradai_operator.model.rules import VALIDATIONS, rule

Schema = dict[str, Any]

#: What structural schemas do not take, or what only pydantic needs.
_DROPPED: Final = frozenset({"$defs", "title", "discriminator", "propertyNames"})
_FIRST: Final = {key: place for place, key in enumerate(("type", "description", "default", "enum"))}


def structural(schema: Mapping[str, Any], *, defaults: bool = True) -> Schema:
    """The structural form of a whole model's schema; raises ValueError for what has none (a real union).

    What is below a list has no defaults: the API server would write them into each element, and whoever compares such
    an element with the manifest it came from sees a difference for ever. The model fills them in as it reads.
    """
    return _node(schema, schema.get("$defs", {}), defaults)


def _node(raw: Mapping[str, Any], definitions: Mapping[str, Any], defaults: bool) -> Schema:
    node = _flat(raw, definitions)
    node = {key: value for key, value in node.items() if key not in _DROPPED}
    if not defaults or isinstance(node.get("default"), dict | list) or node.get("default", 0) is None:
        node.pop("default", None)
    if node.get("additionalProperties") is False:
        del node["additionalProperties"]
    if "properties" in node:
        node["properties"] = {k: _node(v, definitions, defaults) for k, v in node["properties"].items()}
    for key in ("items", "additionalProperties"):
        if isinstance(node.get(key), Mapping):
            node[key] = _node(node[key], definitions, defaults and key != "items")
    return _ordered(_together(_worded(_bounded(node))))


def _flat(raw: Mapping[str, Any], definitions: Mapping[str, Any]) -> Schema:
    """The node without references and without "or null"; what is said at the outer place wins."""
    node = dict(raw)
    if reference := node.pop("$ref", None):
        return {**_flat(definitions[reference.rsplit("/", 1)[-1]], definitions), **node}
    if options := node.pop("anyOf", None):
        real = [option for option in options if option.get("type") != "null"]
        if len(real) != 1:
            raise ValueError(f"a union has no structural form: {options}")
        return {**_flat(real[0], definitions), **node}
    return node


def _bounded(node: Schema) -> Schema:
    """Bounds that follow from a format or an enum, in the words that a structural schema has for them."""
    if node.get("format") == "date-time":
        return {**node, "maxLength": 64}
    return node


def _worded(node: Schema) -> Schema:
    """A pattern with a sentence becomes a rule that says the sentence."""
    sentence = node.pop(SENTENCE, None)
    if sentence is None:
        return node
    pattern = node.pop("pattern").replace("\\", "\\\\").replace("'", "\\'")
    return _ruled(node, rule(f"self.matches('{pattern}')", sentence))


def _together(node: Schema) -> Schema:
    """Fields that are set together or not at all become rules that say so."""
    first, *others = node.pop(TOGETHER, [None])
    rules = [
        rule(f"has(self.{first}) == has(self.{other})", f"set {first} and {other} together, or neither")
        for other in others
    ]
    return _ruled(node, *rules)


def _ruled(node: Schema, *rules: dict[str, str]) -> Schema:
    return {**node, VALIDATIONS: [*rules, *node.get(VALIDATIONS, [])]} if rules else node


def _ordered(node: Schema) -> Schema:
    """What a reader looks for first comes first."""
    return {key: node[key] for key in sorted(node, key=lambda key: _FIRST.get(key, len(_FIRST)))}
