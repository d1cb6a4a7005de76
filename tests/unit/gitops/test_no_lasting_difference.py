"""Nothing of a manifest reads differently for ever, once the API server has it: defaults stand where they do no harm.

A tool that compares what git has with what the API server has finds a default inside a list item, or of an object,
again and again, since it cannot tell it from what somebody wrote there.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from tradai_operator.model import keys
from tradai_operator.model.crd import FILE

ROOT = Path(__file__).parents[3]
EXAMPLES = [path for folder in ("crds/examples", "charts/examples") for path in (ROOT / folder).rglob("*.yaml")]


@cache
def spec() -> dict[str, Any]:
    [version] = yaml.load(FILE.read_text(), Loader=yaml.CSafeLoader)["spec"]["versions"]
    found: dict[str, Any] = version["schema"]["openAPIV3Schema"]["properties"]["spec"]
    return found


def wrong_defaults(schema: dict[str, Any], path: str, in_list: bool = False) -> Iterator[str]:
    """Where a default is inside a list item, or is itself an object or a list."""
    if "default" in schema and (in_list or isinstance(schema["default"], dict | list)):
        yield path
    for name, part in schema.get("properties", {}).items():
        yield from wrong_defaults(part, f"{path}.{name}", in_list)
    if isinstance(items := schema.get("items"), dict):
        yield from wrong_defaults(items, f"{path}[]", in_list=True)
    if isinstance(values := schema.get("additionalProperties"), dict):
        yield from wrong_defaults(values, f"{path}.*", in_list)


def environments() -> Iterator[Any]:
    for path in EXAMPLES:
        if "templates" in path.parts:
            continue
        for document in yaml.safe_load_all(path.read_text()):
            if isinstance(document, dict) and document.get("kind") == keys.KIND:
                yield pytest.param(document, id=str(path.relative_to(ROOT)))


def test_no_default_is_in_a_list_item_or_is_an_object() -> None:
    assert list(wrong_defaults(spec(), "spec")) == []


def test_such_a_default_would_be_found() -> None:
    item = {"type": "object", "properties": {"zone": {"type": "string", "default": "UTC"}}}
    schema = {"properties": {"windows": {"type": "array", "items": item}, "empty": {"type": "object", "default": {}}}}
    assert list(wrong_defaults(schema, "spec")) == ["spec.windows[].zone", "spec.empty"]


@pytest.mark.parametrize("manifest", environments())
def test_an_example_says_nothing_that_the_definition_would_drop(manifest: dict[str, Any]) -> None:
    """A field that is pruned is missing on the server for ever."""

    def unknown(value: Any, schema: dict[str, Any], path: str) -> Iterator[str]:
        if schema.get("x-kubernetes-preserve-unknown-fields"):
            return
        if isinstance(value, dict):
            rest = schema.get("additionalProperties")
            for name, item in value.items():
                part = schema.get("properties", {}).get(name, rest)
                if part is None:
                    yield f"{path}.{name}"
                elif isinstance(part, dict):
                    yield from unknown(item, part, f"{path}.{name}")
        elif isinstance(value, list):
            for item in value:
                yield from unknown(item, schema["items"], f"{path}[]")

    assert list(unknown(manifest["spec"], spec(), "spec")) == []
