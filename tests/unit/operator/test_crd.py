"""The CRD: in step with the models, small, bounded, and explaining itself."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tradai_operator.model import crd
from tradai_operator.model.structural import structural

DOCUMENT = crd.custom_resource_definition()
VERSION = DOCUMENT["spec"]["versions"][0]
ROOT = VERSION["schema"]["openAPIV3Schema"]
PARTS = {part: ROOT["properties"][part] for part in ("spec", "status")}


def nodes(path: str, node: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield path, node
    for name, inner in node.get("properties", {}).items():
        yield from nodes(f"{path}.{name}", inner)
    for key, mark in (("items", "[]"), ("additionalProperties", "{}")):
        if isinstance(node.get(key), dict):
            yield from nodes(path + mark, node[key])


NODES = [found for part, schema in PARTS.items() for found in nodes(part, schema)]
FIELDS = [(path, node) for path, node in NODES if not path.endswith(("[]", "{}"))]
ALLOWED = {
    "type", "description", "default", "enum", "format", "properties", "required", "items", "additionalProperties",
    "minLength", "maxLength", "minItems", "maxItems", "maxProperties", "minimum", "maximum", "x-kubernetes-validations",
    "x-kubernetes-list-type", "x-kubernetes-list-map-keys", "x-kubernetes-preserve-unknown-fields",
}  # fmt: skip


def test_the_file_is_what_the_models_say() -> None:
    assert crd.main(["--check"]) == 0


def test_a_file_that_is_not_is_noticed_and_written_anew(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(crd, "FILE", tmp_path / "crd.yaml")
    assert crd.main(["--check"]) == 1
    assert "is not what the models say" in capsys.readouterr().err
    assert crd.main([]) == 0
    assert crd.main(["--check"]) == 0


def test_it_is_under_a_hundred_kilobytes() -> None:
    assert len(json.dumps(DOCUMENT, separators=(",", ":"))) < 100_000


@pytest.mark.parametrize(("path", "node"), FIELDS, ids=[path for path, _ in FIELDS])
def test_every_field_is_described(path: str, node: dict[str, Any]) -> None:
    assert node.get("description", "").endswith(".")
    assert len(node["description"]) > 10


@pytest.mark.parametrize(("path", "node"), NODES, ids=[path for path, _ in NODES])
def test_every_node_is_typed_bounded_and_structural(path: str, node: dict[str, Any]) -> None:
    assert set(node) <= ALLOWED
    kind = node["type"]
    if kind == "string":
        assert "maxLength" in node or "enum" in node
    if kind == "array":
        assert "maxItems" in node
    if "additionalProperties" in node:
        assert "maxProperties" in node


def test_nothing_is_written_into_an_element_of_a_list_nor_any_object_that_nobody_declared() -> None:
    """A manifest and what the API server makes of it would never be the same to a tool that compares the two."""
    defaults = {path: node["default"] for path, node in NODES if "default" in node}
    assert "spec.deletionPolicy" in defaults
    assert [path for path in defaults if "[]" in path] == []
    assert [path for path, value in defaults.items() if isinstance(value, dict | list)] == []


def test_only_the_outputs_of_a_layer_are_free_in_form() -> None:
    free = [path for path, node in NODES if "x-kubernetes-preserve-unknown-fields" in node]
    assert free == ["status.outputs{}"]


def test_people_see_sentences_and_never_a_pattern() -> None:
    assert [path for path, node in NODES if "pattern" in node] == []
    for _, node in NODES:
        for rule in node.get("x-kubernetes-validations", []):
            assert rule["message"].split()[0] in {"write", "set", "remove"} or "can never change" in rule["message"]


def test_no_rule_stands_on_the_root_and_in_the_status_only_one_that_refuses_an_earlier_leader() -> None:
    assert "x-kubernetes-validations" not in ROOT
    ruled = {path: node for path, node in NODES if path.startswith("status") and "x-kubernetes-validations" in node}
    assert {path: [rule["rule"] for rule in node["x-kubernetes-validations"]] for path, node in ruled.items()} == {
        "status.term": ["self >= oldSelf"]
    }


@pytest.mark.parametrize(
    "path",
    [
        "spec.environment",
        "spec.blueprint",
        "spec.aws.accountId",
        "spec.aws.region",
        "spec.state.backendUrl",
        "spec.state.secrets",
    ],
)
def test_what_never_changes_is_always_there_and_held_by_a_rule(path: str) -> None:
    node, required = PARTS["spec"], True
    for name in path.split(".")[1:]:
        required &= name in node.get("required", []) or "default" in node["properties"][name]
        node = node["properties"][name]
    assert required, "a rule on an optional field is got round by removing it first"
    assert "self == oldSelf" in [rule["rule"] for rule in node["x-kubernetes-validations"]]


@pytest.mark.parametrize("absent", ["externalId"])
def test_what_nothing_enforces_is_absent(absent: str) -> None:
    assert not [path for path, _ in NODES if path.endswith(f".{absent}")]


def test_kubectl_get_shows_the_columns_in_order() -> None:
    columns = VERSION["additionalPrinterColumns"]
    assert [c["name"].upper() for c in columns if not c.get("priority")] == [
        "ENV", "PHASE", "READY", "LAYERS", "DRIFT", "ENDPOINT", "AGE",
    ]  # fmt: skip
    assert [c["name"].upper() for c in columns if c.get("priority")] == [
        "BLUEPRINT", "ACCOUNT", "REGION", "REVISION", "EXPIRES", "UPDATE", "MESSAGE",
    ]  # fmt: skip


def test_it_can_be_found_by_its_short_names() -> None:
    names = DOCUMENT["spec"]["names"]
    assert names["shortNames"] == ["tradaienv", "tenv"]
    assert names["categories"] == ["tradai"]


def test_a_union_has_no_structural_form() -> None:
    with pytest.raises(ValueError, match="no structural form"):
        structural({"anyOf": [{"type": "string"}, {"type": "integer"}]})


def test_a_quote_or_backslash_in_a_pattern_survives_in_its_rule() -> None:
    node = structural({"type": "string", "pattern": r"^\d'$", "x-sentence": "write it", "maxLength": 3})
    assert node["x-kubernetes-validations"][0]["rule"] == r"self.matches('^\\d\'$')"
