"""The CustomResourceDefinition, generated from the models: `python -m tradai_operator.model.crd [--check]`.

Must never say anything about a field that its model does not say.
"""

import sys
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from tradai_iac.blueprint import Blueprint
from tradai_iac.blueprints import BLUEPRINTS
from tradai_operator.model import definition, keys
from tradai_operator.model.environment import NAME_LIMIT
from tradai_operator.model.generated import dump, write_or_check
from tradai_operator.model.layer_schema import layers_schema
from tradai_operator.model.rules import VALIDATIONS
from tradai_operator.model.spec import EnvironmentSpec
from tradai_operator.model.status import EnvironmentStatus
from tradai_operator.model.structural import structural

FILE: Final = Path(__file__).parents[3] / "crds" / f"{keys.GROUP}_{keys.PLURAL}.yaml"
_HEADER: Final = "# Generated from operator/tradai_operator/model: change the models, then run `just generate`.\n"

#: Name, path, priority; priority 1 shows up with `-o wide` only. NAME and AGE are where kubectl puts them.
COLUMNS: Final = (
    ("Env", ".spec.environment", 0),
    ("Phase", ".status.phase", 0),
    ("Ready", '.status.conditions[?(@.type=="Ready")].status', 0),
    ("Layers", ".status.layersText", 0),
    ("Drift", ".status.drift.text", 0),
    ("Endpoint", ".status.endpoint", 0),
    ("Age", ".metadata.creationTimestamp", 0),
    ("Blueprint", ".spec.blueprint", 1),
    ("Account", ".spec.aws.accountId", 1),
    ("Region", ".spec.aws.region", 1),
    ("Revision", ".status.revision", 1),
    ("Expires", ".status.expiresAt", 1),
    ("Update", '.status.conditions[?(@.type=="UpdateAvailable")].status', 1),
    ("Message", ".status.message", 1),
)


def custom_resource_definition(blueprints: Mapping[str, Blueprint] = BLUEPRINTS) -> dict[str, Any]:
    """The whole CRD as the API server takes it; raises ConflictError where two blueprints cannot share it."""
    spec = {"group": keys.GROUP, "names": _names(), "scope": "Namespaced", "versions": [_version(blueprints)]}
    annotations = {keys.DEFINITION: definition.mark(version("tradai-environments"), spec)}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": keys.CRD_NAME, "annotations": annotations},
        "spec": spec,
    }


def _names() -> dict[str, Any]:
    return {
        "kind": keys.KIND,
        "listKind": keys.LIST_KIND,
        "plural": keys.PLURAL,
        "singular": keys.SINGULAR,
        "shortNames": list(keys.SHORT_NAMES),
        "categories": [keys.CATEGORY],
    }


def _version(blueprints: Mapping[str, Blueprint]) -> dict[str, Any]:
    return {
        "name": keys.VERSION,
        "served": True,
        "storage": True,
        "subresources": {"status": {}},
        "additionalPrinterColumns": [_column(*column) for column in COLUMNS],
        "schema": {"openAPIV3Schema": _root(blueprints)},
    }


def _column(name: str, path: str, priority: int) -> dict[str, Any]:
    kind = "date" if path == ".metadata.creationTimestamp" else "string"
    return {"name": name, "type": kind, "jsonPath": path, **({"priority": priority} if priority else {})}


def _root(blueprints: Mapping[str, Blueprint]) -> dict[str, Any]:
    metadata = {"type": "object", "properties": {"name": {"type": "string", "maxLength": NAME_LIMIT}}}
    return {
        "type": "object",
        "description": "A whole AWS environment, built layer by layer and kept as declared.",
        "required": ["spec"],
        "properties": {
            "apiVersion": {"type": "string"},
            "kind": {"type": "string"},
            "metadata": metadata,
            "spec": _spec(blueprints),
            "status": structural(EnvironmentStatus.model_json_schema(), defaults=False),
        },
    }


def _spec(blueprints: Mapping[str, Blueprint]) -> dict[str, Any]:
    """What no blueprint changes, and what all of them add to it."""
    layers, rules = layers_schema(blueprints)
    said = EnvironmentSpec.model_json_schema()
    said["properties"]["layers"] = {"type": "object"}
    node = structural(said)
    node["properties"]["layers"] = layers
    named = node["properties"]["blueprint"]
    node["properties"]["blueprint"] = {**_head(named), "enum": sorted(blueprints), **named}
    return {**node, VALIDATIONS: [*node[VALIDATIONS], *(dict(sorted(each.items())) for each in rules)]}


def _head(node: Mapping[str, Any]) -> dict[str, Any]:
    return {key: node[key] for key in ("type", "description", "default")}


def render() -> str:
    """The file's whole text."""
    return _HEADER + dump([custom_resource_definition()])


def main(arguments: list[str]) -> int:
    """Writes the file, or with `--check` fails where it is not what the models say."""
    return write_or_check(FILE, render(), "tradai_operator.model.crd", arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
