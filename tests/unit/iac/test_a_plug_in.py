"""A package of somebody else's, installed beside the product, is one of ours without a line changed in the trees."""

import json
from pathlib import Path

import pytest
import yaml

from tests.plugins.scratch import Scratch, install

STREAM = "aws:kinesis/stream:Stream"


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Scratch:
    return install("harbour", tmp_path_factory.mktemp("scratch"))


def test_its_blueprint_is_found_beside_ours(scratch: Scratch) -> None:
    assert scratch.python("from tradai_iac.blueprints import BLUEPRINTS; print(*BLUEPRINTS)").split() == [
        "tradai", "harbour", "sample",
    ]  # fmt: skip


def test_the_definition_has_its_settings_also_in_a_layer_that_another_system_has(scratch: Scratch) -> None:
    definition = yaml.safe_load(scratch.run("tradai", "crd", "render").stdout)
    spec = definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
    layers = spec["properties"]["layers"]["properties"]
    store = layers["store"]["properties"]["config"]["properties"]
    assert list(store) == ["goods", "note", "sortKey"]
    assert store["goods"]["description"] == "Of harbour: What lies in the store: a tag of its bucket."
    assert layers["quay"]["properties"]["config"]["properties"]["berths"]["maximum"] == 4
    assert "harbour" in spec["properties"]["blueprint"]["enum"]
    rules = [rule["rule"] for rule in spec["x-kubernetes-validations"]]
    assert "self.blueprint == 'harbour' || !(self.?layers.?store.?config.?goods.hasValue())" in rules


def test_its_type_is_looked_up_served_and_granted(scratch: Scratch) -> None:
    said = f"""
from tradai_runner.repair.rows import FINDS, FOUND_AGAIN
from tradai_sandbox.provider.table import rows
from tradai_iac.accounts import Account, bootstrap_policy
account = Account(account_id="123456789012", region="eu-central-1", environment="dev", blueprint="harbour")
policy = bootstrap_policy(account)
granted = [action for statement in policy["Statement"] for action in statement["Action"]]
print({STREAM!r} in FINDS, {STREAM!r} in FOUND_AGAIN, {STREAM!r} in rows(), "kinesis:CreateStream" in granted)
"""
    assert scratch.python(said).split() == ["True"] * 4


def test_its_failures_are_told_before_what_tells_least(scratch: Scratch) -> None:
    said = """
from tradai_iac.failure import classify
for text in ("Traceback: RuntimeError: the harbour is closed", "AccessDenied: the harbour is closed"):
    print(classify(text).kind, classify(text).hint.split()[0])
"""
    assert scratch.python(said).splitlines() == ["Conflict Set", "Credentials The"]


def test_its_programs_register_what_they_declare_under_its_own_project_and_tags(scratch: Scratch) -> None:
    said = """
import json
from tradai_iac.blueprints import BLUEPRINTS
from tradai_iac.rendering import render
runs = render(BLUEPRINTS["harbour"], "dev", "eu-central-1", {}, "state")
print(json.dumps([[r.type, r.inputs["tags"], r.inputs.get("name")] for run in runs.values() for r in run if r.custom]))
"""
    (_, goods, _), (stream, tags, name) = json.loads(scratch.python(said))
    assert (stream, name) == (STREAM, "harbour-ships-dev")
    assert goods["Application"] == tags["Application"] == "harbour"
    assert tags["Store"] == "harbour-goods-dev-123456789012"


def test_a_manifest_of_it_is_read_by_its_own_layers(scratch: Scratch, tmp_path: Path) -> None:
    body = yaml.safe_load((Path(__file__).parents[3] / "crds" / "examples" / "env-sample.yaml").read_text())
    body["spec"] |= {"blueprint": "harbour", "layers": {"store": {"config": {"goods": "grain"}}}}
    (manifest := tmp_path / "env.json").write_text(json.dumps(body))
    said = f"""
from pathlib import Path
from tradai_cli.manifest import read_spec
print(read_spec("dev", Path({str(manifest)!r}), "harbour", "store").layer("store").overrides)
"""
    assert scratch.python(said).strip() == "{'goods': 'grain'}"
