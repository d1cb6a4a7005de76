"""Runs of the edge stack under mocks.

Must never assert anything.
"""

from functools import cache
from typing import Any

from tests.unit.iac.frozen import frozen
from tests.unit.iac.pulumi_mocks import Run, context_for, run_program
from tests.unit.iac.upstream_outputs import edge_inputs
from tradai_blueprints.tradai.config.overrides import EdgeConfig
from tradai_blueprints.tradai.layers.edge.program import program


def run(environment: str = "dev", config: EdgeConfig | None = None, **compute: Any) -> Run:
    """The layer with a configuration; `compute` replaces what the layer below exports."""
    if config is None and not compute:
        return deployed(environment)
    return run_program(program, config or EdgeConfig(), context_for(environment), edge_inputs(**compute))


@cache
def deployed(environment: str) -> Run:
    """The layer without any configuration, once for each environment."""
    return frozen(run_program(program, EdgeConfig(), context_for(environment), edge_inputs()))
