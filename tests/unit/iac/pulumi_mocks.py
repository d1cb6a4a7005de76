"""The shared PulumiMocks by their old place; what they answer is in `tradai_iac.testing` (001 §8).

Must never hold anything of its own.
"""

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
    context_for,
    one_worker,
    record,
    run_program,
)

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
