"""What waits for a person's word in the status, and which words were used.

Must never hold a secret, nor more of a plan than counts and the first sentences.
"""

from typing import Any, Final, Literal

from pydantic import Field

from tradai_operator.model.bounds import Moment, Text, Word
from tradai_operator.model.reported import Count, Number, Reported
from tradai_runner.contract import DESTRUCTIVE_SHOWN

_LAYERS: Final = 16
_DESTRUCTIVE: Final[dict[str, Any]] = {"default": (), "max_length": DESTRUCTIVE_SHOWN}
#: What a plan is made for: the layer's next update; that with the operator's own program, where the environment stays
#: on another; the creation of a layer that cannot be planned before what it reads is there; its destroy.
Purpose = Literal["Update", "Offer", "Forecast", "Teardown"]
#: An offer is an update that is looked at early.
_UPDATES: Final[frozenset[Purpose]] = frozenset({"Update", "Offer"})
#: How many words of tradai.io/migrate are remembered, and how many of one annotation count.
MIGRATIONS: Final = 32


class Changes(Reported):
    """How many resources a plan touches."""

    create: Count = Field(default=0, description="Resources that it makes.")
    update: Count = Field(default=0, description="Resources that it changes.")
    replace: Count = Field(default=0, description="Resources that it replaces.")
    delete: Count = Field(default=0, description="Resources that it takes down.")


class LayerPlan(Changes):
    """What the layer's next run would do, as a preview found; gone once the run begins."""

    purpose: Purpose | None = Field(default=None, description="What it is for; versions before did not say.")
    inputs_digest: Word = Field(default="", description="What the plan was made from.")
    run_id: Word = Field(default="", description="The preview that makes or made it.")
    digest: Word = Field(default="", description="Names the plan's content; empty until there is one.")
    planned_at: Moment | None = Field(default=None, description="When it was made.")
    destructive: tuple[Text, ...] = Field(
        **_DESTRUCTIVE, description="What it deletes, replaces or keeps less of: some."
    )
    destructive_total: Count = Field(default=0, description="How much that is.")
    data: tuple[Text, ...] = Field(
        **_DESTRUCTIVE, description="What a deletion takes with its data, as it is confirmed."
    )
    approved: bool = Field(default=False, description="Whether a plan of several layers was approved, this one in it.")

    def serves(self, purpose: Purpose, inputs_digest: str) -> bool:
        """Whether it was made for that and from just those inputs; without a purpose, these alone tell."""
        mine = self.purpose in {None, purpose} or {self.purpose, purpose} <= _UPDATES
        return mine and self.inputs_digest == inputs_digest


class PlannedLayer(Changes):
    """One layer's share of what waits for approval."""

    name: Word = Field(description="The layer's name.")
    unknown: bool = Field(default=False, description="Whether this is only known once what it reads has run.")


class PlanStatus(Reported):
    """What waits for approval, or waited last."""

    number: Number = Field(default=0, description="How many plans have been put up for approval so far.")
    digest: Word = Field(default="", description="What to approve; empty while nothing waits.")
    layers: tuple[PlannedLayer, ...] = Field(
        default=(),
        max_length=_LAYERS,
        description="The layers that wait, and those that cannot be planned before they have run.",
        json_schema_extra={"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"]},
    )
    destructive: tuple[Text, ...] = Field(
        **_DESTRUCTIVE, description="What is deleted, replaced or kept less of: some."
    )
    destructive_total: Count = Field(default=0, description="How much that is.")
    data: tuple[Text, ...] = Field(
        **_DESTRUCTIVE, description="What a deletion takes with its data: the names for tradai.io/confirm-destroy."
    )
    expires_at: Moment | None = Field(default=None, description="Until when it can be approved.")
    used_digest: Word = Field(default="", description="The plan that was approved and begun last.")
    approved_by: Word = Field(default="", description="Who approved that one.")


class Migration(Reported):
    """One word of tradai.io/migrate, and the run that needed it or may have."""

    word: Text = Field(default="", description="The word, as it was written.")
    layer: Word = Field(default="", description="The layer that ran.")
    run: Word = Field(default="", description="The run that was given it.")
    inputs_digest: Word = Field(default="", description="What that run was given: the same may be tried again with it.")
    used: bool = Field(default=False, description="Whether the change has come through, so that it permits no more.")
