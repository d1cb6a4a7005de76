"""`status.guards`: what the state bucket knows of the guards, and which of them hold though the spec lowers them.

Must never say what a spec declares: that stands in the spec.
"""

from typing import Annotated, Final

from pydantic import BeforeValidator, Field

from tradai_operator.model.bounds import Text, Word, clip
from tradai_operator.model.reported import Reported
from tradai_runner.contract import Durability

_LIMIT: Final = 16
#: A guard's value: an address to tell people at, with what signs it, is the longest.
_Value = Annotated[str, Field(max_length=4096), BeforeValidator(clip(4096))]


class GuardStatus(Reported):
    """The guards in force, as the state bucket keeps them beyond this resource."""

    noted: dict[Word, _Value] = Field(
        default={}, max_length=_LIMIT, description="What the state bucket was told, by the paths of the spec."
    )
    kept: dict[Word, _Value] = Field(
        default={},
        max_length=_LIMIT,
        description="Guards that the spec lowers and that stay in force, because what stands was there under them.",
    )
    durability: Durability | None = Field(
        default=None,
        description="The spec.state.durability in force, and what the spec means where it does not say: Sync or Group.",
    )
    message: Text = Field(default="", description="Which those are, and what lowers them.")
    owner: Text = Field(default="", description="Whose what stands was before.")
    handover: Text = Field(default="", description="The tradai.io/handover annotation that was looked for.")
    place: Text = Field(default="", description="The state bucket that was asked: its URL and endpoint.")
