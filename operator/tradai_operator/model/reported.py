"""What every part of the status has in common: the base of its models, and its numbers.

Must never refuse what another version of the operator wrote.
"""

from typing import Annotated

from pydantic import ConfigDict, Field

from tradai_iac.base import Manifest

Count = Annotated[int, Field(ge=0, json_schema_extra={"format": "int32"})]
Number = Annotated[int, Field(ge=0, json_schema_extra={"format": "int64"})]


class Reported(Manifest):
    """A part of the status: unknown keys are ignored."""

    model_config = ConfigDict(extra="ignore")
