"""`tradai infra teardown`: destroys several layers in reverse order, after it has said what that takes.

Must never begin before everything that would stop it half-way is known and permitted.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from tradai_cli.aws import Clients, clients
from tradai_cli.by_hand import EXIT, demand_passphrase, request_for, run_layer
from tradai_cli.durability import Said, durability_of
from tradai_cli.layers_at_once import checkpoints
from tradai_cli.manifest import Of, read_spec
from tradai_cli.teardown_plan import Plan, What, filled_meanwhile, layers_of, leftovers, obstacles_of, refusals
from tradai_operator.model import EnvironmentSpec
from tradai_runner.contract import Destroy, Durability, RunRequest, Unprotect
from tradai_runner.state.checkpoint import Checkpoint
from tradai_runner.teardown.contents import Content, found_contents
from tradai_runner.teardown.emptying import emptied

_What = Annotated[
    What, typer.Argument(help="soft: edge, compute; all: foundation too; persistent: what is left, with all data")
]
_Env = Annotated[str, typer.Argument(metavar="ENV", help="the environment: dev, staging, prod or eph-…")]
_File = Annotated[Path | None, typer.Option("--file", "-f", help="the manifest; by default env-ENV.yaml")]
_Empty = Annotated[bool, typer.Option("--empty", help="empty the buckets, repositories and clusters named")]
_Lift = Annotated[bool, typer.Option("--lift-protection", help="take away what refuses deletion, first")]
_Yes = Annotated[bool, typer.Option("--yes", help="do not ask; never for persistent")]


def teardown(
    what: _What,
    env: _Env,
    file: _File = None,
    blueprint: Of = None,
    empty: _Empty = False,
    lift_protection: _Lift = False,
    yes: _Yes = False,
    durability: Said = None,
) -> None:
    """Destroy layers in reverse order; `persistent` is DANGER: all data goes."""
    if yes and what == "persistent":
        raise typer.BadParameter("persistent destroys all data: confirm that by hand, not with --yes")
    spec = read_spec(env, file, blueprint)
    demand_passphrase(spec)
    recorded = checkpoints(spec)
    aws = clients(spec)
    plan = _plan(what, spec, recorded, aws)
    if not plan.layers:
        typer.echo(f"{env} has nothing left that {what} would destroy")
        return
    _show(plan, refusals(plan, empty=empty, lift_protection=lift_protection))
    if (
        not yes
        and typer.prompt(f"This destroys {', '.join(plan.layers)} of {env}. Type: {plan.phrase}\n") != plan.phrase
    ):
        typer.echo("not confirmed; nothing was done", err=True)
        raise typer.Exit(1)
    for layer in plan.layers:
        _take(layer, plan, spec, recorded, durability_of(spec, layer, durability))
    for left in leftovers(plan.layers, recorded):
        typer.echo(f"left: {left}")


def _plan(what: What, spec: EnvironmentSpec, recorded: Mapping[str, Checkpoint], aws: Clients) -> Plan:
    layers = layers_of(what, spec, recorded)
    contents = {layer: found for layer in layers if (found := found_contents(aws, recorded[layer]))}
    return Plan(what, spec.environment, layers, obstacles_of(layers, recorded), contents)


def _show(plan: Plan, refused: list[str]) -> None:
    """What will go along; exits with 1 where something was not permitted."""
    if refused:
        typer.echo("\n".join([*refused, "nothing was done"]), err=True)
        raise typer.Exit(1)
    for content in (content for each in plan.contents.values() for content in each):
        typer.echo(f"will be emptied: {content}")
    for layer in plan.obstacles:
        typer.echo(f"will be unprotected: {layer}")


def _take(
    layer: str, plan: Plan, spec: EnvironmentSpec, recorded: Mapping[str, Checkpoint], durability: Durability
) -> None:
    """One layer: protection, then contents, which nobody gets back, then the resources."""
    if layer in plan.obstacles:
        lifting = request_for(Unprotect, layer, spec, durability=durability)
        _run(lifting, spec, "lifting the protection of")
    _empty(layer, plan.contents.get(layer, ()), spec, recorded[layer])
    _run(request_for(Destroy, layer, spec, durability=durability), spec, "destroying")


def _empty(layer: str, agreed: tuple[Content, ...], spec: EnvironmentSpec, recorded: Checkpoint) -> None:
    """Empties what was agreed to, while nobody else works on the stack; exits with 1 where more has been filled."""
    failure = emptied(
        request_for(Destroy, layer, spec),
        spec.declaration.stack_project(layer),
        recorded,
        lambda: checkpoints(spec)[layer],
        typer.echo,
        lambda found: filled_meanwhile(agreed, found),
    )
    if failure:
        typer.echo(f"{failure.error}\n{failure.hint}", err=True)
        raise typer.Exit(1)


def _run(request: RunRequest, spec: EnvironmentSpec, doing: str) -> None:
    typer.echo(f"\n── {doing} {request.layer} of {request.environment}")
    if status := EXIT[run_layer(request, spec)]:
        typer.echo(
            f"{doing} {request.layer} failed; what was destroyed stays destroyed; run the same command again to go on",
            err=True,
        )
        raise typer.Exit(status)
