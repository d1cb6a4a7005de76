"""`tradai infra`: layers by hand, on the same state as the operator and without any Kubernetes.

It asks the same runner the same questions. Must never destroy without a word.
"""

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer
import yaml

from tradai_cli.by_hand import EXIT, request_for, run_layer
from tradai_cli.digests import WithoutImages, digests_for, images_of
from tradai_cli.drift_by_hand import drift
from tradai_cli.durability import Said, durability_of
from tradai_cli.layers_at_once import checkpoints, outputs, preview_all, show_waiting, waits_for
from tradai_cli.manifest import Of, read_spec
from tradai_cli.order import Env, Layer, in_order
from tradai_cli.teardown import teardown
from tradai_operator.model import EnvironmentSpec
from tradai_runner.contract import Destroy, Durability, Plan, Refresh, Update
from tradai_runner.engine.stack_config import stack_file

app = typer.Typer(help="Layers by hand, on the same state, without Kubernetes.", no_args_is_help=True)

File = Annotated[Path | None, typer.Option("--file", "-f", help="the manifest; by default env-ENV.yaml")]
Secrets = Annotated[Path | None, typer.Option(help="a folder with one file a secret, named as in the manifest")]
Migrate = Annotated[
    list[str] | None, typer.Option(help="permit one change of a value that never changes, by the name in the refusal")
]


@app.command()
def up(
    layer: Layer,
    env: Env,
    file: File = None,
    blueprint: Of = None,
    secrets_dir: Secrets = None,
    migrate: Migrate = None,
    durability: Said = None,
) -> None:
    """Create or update the layer."""
    layer, env = in_order(layer, env)
    _run(Update, layer, read_spec(env, file, blueprint, layer), secrets_dir, migrate, durability=durability)


@app.command()
def preview(
    layer: Layer,
    env: Env,
    file: File = None,
    blueprint: Of = None,
    secrets_dir: Secrets = None,
    migrate: Migrate = None,
    without_images: WithoutImages = False,
) -> None:
    """Show what `up` would change."""
    layer, env = in_order(layer, env)
    if not show_waiting(layer, spec := read_spec(env, file, blueprint, layer)):
        _run(Plan, layer, spec, secrets_dir, migrate, without_images=without_images)


ClearPending = Annotated[
    list[str] | None,
    typer.Option(metavar="URN", help="give up a creation that a dead run left half done; remove what it made first"),
]


@app.command()
def refresh(
    layer: Layer,
    env: Env,
    file: File = None,
    blueprint: Of = None,
    clear_pending: ClearPending = None,
    durability: Said = None,
) -> None:
    """Read what is really there into the state; what a dead run left half done is put right."""
    layer, env = in_order(layer, env)
    spec = read_spec(env, file, blueprint, layer)
    _run(Refresh, layer, spec, clear_pending=tuple(clear_pending or ()), durability=durability)


@app.command()
def down(
    layer: Layer,
    env: Env,
    file: File = None,
    blueprint: Of = None,
    yes: Annotated[bool, typer.Option(help="do not ask")] = False,
    durability: Said = None,
) -> None:
    """Destroy the layer's resources."""
    layer, env = in_order(layer, env)
    if not yes and typer.prompt(f"This destroys {layer} of {env}. Type {env} to go on") != env:
        raise typer.Exit(1)
    _run(Destroy, layer, read_spec(env, file, blueprint, layer), durability=durability)


@app.command()
def config(
    layer: Layer,
    env: Env,
    file: File = None,
    blueprint: Of = None,
    write: Annotated[bool, typer.Option(help="write it into the layer's folder")] = False,
    without_images: WithoutImages = False,
) -> None:
    """Render Pulumi.ENV.yaml, so that a plain `pulumi up` in the layer's folder does the same."""
    layer, env = in_order(layer, env)
    spec = read_spec(env, file, blueprint, layer)
    request = request_for(Update, layer, spec)
    images = digests_for(layer, spec, without_images=without_images)
    if images is None:
        raise typer.Exit(1)
    text = yaml.safe_dump(stack_file(request.model_copy(update={"images": images})), sort_keys=False)
    if not write:
        typer.echo(text, nl=False)
        return
    path = _layer_folder(spec, layer) / f"Pulumi.{env}.yaml"
    path.write_text(text)
    typer.echo(f"wrote {path}")


@app.command()
def backend(env: Env, file: File = None, blueprint: Of = None) -> None:
    """Print where the states of an environment are, for a plain `pulumi login`."""
    typer.echo(read_spec(env, file, blueprint).state.backend_url)


app.command("preview-all")(preview_all)
app.command()(outputs)
app.command()(teardown)
app.command()(drift)


def _layer_folder(spec: EnvironmentSpec, layer: str) -> Path:
    found = find_spec(spec.declaration.layer_package(layer))
    if found is None or found.origin is None:
        raise typer.BadParameter(f"{layer} of {spec.blueprint} has no folder")
    return Path(found.origin).parent


def _lacks_upstream(layer: str, spec: EnvironmentSpec) -> bool:
    """Whether the run will stop at a layer that is not there, which says more than that its repositories are not."""
    return bool(images_of(spec, layer) and waits_for(spec, layer, checkpoints(spec)))


def _run(
    kind: type[Update | Plan | Refresh | Destroy],
    layer: str,
    spec: EnvironmentSpec,
    secrets_dir: Path | None = None,
    migrate: list[str] | None = None,
    *,
    without_images: bool = False,
    clear_pending: tuple[str, ...] = (),
    durability: Durability | None = None,
) -> None:
    request = request_for(kind, layer, spec, migrations=tuple(migrate or ()), clear_pending=clear_pending)
    if not isinstance(request, Plan):  # which saves nothing
        request = request.model_copy(update={"durability": durability_of(spec, layer, durability)})
    if isinstance(request, Update | Plan) and not _lacks_upstream(layer, spec):
        images = digests_for(layer, spec, without_images=without_images)
        if images is None:
            raise typer.Exit(1)
        request = request.model_copy(update={"images": images})
    raise typer.Exit(EXIT[run_layer(request, spec, secrets_dir)])
