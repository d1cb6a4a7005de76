"""`spec.program`: which version of the stack programs builds the environment, and who decides that it changes.

Must never know which version the operator has.
"""

from typing import Annotated, Final, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from tradai_iac.base import Manifest, worded
from tradai_operator.model.rules import rule, schema

Update = Literal["Manual", "Auto"]

_UNPINNED: Final = "write the version to stay on beside update: Manual, like version: 1.4.0"
_PINNED: Final = "remove version, or set update: Manual: with update: Auto the operator's own version counts"
Version = Annotated[
    str, worded("^[0-9A-Za-z][0-9A-Za-z.+_-]*$", "write a version in quotation marks, like '1.4.0'", 64)
]


class Program(Manifest):
    """The version of the stack programs."""

    model_config = ConfigDict(
        json_schema_extra=schema(
            rule("self.update != 'Manual' || has(self.version)", _UNPINNED, ".version"),
            rule("self.update != 'Auto' || !has(self.version)", _PINNED, ".version"),
        )
    )

    update: Update = Field(
        default="Auto",
        description="Auto: a newer operator applies its programs by itself (under approval and within the windows). "
        "Manual: it shows what it would change (`tradai diff`) and leaves the environment alone until version is set.",
    )
    version: Version | None = Field(
        default=None,
        description="With update: Manual, the version to stay on. Setting it to the operator's applies that one.",
    )

    @model_validator(mode="after")
    def _pinned_by_hand_alone(self) -> Self:
        if self.update == "Manual" and self.version is None:
            raise ValueError(_UNPINNED)
        if self.update == "Auto" and self.version is not None:
            raise ValueError(_PINNED)
        return self
