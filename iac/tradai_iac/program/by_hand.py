"""The same stack program under a plain `pulumi up` in a layer's folder (DESIGN §5, last point).

Reads what `tradai infra config` rendered into `Pulumi.<env>.yaml`; secret values come from Pulumi's own encrypted
configuration (`pulumi config set --secret tradai:secret-binance-api ...`). Must never do what the runner would not.
"""

import json
from typing import Any

import pulumi

from tradai_iac.backend import bucket_of
from tradai_iac.blueprint import Blueprint, Layer
from tradai_iac.blueprints import BUILDABLE
from tradai_iac.context import Context
from tradai_iac.naming import Naming
from tradai_iac.program.binding import bind
from tradai_iac.program.exports import Exports
from tradai_iac.secret_refs import secret_names_of
from tradai_iac.settings import Settings


def main(blueprint: str, layer: str) -> None:
    """Runs the program of one layer; raises pulumi.ConfigMissingError where config lacks."""
    ours = BUILDABLE[blueprint]
    row, config = ours.layer(layer), pulumi.Config("tradai")
    typed: dict[str, Any] = json.loads(config.get("layer") or "{}")
    bind(ours, row, lambda: _context(ours, row, config), typed, lambda: None, Exports())()


def _context(blueprint: Blueprint, layer: Layer, config: pulumi.Config) -> Context[Settings]:
    return Context(
        environment=pulumi.get_stack(),
        account_id=config.require("accountId"),
        region=pulumi.Config("aws").require("region"),
        naming=Naming(blueprint.project, pulumi.get_stack(), config.get("bucketSuffix") or ""),
        settings=blueprint.settings(pulumi.get_stack()),
        secrets=_secrets(layer, config),
        state_bucket=bucket_of(config.require("backendUrl")),
        images=json.loads(config.get("images") or "{}"),
    )


def _secrets(layer: Layer, config: pulumi.Config) -> dict[str, pulumi.Output[str]]:
    found = {name: config.get_secret(f"secret-{name}") for name in secret_names_of(layer.config)}
    return {name: value for name, value in found.items() if value is not None}
