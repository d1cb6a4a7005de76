"""Layers that cannot be planned yet, because what they read does not exist: foreseen with everything of it unknown.

Pure. Under `Always` a person sees the whole environment before anything of it exists. Approving that approves the
creation of what is foreseen and nothing else: it is bound to place, program, configuration and secrets, it ends as any
plan does, and a run that finds anything standing is refused. Must never let a foreseen plan bind an update.
"""

from dataclasses import replace

from tradai_iac.blueprint import Layer
from tradai_operator.decide.approval import ends
from tradai_operator.decide.decision import StartPlan, StartUpdate
from tradai_operator.decide.facts import Facts
from tradai_operator.decide.program import stays_behind
from tradai_operator.model import Environment, EnvironmentStatus, LayerPlan, LayerStatus
from tradai_operator.plan.dag import Dag
from tradai_operator.plan.digest import digest
from tradai_operator.status.plans import attempted


def preview_of(
    env: Environment, facts: Facts, layer: Layer, current: LayerStatus, unknown: tuple[str, ...]
) -> StartPlan | None:
    """The preview of a layer that never was, with the outputs of `unknown` layers unknown; None where none is due.

    One that failed is not tried again: what the layer does is then known once what it reads is there, as always. One
    whose time is over is made anew while its question is open.
    """
    idle = env.spec.suspend or stays_behind(env, facts)
    if env.spec.approval != "Always" or idle or current.attempted_digest:
        return None
    wanted = forecast_digest(env, facts, layer)
    if attempted(current) == wanted and not _over(current.plan, facts.now):
        return None
    return StartPlan(layer.name, wanted, purpose="Forecast", unknown=unknown)


def creation_of(
    env: Environment, facts: Facts, layer: Layer, current: LayerStatus, up: StartUpdate
) -> StartUpdate | None:
    """The first creation of a layer that was foreseen as it is declared now, and approved; None where it was not."""
    plan = current.plan
    if env.spec.approval != "Always" or current.attempted_digest or plan is None or not plan.approved:
        return None
    if facts.now >= ends(plan):
        return None
    return replace(up, only_if_new=True) if plan.serves("Forecast", forecast_digest(env, facts, layer)) else None


def forecast_digest(env: Environment, facts: Facts, layer: Layer) -> str:
    """What a layer is foreseen from: all that its run will be given but outputs and images, which are not there yet."""
    return digest(
        {
            "foreseen": layer.name,
            "environment": env.spec.environment,
            "aws": env.spec.aws.model_dump(mode="json"),
            "backend": env.spec.state.backend_url,
            "state": facts.secrets.state,
            "program": facts.program_version,
            "config": env.spec.layer(layer.name).overrides,
            "secrets": facts.secrets.layers.get(layer.name, {}),
        }
    )


def forecasts(env: Environment, status: EnvironmentStatus, facts: Facts) -> dict[str, LayerPlan]:
    """What was foreseen, by layer, of those that nobody has built; what was approved of them already is no question."""
    layers = [facts.blueprint.layer(name) for name in Dag.of(facts.blueprint).build_order()]
    found = {layer.name: _forecast(env, facts, layer, status.layer(layer.name)) for layer in layers}
    return {name: plan for name, plan in found.items() if plan and not plan.approved}


def _forecast(env: Environment, facts: Facts, layer: Layer, current: LayerStatus) -> LayerPlan | None:
    if current.plan is None or env.spec.approval != "Always":
        return None
    plan = current.plan
    forecast = plan.serves("Forecast", forecast_digest(env, facts, layer))
    made = bool(plan.digest) and forecast and facts.now < ends(plan)
    return plan if made and not current.attempted_digest else None


def _over(plan: LayerPlan | None, now: float) -> bool:
    """Whether a plan that nobody has approved can no longer be."""
    return plan is not None and bool(plan.digest) and not plan.approved and now >= ends(plan)
