"""The shared PulumiMocks by their old place, bound to TradAI; what they answer is in `tradai_iac.testing` (001 §8).

Must never hold anything of its own.
"""

from typing import Any

from tradai_blueprints.tradai.context import Context
from tradai_blueprints.tradai.declaration import TRADAI
from tradai_iac import testing
from tradai_iac.testing import (
    ACCOUNT,
    CALLS,
    COMPUTED,
    DIGEST,
    REGION,
    Monitor,
    Recorded,
    Recorder,
    Run,
    one_worker,
    record,
    run_program,
)


def context_for(environment: str, *, state_bucket: str | None = None, secrets: Any = None) -> Context:
    """A context of TradAI as the runner would make it."""
    return testing.context_for(TRADAI, environment, state_bucket=state_bucket, secrets=secrets)


__all__ = [
    "ACCOUNT",
    "CALLS",
    "COMPUTED",
    "DIGEST",
    "REGION",
    "Monitor",
    "Recorded",
    "Recorder",
    "Run",
    "context_for",
    "one_worker",
    "record",
    "run_program",
]
