"""The same stack program under a plain `pulumi up` in a layer's folder (DESIGN §5, last point).

Reads what `tradai infra config` rendered into `Pulumi.<env>.yaml`; secret values come from Pulumi's own encrypted
configuration (`pulumi config set --secret tradai:secret-binance-api ...`). Must never do what the runner would not.
"""

import json
from typing import Any

import pulumi

from tradai_iac.backend import bucket_of
from tradai_iac.blueprint import Blueprint
from tradai_iac.blueprints import blueprint_of
from tradai_iac.config import settings_for
from tradai_iac.context import Context
from tradai_iac.naming import Naming
from tradai_iac.program.binding import bind
from tradai_iac.program.exports import Exports

_SECRET_NAMES = ("database-url", "mlflow-credentials", "binance-api", "jwt-secret", "token")


def main(layer: str) -> None:
    """Runs the program of one layer; raises pulumi.ConfigMissingError where config lacks."""
    blueprint = blueprint_of(layer)
    config = pulumi.Config("tradai")
    typed: dict[str, Any] = json.loads(config.get("layer") or "{}")
    bind(blueprint, blueprint.layer(layer), lambda: _context(blueprint, config), typed, lambda: None, Exports())()


def _context(blueprint: Blueprint, config: pulumi.Config) -> Context:
    return Context(
        environment=pulumi.get_stack(),
        account_id=config.require("accountId"),
        region=pulumi.Config("aws").require("region"),
        naming=Naming(blueprint.project, pulumi.get_stack()),
        settings=settings_for(pulumi.get_stack()),
        secrets=_secrets(config),
        state_bucket=bucket_of(config.require("backendUrl")),
        images=json.loads(config.get("images") or "{}"),
    )


def _secrets(config: pulumi.Config) -> dict[str, pulumi.Output[str]]:
    found = {name: config.get_secret(f"secret-{name}") for name in _SECRET_NAMES}
    return {name: value for name, value in found.items() if value is not None}
