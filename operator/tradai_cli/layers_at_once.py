"""`tradai infra preview-all` and `outputs`: every layer of an environment in one go, read-only.

Must never change anything, nor show a secret that nobody asked for.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tradai_cli.bucket import opened
from tradai_cli.by_hand import EXIT, demand_passphrase, demand_secrets, request_for, run_layer
from tradai_cli.digests import WithoutImages, digests_for
from tradai_cli.manifest import Of, read_spec
from tradai_cli.order import EnvAfterLayer, LayerOrEnv, maybe_in_order
from tradai_iac.failure import Failure
from tradai_operator.model import EnvironmentSpec
from tradai_operator.plan.dag import Dag
from tradai_runner.contract import Plan, Refresh
from tradai_runner.state.checkpoint import Checkpoint
from tradai_runner.state.missing import Stack
from tradai_runner.state.reading import read_stack

_Env = Annotated[str, typer.Argument(metavar="ENV", help="the environment: dev, staging, prod or eph-…")]
_File = Annotated[Path | None, typer.Option("--file", "-f", help="the manifest; by default env-ENV.yaml")]
_Secrets = Annotated[Path | None, typer.Option(help="a folder with one file a secret, named as in the manifest")]


def preview_all(
    env: _Env,
    file: _File = None,
    blueprint: Of = None,
    secrets_dir: _Secrets = None,
    without_images: WithoutImages = False,
) -> None:
    """Show what `up` would change in every layer; one whose upstream is not there yet says what it waits for."""
    spec = read_spec(env, file, blueprint)
    recorded = checkpoints(spec)
    demand_secrets(spec, secrets_dir)
    status = 0
    for layer in Dag.of(spec.declaration).build_order():
        typer.echo(f"\n── {layer} of {env}")
        if _told(layer, waits_for(spec, layer, recorded)):
            continue
        images = digests_for(layer, spec, without_images=without_images)
        if images is None:
            status = max(status, 1)
            continue
        outcome = run_layer(request_for(Plan, layer, spec, images=images), spec, secrets_dir)
        status = max(status, EXIT[outcome])
        if outcome == "cancelled":  # who stops one preview wants no other
            break
    raise typer.Exit(status)


def show_waiting(layer: str, spec: EnvironmentSpec) -> bool:
    """Whether the layer cannot be previewed yet; says for what it waits."""
    request_for(Plan, layer, spec)
    return _told(layer, waits_for(spec, layer, checkpoints(spec)))


def waits_for(spec: EnvironmentSpec, layer: str, recorded: Mapping[str, Checkpoint]) -> tuple[str, ...]:
    """The layers that `layer` reads from and that export nothing yet."""
    reads = spec.declaration.layer(layer).reads
    return tuple(name for name in reads if not recorded[name].outputs)


def _told(layer: str, waiting: tuple[str, ...]) -> bool:
    if waiting:
        typer.echo(f"{layer}: waits for {', '.join(waiting)}")
    return bool(waiting)


def checkpoints(spec: EnvironmentSpec) -> dict[str, Checkpoint]:
    """What the state bucket has of each layer, an empty record where it was never made.

    Exits with a sentence, also where a state is gone or damaged: what stands of that layer is not known.
    """
    blueprint = spec.declaration
    with opened(spec) as store:
        if store is None:
            raise typer.BadParameter(f"the state in {spec.state.backend_url} cannot be read: it is not a bucket")
        stacks = {layer: Stack(blueprint.stack_project(layer), spec.environment) for layer in blueprint.layer_names}
        read = {layer: read_stack(store, stack) for layer, stack in stacks.items()}
    if unfit := {layer: reading.failure for layer, reading in read.items() if reading.failure}:
        _refuse(unfit)
    return {layer: reading.checkpoint for layer, reading in read.items()}


def _refuse(unfit: Mapping[str, Failure]) -> NoReturn:
    for layer, failure in unfit.items():
        typer.echo(f"{layer}: {failure.error}. {failure.hint}", err=True)
    raise typer.Exit(1)


def outputs(
    first: LayerOrEnv,
    second: EnvAfterLayer = None,
    file: _File = None,
    blueprint: Of = None,
    as_json: Annotated[bool, typer.Option("--json", help="as JSON: layer, then output")] = False,
    show_secrets: Annotated[bool, typer.Option(help="secret outputs in clear; needs what opens the state")] = False,
) -> None:
    """Show what the layers export."""
    layer, env = maybe_in_order(first, second)
    spec = read_spec(env, file, blueprint, layer)
    if layer:
        request_for(Plan, layer, spec)
    found = {
        name: _exported(name, spec, recorded, clear=show_secrets)
        for name, recorded in checkpoints(spec).items()
        if layer in {None, name}
    }
    if as_json:
        typer.echo(json.dumps(found, indent=2, sort_keys=True))
    else:
        Console().print(_table(found))


def _exported(layer: str, spec: EnvironmentSpec, recorded: Checkpoint, *, clear: bool) -> dict[str, Any]:
    secret = set(spec.declaration.layer(layer).secret_outputs) & set(recorded.outputs)
    if not (clear and secret):
        return dict(recorded.outputs)
    demand_passphrase(spec)
    from tradai_runner.engine.outputs import clear_outputs  # Pulumi takes its time to load

    return clear_outputs(request_for(Refresh, layer, spec), spec.declaration.stack_project(layer))


def _table(found: Mapping[str, Mapping[str, Any]]) -> Table:
    table = Table("layer", "output", "value", box=None)
    for layer, values in found.items():
        for name, value in sorted(values.items()):
            table.add_row(layer, name, escape(value if isinstance(value, str) else json.dumps(value)))
    return table
