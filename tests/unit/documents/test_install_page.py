"""The page that a newcomer types from: its values are the chart's, its manifest and Secrets those of the example."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from tradai_operator.model.allowlist import KEY, Allowlist, Kind, refusals
from tradai_operator.model.environment import parse_spec

ROOT = Path(__file__).parents[3]
CHART = ROOT / "charts" / "tradai-operator"
PAGE = (ROOT / "docs" / "operations" / "install.md").read_text()
EXAMPLE: dict[str, Any] = yaml.safe_load((ROOT / "crds" / "examples" / "env-dev.yaml").read_text())


def blocks(kind: str) -> list[str]:
    """The fenced blocks of a kind, of the part that installs."""
    part = PAGE[PAGE.index("## Install\n") : PAGE.index("## Which executor")]
    found = re.findall(r"^```(\w*)\n(.*?)^```$", part, re.MULTILINE | re.DOTALL)
    return [text for spelled, text in found if spelled == kind]


VALUES, MANIFEST = (yaml.safe_load(text.replace("sha256:…", f"sha256:{'0' * 64}")) for text in blocks("yaml"))


def test_its_values_are_values_of_the_chart() -> None:
    jsonschema.validate(VALUES, json.loads((CHART / "values.schema.json").read_text()))


def test_its_values_bring_nothing_that_only_some_clusters_know() -> None:
    """Helm refuses a ServiceMonitor where nobody has defined one."""
    assert "metrics" not in VALUES
    assert 'no matches for kind "ServiceMonitor"' in PAGE


def test_its_manifest_is_permitted_by_its_values() -> None:
    body = {**EXAMPLE, "spec": {**EXAMPLE["spec"], "aws": MANIFEST["aws"]}}
    assert parse_spec(body)
    rules = Allowlist.parse({KEY: yaml.safe_dump(VALUES["allowlist"])})
    assert refused(rules, body["spec"]) == ()
    assert "set aws.assumeRoleArn" in refused(rules, EXAMPLE["spec"])[0], "which is why the page says it"


def refused(rules: Allowlist, spec: dict[str, Any]) -> tuple[str, ...]:
    aims: dict[Kind, str | None] = {"role": spec["aws"].get("assumeRoleArn"), "backend": spec["state"]["backendUrl"]}
    return refusals(rules, "tradai", aims, account=spec["aws"]["accountId"], own=None)


def test_its_secrets_are_those_that_the_manifest_names() -> None:
    commands = " ".join(blocks(""))
    made = {
        (name, key)
        for name, rest in re.findall(r"create secret generic (\S+)(.*?)(?=kubectl|$)", commands, re.DOTALL)
        for key in re.findall(r"--from-literal=([\w-]+)=", rest)
    }
    named = re.findall(r"name': '([\w-]+)', 'key': '([\w-]+)'", str(EXAMPLE))
    assert len(named) == 5
    assert made == set(named)
