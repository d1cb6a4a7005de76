"""`status.drift`: what the last look at each layer found; the whole report is in the state bucket.

Must never hold more than counts and the first sentences.
"""

from typing import Annotated, Any, Final, Literal

from pydantic import ConfigDict, Field

from tradai_iac.base import Manifest
from tradai_iac.failure import FailureClass
from tradai_operator.model.bounds import Moment, Text, Word
from tradai_runner.contract.drift import DRIFT_SHOWN

Finding = Literal["Clean", "Drifted", "Unknown"]
Count = Annotated[int, Field(ge=0, json_schema_extra={"format": "int32"})]
_LAYERS: Final = 16
_KINDS: Final = 64
_BY_NAME: Final[dict[str, Any]] = {"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"]}


class _Reported(Manifest):
    """A part of the status: unknown keys are ignored."""

    model_config = ConfigDict(extra="ignore")


class LookRun(_Reported):
    """The look that is under way, so that whoever restarts finds it again."""

    id: Word = Field(default="", description="The run's own id.")
    executor: Word = Field(default="local", description="Where it runs.")
    handle: Word = Field(default="", description="How the executor finds it.")
    started_at: Moment | None = Field(default=None, description="When it began.")
    rules: Word = Field(default="", description="Names the ignore rules that it is given.")
    request: Text = Field(default="", description="The tradai.io/drift annotation that it answers.")
    overdue: bool = Field(default=False, description="Whether it was asked to stop since its time was over.")


class LayerDrift(_Reported):
    """One layer: what the last look found."""

    name: Word = Field(description="The layer's name.")
    finding: Finding = Field(default="Unknown", description="Clean, Drifted, or Unknown where the last look failed.")
    looked_at: Moment | None = Field(default=None, description="When the last look ended that found an answer.")
    tried_at: Moment | None = Field(default=None, description="When the last look ended.")
    changed: Count = Field(default=0, description="Resources with properties that are not as declared.")
    missing: Count = Field(default=0, description="Resources that are declared and not there.")
    unexpected: Count = Field(default=0, description="Resources of the stack that nothing declares.")
    ignored: Count = Field(default=0, description="Resources whose drift the ignore rules cover.")
    first: tuple[Text, ...] = Field(default=(), max_length=DRIFT_SHOWN, description="The first few, in sentences.")
    digest: Word = Field(default="", description="Names what drifted.")
    stale: bool = Field(default=False, description="Whether the layer has run since it was found drifted.")
    rules: Word = Field(default="", description="Names the ignore rules of the last look.")
    request: Text = Field(default="", description="The tradai.io/drift annotation that was answered last.")
    kind: FailureClass | None = Field(default=None, description="What kind of failure the last look was.")
    message: Text = Field(default="", description="Why the last look failed, and what to do about it.")
    failures: Count = Field(default=0, description="Looks that failed in a row.")
    failures_by_kind: dict[Word, Count] = Field(
        default={}, max_length=_KINDS, description="How many of those failed of which kind."
    )
    next_look_at: Moment | None = Field(default=None, description="When it is looked again ahead of the schedule.")
    cancelled_at: Moment | None = Field(
        default=None, description="When a person stopped a look: the next one comes with the schedule."
    )
    corrections: Count = Field(default=0, description="Corrections in a row after which drift came back.")
    corrected_at: Moment | None = Field(default=None, description="When the last correction began.")
    run: LookRun | None = Field(default=None, description="The look that is under way.")

    def failures_of(self, kind: FailureClass) -> int:
        """Looks in a row that failed of that kind; versions before counted them all as of the last one's."""
        return self.failures_by_kind.get(kind, 0) if self.failures_by_kind else self.failures * (self.kind == kind)


class DriftStatus(_Reported):
    """The environment: what the last looks found."""

    checked_at: Moment | None = Field(default=None, description="When the newest look ended that found an answer.")
    text: Word = Field(default="", description="What they found, in a few words.")
    layers: tuple[LayerDrift, ...] = Field(
        default=(), max_length=_LAYERS, description="Each layer that was looked at.", json_schema_extra=_BY_NAME
    )

    def layer(self, name: str) -> LayerDrift:
        """What is known of that layer, nothing where nobody has looked."""
        return next((layer for layer in self.layers if layer.name == name), LayerDrift(name=name))
