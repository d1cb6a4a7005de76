"""The vocabulary of decisions: what to do, and in which words the waiting is explained.

Data only. Must never carry a callable, a client or a secret.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Self

from tradai_iac.images.wanted import WantedImage
from tradai_operator.model import PlanStatus, Purpose
from tradai_operator.status.phases import Checked, LayerNote, Phase
from tradai_runner.contract import Operation, PlanRef
from tradai_runner.contract.drift import DriftLook


@dataclass(frozen=True)
class AddFinalizer:
    """Before anything is built, deletion must be ours to hold."""


@dataclass(frozen=True)
class Release:
    """Let the resource go; `surviving` are the layers that stand on, `others` those that are another resource's.

    `unknown` says why nobody knows which those are.
    """

    surviving: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    unknown: str = ""


@dataclass(frozen=True)
class Expire:
    """The resource outlived its ttl: ask for its deletion."""


@dataclass(frozen=True)
class StartUpdate:
    """Make the layer as declared, with the inputs of that digest; `images` maps component → digest.

    `plan` binds the run to what a preview has found; `only_if_new` lets it create the layer and nothing else.
    `reconcile` is the annotation that asks for it although nothing has changed: what is really there is read first, as
    with `refresh`. `survey` names the facts that the run looks for before it touches anything, empty where that was
    done.
    """

    operation: ClassVar[Operation] = "up"
    layer: str
    inputs_digest: str
    images: Mapping[str, str] = field(default_factory=dict)
    plan: PlanRef | None = None
    only_if_new: bool = False
    survey: str = ""
    reconcile: str = ""
    refresh: bool = False


@dataclass(frozen=True)
class StartPlan:
    """Look what an update with the inputs of that digest would do; the rest as for a `StartUpdate`.

    The outputs of the layers in `unknown` are taken as unknown, and images too.
    """

    operation: ClassVar[Operation] = "preview"
    layer: str
    inputs_digest: str
    images: Mapping[str, str] = field(default_factory=dict)
    survey: str = ""
    unknown: tuple[str, ...] = ()
    reconcile: str = ""
    refresh: bool = False
    purpose: Purpose = "Update"

    @property
    def aside(self) -> bool:
        """Whether it is a look for people that nothing waits for."""
        return self.purpose == "Offer"

    @classmethod
    def of(cls, update: StartUpdate, purpose: Purpose = "Update") -> Self:
        """The look at just that update."""
        return cls(
            update.layer,
            update.inputs_digest,
            update.images,
            survey=update.survey,
            reconcile=update.reconcile,
            refresh=update.refresh,
            purpose=purpose,
        )


@dataclass(frozen=True)
class StartTeardownPlan:
    """Look what destroying the layer would take; the digest names what that is asked of.

    `owned_only` wants the owner marker to name this resource, where another one claims the environment too.
    """

    operation: ClassVar[Operation] = "preview"
    layer: str
    inputs_digest: str
    owned_only: bool = False


@dataclass(frozen=True)
class StartDriftCheck:
    """Look for drift beside the layer's own runs, with the images that it was built with."""

    operation: ClassVar[Operation] = "preview"
    layer: str
    images: Mapping[str, str]
    look: DriftLook


@dataclass(frozen=True)
class StartDestroy:
    """Take the layer down; the digest names on which words. `plan` is all that may go, `owned_only` as above."""

    operation: ClassVar[Operation] = "destroy"
    layer: str
    inputs_digest: str
    plan: PlanRef | None = None
    owned_only: bool = False


#: Start one run of a layer; each kind becomes the request of that kind (see `requests`).
StartRun = StartUpdate | StartPlan | StartTeardownPlan | StartDriftCheck | StartDestroy


@dataclass(frozen=True)
class CancelRun:
    """Ask a live run to stop cleanly."""

    layer: str
    handle: str


Action = AddFinalizer | Release | Expire | StartRun | CancelRun


@dataclass(frozen=True)
class Look:
    """Look for the images of a layer, then decide again: no action yet, since nothing outside changes by it."""

    layer: str
    wanted: tuple[WantedImage, ...]


@dataclass(frozen=True)
class Decision:
    """What to do now, how to explain it, and when to look again even if nothing happens (epoch seconds).

    `plan` is what the status says of approval; without one, nothing waits for it. `granted` are the layers whose plans
    were approved as one, and that may begin one after the other. `asks`: the state bucket has to be asked first what
    stands, and then it is decided again.
    """

    phase: Phase
    reason: str
    message: str
    actions: tuple[Action, ...] = ()
    notes: Mapping[str, LayerNote] = field(default_factory=dict)
    wake_at: float | None = None
    retry_seen: str = ""
    looks: tuple[Look, ...] = ()
    preflight: Checked | None = None
    plan: PlanStatus | None = None
    update: Checked | None = None
    granted: tuple[str, ...] = ()
    asks: bool = False
