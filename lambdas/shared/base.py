"""The models of everything that crosses a border: frozen, and strict or tolerant by who wrote it.

Must never hold a model of its own.
"""

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """What another part of the platform wrote: unknown fields are another version's, and are left aside."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)


class Written(BaseModel):
    """What people write: an unknown field is a mistake, and is refused by its name."""

    model_config = ConfigDict(frozen=True, extra="forbid")
