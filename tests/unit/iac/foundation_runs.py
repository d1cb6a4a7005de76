"""The foundation program's runs under mocks, each done once for all tests that look at it.

Must never assert anything.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache, wraps
from typing import Any

import pulumi

from tests.unit.iac.frozen import frozen
from tests.unit.iac.pulumi_mocks import Run, context_for, run_program
from tradai_blueprints.tradai.config.overrides import FoundationConfig
from tradai_blueprints.tradai.context import Context
from tradai_blueprints.tradai.contracts.foundation import FoundationInputs, FoundationOutputs
from tradai_blueprints.tradai.layers.foundation.program import program

ENVIRONMENTS = ("dev", "staging", "prod", "eph-pr1234")


@cache
def deployed(environment: str) -> Run:
    """The layer as it is without any configuration."""
    return frozen(declare(environment))


def declare(environment: str, secrets: Mapping[str, str] | None = None, **config: Any) -> Run:
    """The layer with that configuration and those values of secrets."""

    @wraps(program)
    def filled(typed: FoundationConfig, context: Context, inputs: FoundationInputs) -> FoundationOutputs:
        values = {name: pulumi.Output.secret(value) for name, value in (secrets or {}).items()}
        return program(typed, replace(context, secrets=values), inputs)

    return run_program(filled, FoundationConfig(**config), context_for(environment), FoundationInputs())
