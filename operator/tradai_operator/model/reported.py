"""What every part of the status has in common: the base of its models, and its numbers.

Must never refuse what another version of the operator wrote.
"""

from typing import Annotated, Any

from pydantic import ConfigDict, Field

from tradai_iac.base import Manifest

Count = Annotated[int, Field(ge=0, json_schema_extra={"format": "int32"})]
Number = Annotated[int, Field(ge=0, json_schema_extra={"format": "int64"})]


class Reported(Manifest):
    """A part of the status: unknown keys are ignored."""

    model_config = ConfigDict(extra="ignore")

    def model_post_init(self, _context: Any) -> None:
        """Which fields somebody has set nobody asks of a status, and their names would take half of its memory."""
        self.__pydantic_fields_set__.clear()
