"""What the operator reports: `status` of a TradaiEnvironment (DESIGN §4).

Reading is tolerant, since another version of the operator may have written it: what is not understood is left
out. Writing always fits the CRD. Must never hold a secret.
"""

from collections.abc import Mapping
from typing import Any, Final, Literal, Self

from pydantic import Field

from tradai_iac.failure import FailureClass
from tradai_operator.model.approval_status import MIGRATIONS, LayerPlan, Migration, PlanStatus
from tradai_operator.model.bounds import Moment, Text, Word
from tradai_operator.model.drift_status import DriftStatus
from tradai_operator.model.guard_status import GuardStatus
from tradai_operator.model.records import HISTORY, NOTICES, REPAIRS, NoticeStatus, Repair, Revision, WindowStatus
from tradai_operator.model.reported import Count, Number, Reported
from tradai_operator.model.rules import rule, schema
from tradai_operator.model.tolerant import tolerate
from tradai_runner.contract import Operation

Phase = Literal[
    "Pending", "Building", "WaitingForApproval", "WaitingForImages", "WaitingForWindow", "Ready", "Retrying", "Failed",
    "Cancelled", "Blocked", "Suspended", "Conflict", "Invalid", "Deleting",
    "DeleteRetrying", "DeleteFailed",
]  # fmt: skip
LayerState = Literal[
    "Pending", "Running", "Ready", "Failed", "Blocked", "Cancelled", "Disabled", "Retained", "Destroyed"
]
Truth = Literal["True", "False", "Unknown"]

_LAYERS = 16
_CONDITIONS = 16
_IMAGES = 128
_KINDS = 64
#: The attempted inputs of a layer that stands and that this resource has not run yet: those of no run.
ADOPTED: Final = "adopted"
_OUTPUTS: dict[str, Any] = {"additionalProperties": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}


class Condition(Reported):
    """One aspect of the environment, as kstatus reads it."""

    type: Word = Field(
        description="Ready, Reconciling, Stalled, Preflight, ApprovalRequired, UpdateAvailable, Drifted or GuardsKept."
    )
    status: Truth = Field(default="Unknown", description="True, False or Unknown.")
    reason: Word = Field(default="", description="One word for programs.")
    message: Text = Field(default="", description="A sentence for people; it has no progress in it.")
    observed_generation: Number = Field(default=0, description="The generation that this speaks about.")
    last_transition_time: Moment | None = Field(default=None, description="Since when the status is this one.")


class Resources(Reported):
    """How many AWS resources a run has to do with, and what became of them so far."""

    total: Count = Field(default=0, description="Resources that the run has to look at.")
    done: Count = Field(default=0, description="Resources that it is done with.")
    created: Count = Field(default=0, description="Resources that it made.")
    updated: Count = Field(default=0, description="Resources that it changed.")
    replaced: Count = Field(default=0, description="Resources that it replaced.")
    deleted: Count = Field(default=0, description="Resources that it took down.")


class LayerFailure(Reported):
    """Why the last run of a layer failed."""

    kind: FailureClass | None = Field(default=None, description="What kind of failure it is.")
    urn: Text = Field(default="", description="The resource that failed.")
    error: Text = Field(default="", description="What AWS or the engine said.")
    request_id: Word = Field(default="", description="AWS's id of the request, for a support case.")
    hint: Text = Field(default="", description="What to do about it.")
    state: Word = Field(
        default="", description="The state file that is gone or damaged: nothing is tried before it is another."
    )


class Run(Reported):
    """The run that is under way, so that whoever restarts finds it again."""

    id: Word = Field(default="", description="The run's own id.")
    executor: Word = Field(default="local", description="Where it runs.")
    reconcile: Word = Field(default="", description="The tradai.io/reconcile annotation that it answers, if any.")
    handle: Text = Field(default="", description="How the executor finds it, a process and its start for instance.")
    migrate: Text = Field(default="", description="The words of tradai.io/migrate that it was given.")
    overdue: bool = Field(default=False, description="Whether it was asked to stop since its time was over.")


