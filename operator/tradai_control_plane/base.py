"""The base of every model here, and the errors that people read.

Must never import anything else of ours.
"""

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """A value: immutable, and closed to unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class StepError(Exception):
    """The step cannot go on; the sentence says what to do."""
