"""The names of environments, and how what differs between them is looked up.

Must never hold a difference: those are a blueprint's.
"""

from collections.abc import Mapping
from typing import Final, TypeVar

#: Environments of a pull request or a trial.
EPHEMERAL_PREFIX: Final = "eph-"

Stage = TypeVar("Stage")


def stage_in(stages: Mapping[str, Stage], environment: str, ephemeral: Stage) -> Stage:
    """The row of that environment, `ephemeral` for each `eph-*`; raises ValueError for a name that is none."""
    if environment.startswith(EPHEMERAL_PREFIX):
        return ephemeral
    try:
        return stages[environment]
    except KeyError:
        known = ", ".join([*stages, f"{EPHEMERAL_PREFIX}*"])
        raise ValueError(f"no environment is called {environment!r}; there are {known}") from None
