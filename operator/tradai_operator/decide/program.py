"""Versions of the stack programs: which one an environment is on, and what the operator's own would change of it.

Pure. Must never let an environment that stays on its version run with another one.
"""

from collections.abc import Mapping
from dataclasses import replace

from tradai_operator.decide.decision import StartPlan, StartUpdate
from tradai_operator.decide.facts import Facts
from tradai_operator.decide.steps import Step
from tradai_operator.model import Environment, EnvironmentStatus, LayerPlan, LayerStatus
from tradai_operator.status.phases import Checked, LayerNote, Phase
from tradai_operator.status.updates import offered


def version_for(env: Environment, facts: Facts) -> str:
    """The version that the environment shall be built from."""
    return env.spec.program.version or facts.program_version


def stays_behind(env: Environment, facts: Facts) -> bool:
    """Whether the environment stays on a version that is not the operator's."""
    return version_for(env, facts) != facts.program_version


def unavailable(env: Environment, facts: Facts) -> Step:
    """A layer has something to do, and this operator has only another version of its program."""
    own, asked = facts.program_version, version_for(env, facts)
    text = (
        f"spec.program.version is {asked}, but this operator can only build with {own}: see what would change with "
        f"`tradai diff {env.name}`, then set spec.program.version to {own}; or run the operator of version {asked}"
    )
    note = LayerNote("Pending", f"waits for an operator with program {asked}")
    return Step(Phase.WAITING, note=note, says=("OtherProgram", text))


def shown(current: LayerStatus, step: Step, up: StartUpdate, *, may_look: bool, again: bool) -> Step:
    """A layer that is as declared, with a look aside at what `up` would do with the operator's own version.

    One look for each version and input, successful or not; `again`: a person asks to try once more.
    """
    step = replace(step, note=LayerNote("Ready", keeps_plan=True))
    plan = current.plan or LayerPlan()
    if plan.serves("Offer", up.inputs_digest) and (plan.digest or not again):
        return step
    return replace(step, action=StartPlan.of(up, "Offer")) if may_look else step


def update_check(env: Environment, status: EnvironmentStatus, facts: Facts, wanted: Mapping[str, str]) -> Checked:
    """How the UpdateAvailable condition of an environment that stays behind reads.

    `wanted` maps each layer that stands to the digest of what the operator's version would be given.
    """
    plans = {name: plan for name, digest in wanted.items() if (plan := _plan(status, name, digest))}
    unseen = [name for name in wanted if name not in plans]
    text = f"{version_for(env, facts)} → {facts.program_version}: {offered(plans, unseen)}"
    return Checked("True", "OtherProgram", f"{text}; set spec.program.version to {facts.program_version} to apply it")


def _plan(status: EnvironmentStatus, layer: str, digest: str) -> LayerPlan | None:
    plan = status.layer(layer).plan
    return plan if plan and plan.digest and plan.serves("Offer", digest) else None
