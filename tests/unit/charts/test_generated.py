"""What of the chart is generated: in step, whole, and equal to what it is a copy of."""

import json
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from tools.chart import __main__ as generator
from tools.chart import copies, schema, values
from tools.chart.place import CHART, ROOT, VALUES
from tradai_operator.lead.lease import Timing
from tradai_operator.model import admission, crd
from tradai_operator.model.allowlist import Allowlist, Rule

FOUND = values.read(VALUES.read_text())
SCHEMA = json.loads((CHART / "values.schema.json").read_text())
DEFAULTS = yaml.safe_load(VALUES.read_text())


def test_what_is_generated_is_in_step() -> None:
    assert generator.main(["--check"]) == 0


def test_a_file_that_is_not_in_step_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = tmp_path / "rules.yaml"
    copy.write_text("other")
    monkeypatch.setattr(copies, "COPIES", {copy: copies.rules})
    assert generator.main(["--check"]) == 1
    assert "run `python -m tools.chart`" in capsys.readouterr().err


def test_chart_operator_and_package_have_one_version() -> None:
    about = yaml.safe_load((CHART / "Chart.yaml").read_text())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert about["version"] == about["appVersion"] == project["version"]


def test_the_definition_is_that_of_the_models_but_for_what_keeps_it() -> None:
    found = yaml.safe_load(copies.definition())
    for name in copies.KEPT:
        assert found["metadata"]["annotations"].pop(name)
    assert found == crd.custom_resource_definition()


def test_policy_and_binding_are_those_of_the_guards() -> None:
    found = list(yaml.safe_load_all(copies.admission()))
    assert found == [document for document in admission.documents() if document["kind"] != "ConfigMap"]


def test_every_file_of_rights_of_the_operator_is_in_the_rules() -> None:
    rules = yaml.safe_load(copies.rules())
    for path in (ROOT / "operator" / "tradai_operator").glob("rbac*.yaml"):
        for document in yaml.safe_load_all(path.read_text()):
            if document["kind"] in {"Role", "ClusterRole"}:
                assert rules[f"{document['kind']}/{document['metadata']['name']}"] == document["rules"]


@pytest.mark.parametrize("value", FOUND, ids=[value.name for value in FOUND])
def test_every_value_is_described_in_sentences(value: values.Value) -> None:
    assert len(value.description) > 10
    assert value.description.endswith(".")
    assert f"`{value.name}`" in (CHART / "README.md").read_text()


def test_every_default_is_what_the_schema_wants() -> None:
    jsonschema.validate(DEFAULTS, SCHEMA)


def nodes(node: dict[str, Any], path: str = "") -> list[tuple[str, dict[str, Any]]]:
    inner = [found for name, each in node.get("properties", {}).items() for found in nodes(each, f"{path}.{name}")]
    return [(path, node), *inner]


@pytest.mark.parametrize(("path", "node"), nodes(SCHEMA), ids=[path or "top" for path, _ in nodes(SCHEMA)])
def test_every_part_of_the_schema_is_described_and_no_object_is_open_by_oversight(
    path: str, node: dict[str, Any]
) -> None:
    assert node["description"].endswith(".")
    if node["type"] == "object" and path != ".global":
        assert "additionalProperties" in node


def test_the_rules_of_the_allowlist_are_those_that_the_operator_reads() -> None:
    written = SCHEMA["properties"]["allowlist"]["properties"]["rules"]["items"]["properties"]
    assert set(written) == {field.alias for field in Rule.model_fields.values()}
    example = yaml.safe_load((ROOT / "crds" / "examples" / "allowlist.yaml").read_text())["data"]
    parsed = Allowlist.parse(example)
    assert parsed.rules
    rules = yaml.safe_load(example["allowlist.yaml"])["rules"]
    jsonschema.validate({**DEFAULTS, "allowlist": {"rules": rules}}, SCHEMA)


def test_a_pod_that_ends_has_time_to_hand_its_lease_over() -> None:
    minimum = SCHEMA["properties"]["terminationGracePeriodSeconds"]["minimum"]
    assert minimum > Timing().expiry + Timing().stop
    assert DEFAULTS["terminationGracePeriodSeconds"] >= minimum


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("a: 1\n", "line 1: a has no comment"),
        ("a:\n  # -- Of b.\n  b: 1\n  c: 2\n", "line 4: a.c has no comment"),
        ("# -- Of a.\n# @schema {oops}\na: 1\n", "above line 3: @schema is no JSON"),
        ("- a\n", "no mapping"),
    ],
)
def test_values_that_nobody_describes_are_an_error(text: str, complaint: str) -> None:
    with pytest.raises(values.ValuesError, match=complaint):
        values.read(text)


def test_a_comment_of_several_lines_is_one_description_and_bounds_are_none_of_it() -> None:
    (found,) = values.read('# A heading of the file.\n\n# -- How many\n# there are.\n# @schema {"minimum": 1}\na: 1\n')
    assert found == values.Value(("a",), 1, "How many there are.", {"minimum": 1})
    assert json.loads(schema.render([found]))["properties"]["a"]["minimum"] == 1
