"""One layer as its gates look at it: what is known of it, and which run would make it as declared.

Pure. What several gates ask is worked out once, and only where one asks. Must never say whether the run may begin.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from tradai_iac.blueprint import Layer
from tradai_operator.decide import preflight
from tradai_operator.decide.approval import next_run
from tradai_operator.decide.decision import StartPlan, StartUpdate
from tradai_operator.decide.desired import desired_digest, identity
from tradai_operator.decide.drift import correction, rereads
from tradai_operator.decide.facts import Facts
from tradai_operator.decide.forecast import creation_of
from tradai_operator.decide.images import ImageCheck, image_check
from tradai_operator.decide.program import stays_behind
from tradai_operator.decide.steps import Step
from tradai_operator.model import Environment, EnvironmentStatus, LayerStatus
from tradai_operator.plan.digest import digest
from tradai_operator.status.plans import attempted


@dataclass(frozen=True)
class Candidate:
    """A layer; `above` has the steps of those it reads, `granted` says whether the plans that wait are approved."""

    env: Environment
    status: EnvironmentStatus
    facts: Facts
    layer: Layer
    above: Mapping[str, Step]
    granted: bool = False

    @cached_property
    def current(self) -> LayerStatus:
        """The layer as it was last seen."""
        return self.status.layer(self.layer.name)

    @cached_property
    def images(self) -> ImageCheck:
        """Its images as they are known now."""
        above = (self.status.layer(name).finished_at for name in self.above)
        built_at = max((at.timestamp() for at in above if at), default=0.0)
        return image_check(self.env, self.facts, self.layer, self.current, built_at)

    @cached_property
    def desired(self) -> str:
        """The digest of what it shall be built from."""
        return desired_digest(self.env, self.status, self.facts, self.layer, self.images.digests)

    @property
    def newer(self) -> str:
        """The same, by the operator's own version of the program."""
        version = self.facts.program_version
        return desired_digest(self.env, self.status, self.facts, self.layer, self.images.digests, version)

    @cached_property
    def up(self) -> StartUpdate:
        """The `up` that would make it as declared."""
        current = self.current
        return StartUpdate(
            current.name,
            self.desired,
            self.images.digests,
            reconcile=current.reconcile,
            refresh=rereads(self.env, self.status, current.name),
            survey=preflight.due(current, digest(identity(self.env, self.facts))),
        )

    @cached_property
    def start(self) -> StartUpdate | StartPlan | None:
        """What brings it nearer to that; None where its plan waits for approval."""
        created = creation_of(self.env, self.facts, self.layer, self.current, self.up)
        return created or next_run(
            self.env.spec.approval, self.current, self.up, self.facts.now, granted=self.granted, again=self.again
        )

    @property
    def again(self) -> bool:
        """Whether a person asks to try it once more."""
        return self.env.annotations.retries(self.layer.name, self.status.observed_retry)

    @property
    def behind(self) -> bool:
        """Whether the environment stays on a version of the program that this operator does not have."""
        return stays_behind(self.env, self.facts)

    @property
    def mends_at(self) -> float | None:
        """When what drifted of it is to be put back, None where that is not."""
        return None if self.behind else correction(self.env, self.status, self.layer.name)

    @property
    def tried(self) -> bool:
        """Whether just this did not go well before, and nobody asks for it once more.

        What a person has stopped is the same until they say so, or the spec is another: no image or output begins it.
        """
        current = self.current
        same = attempted(current) == self.up.inputs_digest and current.state in {"Failed", "Cancelled"}
        return (same or self.called_off) and not self.again

    @property
    def called_off(self) -> bool:
        """Whether a person has stopped it under this very spec, whatever it has waited for since."""
        return self.current.cancelled_generation == self.env.generation