class LayerPreflight(Reported):
    """What the last pre-flight of a layer found."""

    facts: Word = Field(default="", description="Names what it was made for; a change of it is looked at again.")
    ok: bool = Field(default=False, description="Whether runs may begin.")
    reason: Word = Field(default="", description="One word for programs.")
    message: Text = Field(default="", description="What it found, in a sentence.")


class LayerStatus(Reported):
    """One layer: what stands, what runs, what failed."""

    name: Word = Field(description="The layer's name.")
    state: LayerState = Field(default="Pending", description="Where the layer stands.")
    operation: Operation | None = Field(default=None, description="What the present or last run does or did.")
    resources: Resources = Field(default=Resources(), description="Counts of the present or last run.")
    current: Text = Field(default="", description="The resource that is being worked on.")
    started_at: Moment | None = Field(default=None, description="When the present or last run began.")
    finished_at: Moment | None = Field(default=None, description="When the last run ended.")
    inputs_digest: Word = Field(default="", description="What the last success was built from.")
    attempted_digest: Word = Field(default="", description="What the present or last run is or was given.")
    untouched: bool = Field(
        default=False, description="Whether all runs since the layer was last gone were refused before they began."
    )
    adopted: bool | None = Field(
        default=None, description="Whether it stood before this resource, and none of its runs has changed it since."
    )
    outputs_digest: Word = Field(default="", description="What the last success exports.")
    images: dict[Word, Word] = Field(
        default={},
        max_length=_IMAGES,
        description="The images of the last success: component and digest.",
    )
    attempted_images: dict[Word, Word] | None = Field(
        default=None,
        max_length=_IMAGES,
        description="Those that the present or last run is or was given, until they are of a success.",
    )
    message: Text = Field(default="", description="A sentence for people.")
    plan: LayerPlan | None = Field(default=None, description="What the next run would do, where that was previewed.")
    attempts: Count = Field(default=0, description="Runs that failed in a row.")
    attempts_by_kind: dict[Word, Count] = Field(
        default={}, max_length=_KINDS, description="How many of those failed of which kind: each has its own patience."
    )
    cancelled_generation: Number = Field(
        default=0, description="The generation under which a person stopped it: nothing of it begins again by itself."
    )
    failing_since: Moment | None = Field(default=None, description="When the first of those failed.")
    next_retry_at: Moment | None = Field(default=None, description="When the next attempt begins.")
    queued_at: Moment | None = Field(default=None, description="Since when its next run waits for a free place.")
    failure: LayerFailure | None = Field(default=None, description="Why the last run failed.")
    survey: LayerPreflight | None = Field(default=None, description="What was looked at before the first change.")
    run: Run | None = Field(default=None, description="The run that is under way.")
    log: Text = Field(default="", description="Where the whole log of the last run is.")
    reconcile: Word = Field(
        default="", description="The tradai.io/reconcile annotation that asks for a run; empty once one went well."
    )

    @property
    def as_adopted(self) -> bool:
        """Whether none of the resource's runs has changed what stood before it.

        Versions before noted it in the digest alone, until a run began; a destroy of theirs has made nothing of what no
        update of theirs had ended well on.
        """
        destroying = self.operation == "destroy" and self.attempted_digest != "" and not self.outputs_digest
        noted = self.adopted if self.adopted is not None else destroying
        return noted or self.attempted_digest == ADOPTED

    def attempts_of(self, kind: FailureClass) -> int:
        """Runs in a row that failed of that kind; versions before counted them all as of the last one's."""
        if self.attempts_by_kind:
            return self.attempts_by_kind.get(kind, 0)
        return self.attempts if self.failure and self.failure.kind == kind else 0

    @property
    def latest_images(self) -> dict[str, str]:
        """The images that it was last to be built of, deployed or not; versions before noted these alone."""
        return self.images if self.attempted_images is None else self.attempted_images

    @property
    def touched(self) -> bool:
        """Whether a run may have touched something of it, and no destroy has ended well since."""
        at_work = self.run is not None and self.operation != "preview"
        return self.attempted_digest != "" and (at_work or not self.untouched)


