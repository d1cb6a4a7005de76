"""The vocabulary of decisions: what to do, and in which words the waiting is explained.

Data only. Must never carry a callable, a client or a secret.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tradai_iac.images.wanted import WantedImage
from tradai_operator.model import PlanStatus
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
class StartRun:
    """Start one run of a layer with the inputs of that digest; `images` maps component → digest.

    `plan` binds an `up` or a `destroy` to what a preview has found; `only_if_new` lets it create the layer and
    nothing else; a preview takes the outputs of the layers in `unknown` as unknown, and images too. `reconcile` is the
    annotation that asks for it although nothing has changed: what is really there is read first, as with `refresh`.
    `aside` is a preview that people look at and that nothing waits for; one with `drift` looks for drift beside the
    layer's own runs. `owned_only` wants the owner marker to name this resource, where another one claims the
    environment too. `survey` names the facts that the run looks for before it touches anything, empty where that was
    done.
    """

    layer: str
    operation: Operation
    inputs_digest: str
    images: Mapping[str, str] = field(default_factory=dict)
    plan: PlanRef | None = None
    only_if_new: bool = False
    survey: str = ""
    unknown: tuple[str, ...] = ()
    reconcile: str = ""
    aside: bool = False
    refresh: bool = False
    owned_only: bool = False
    drift: DriftLook | None = None


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