class EnvironmentStatus(Reported):
    """The environment as it is."""

    observed_generation: Number = Field(default=0, description="The generation of the spec that this speaks about.")
    phase: Phase = Field(default="Pending", description="Where the environment stands, in one word.")
    message: Text = Field(default="", description="What is going on, in a sentence.")
    endpoint: Text = Field(default="", description="Where the environment's API answers.")
    revision: Word = Field(default="", description="What the last success was built from, in short.")
    conditions: tuple[Condition, ...] = Field(
        default=(),
        max_length=_CONDITIONS,
        description="Ready, Reconciling and Stalled, as kstatus reads them; Preflight: what runs need is there; "
        "ApprovalRequired: a plan waits for a person; UpdateAvailable: a newer program does; Drifted: AWS is not as "
        "declared; GuardsKept: the spec lowers what stays in force.",
        json_schema_extra={"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"]},
    )
    layers: tuple[LayerStatus, ...] = Field(
        default=(),
        max_length=_LAYERS,
        description="Each layer, in the order of the blueprint.",
        json_schema_extra={"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"]},
    )
    layers_text: Word = Field(default="", description="How many layers are ready, of how many, like 3/4.")
    outputs: dict[Word, dict[str, Any]] = Field(
        default={},
        max_length=_LAYERS,
        description="What each layer exports; secrets are in the Secret <name>-outputs instead.",
        json_schema_extra=_OUTPUTS,
    )
    outputs_withheld: Text = Field(
        default="", description="Why secret outputs are not in the Secret <name>-outputs; empty where they are."
    )
    plan: PlanStatus | None = Field(default=None, description="What waits for approval, or waited last.")
    notices: tuple[NoticeStatus, ...] = Field(
        default=(),
        max_length=NOTICES,
        description="What people were told, or could not be, the newest last.",
        json_schema_extra={"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["digest"]},
    )
    repairs: tuple[Repair, ...] = Field(
        default=(),
        max_length=REPAIRS,
        description="What runs found half done by a run that died and put right, the newest last.",
    )
    migrations: tuple[Migration, ...] = Field(
        default=(),
        max_length=MIGRATIONS,
        description="The words of tradai.io/migrate that runs have used, the newest last.",
    )
    expires_at: Moment | None = Field(default=None, description="When its ttl is over, and it is deleted.")
    expiry_warned: Moment | None = Field(default=None, description="The end that was warned of.")
    window: WindowStatus | None = Field(default=None, description="Who overrode the maintenance windows.")
    history: tuple[Revision, ...] = Field(
        default=(), max_length=HISTORY, description="What the environment was before, the newest last."
    )
    observed_reconcile: Text = Field(
        default="", description="The tradai.io/reconcile annotation that was taken up last."
    )
    guards: GuardStatus | None = Field(
        default=None, description="The guards in force, also where the spec asks for weaker ones."
    )
    drift: DriftStatus | None = Field(default=None, description="What the last looks for drift found.")
    observed_retry: Text = Field(default="", description="The tradai.io/retry annotation that was acted upon last.")
    term: Number = Field(
        default=0,
        description="The leadership of the operator that wrote this. It never falls.",
        json_schema_extra=schema(
            rule(
                "self >= oldSelf",
                "write nothing here: a later leader of the operator has written this status already",
            ),
            format="int64",
        ),
    )

    @classmethod
    def parse(cls, raw: Any) -> Self:
        """What can be understood of a stored status; never raises for what cannot."""
        return tolerate(cls, raw if isinstance(raw, Mapping) else {})

    def dump(self) -> dict[str, Any]:
        """camelCase, JSON-able, without None."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)

    def notice(self, digest: str) -> NoticeStatus | None:
        """What became of the notice of that name, None where nobody has tried to tell it yet."""
        return next((notice for notice in self.notices if notice.digest == digest), None)

    def layer(self, name: str) -> LayerStatus:
        """The status of that layer, a fresh one where there is none yet."""
        return next((layer for layer in self.layers if layer.name == name), None) or LayerStatus(name=name)

    def condition(self, kind: str) -> Condition:
        """The condition of that type, Unknown where there is none yet."""
        return next((c for c in self.conditions if c.type == kind), None) or Condition(type=kind)
