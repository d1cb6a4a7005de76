"""`tradai state`: copies of the states of an environment's layers, and putting one back.

Must never put anything back that an operator may be working on: the resource is suspended or gone, and nobody holds
the stack.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from lightkube import ApiError, Client
from lightkube.resources.core_v1 import Namespace as KubeNamespace

from tradai_cli.bucket import opened
from tradai_cli.by_hand import demand_passphrase, request_for
from tradai_cli.cluster import Name, Namespace, Resource, annotate, connect, find
from tradai_cli.manifest import read_spec
from tradai_cli.times import reconcile_value
from tradai_operator.model import Environment, EnvironmentSpec, InvalidResource, keys
from tradai_runner.contract import Owner, Refresh, RunRequest

app = typer.Typer(help="Copies of the state of an environment's layers.", no_args_is_help=True)

File = Annotated[Path | None, typer.Option("--file", "-f", help="the manifest, where no cluster has the resource")]
Layer = Annotated[str | None, typer.Argument(help="this one alone; by default all layers")]
To = Annotated[Path | None, typer.Option(help="a folder; by default the copies go into the state bucket")]
From = Annotated[str, typer.Argument(metavar="COPY", help="its name as `tradai state list` has it, or a file")]


@app.command()
def backup(env: Name, layer: Layer = None, to: To = None, namespace: Namespace = "tradai", file: File = None) -> None:
    """Copy the states as they are; what is secret in them stays encrypted."""
    from tradai_runner.state.snapshots import back_up, read_state

    spec, name = _spec(env, namespace, file), _name()
    with opened(spec) as store:
        for each in _layers(spec, layer):
            project = spec.declaration.stack_project(each)
            if to is None:
                kept = back_up(store, project, spec.environment, name)
                where = f"{spec.state.backend_url}/{kept}" if kept else None
            else:
                where = _save(
                    to / f"{project}-{spec.environment}-{name}.json", read_state(store, project, spec.environment)
                )
            typer.echo(f"{each} of {spec.environment}: {where or 'there is no state'}")


@app.command("list")
def show(env: Name, layer: Layer = None, namespace: Namespace = "tradai", file: File = None) -> None:
    """Show the copies in the state bucket, the oldest first."""
    from tradai_runner.state.snapshots import names

    spec = _spec(env, namespace, file)
    with opened(spec) as store:
        for each in _layers(spec, layer):
            found = names(store, spec.declaration.stack_project(each), spec.environment)
            typer.echo(f"{each}: {', '.join(found) or 'none'}")


@app.command()
def restore(
    env: Name, layer: Annotated[str, typer.Argument()], copy: From, namespace: Namespace = "tradai", file: File = None
) -> None:
    """Put one copy back; the state of now is copied first. Nothing changes in AWS."""
    from tradai_runner.lock.registry import RunRegistry
    from tradai_runner.lock.stack import HeldError
    from tradai_runner.state.notes import UnfitStateError
    from tradai_runner.state.owner import read_owner
    from tradai_runner.state.snapshots import UnfitError, put_back, read_copy

    spec = _spec(env, namespace, file)
    request = request_for(Refresh, layer, spec)
    project = spec.declaration.stack_project(layer)
    demand_passphrase(spec)
    with opened(spec) as store:
        body = Path(copy).read_bytes() if Path(copy).is_file() else read_copy(store, project, spec.environment, copy)
        if body is None:
            _refuse(f"there is no copy {copy} of {layer}: look at `tradai state list {env} {layer}`")
        try:
            keeper = _keeper(read_owner(store, project, spec.environment))
        except UnfitStateError as error:
            _refuse(f"{error.failure.error}. {error.failure.hint}")
        _confirm(spec.environment, layer, copy)
        registry = RunRegistry.of(request.backend_url, project, request.environment, request.endpoint_url)
        try:
            kept = put_back(store, project, spec.environment, body, _opens(request), registry, _name())
        except UnfitError as error:
            _refuse(str(error))
        except HeldError as error:
            _refuse(f"{error.failure.error}. {error.failure.hint}")
    typer.echo(
        f"{layer} of {spec.environment} has the state of {copy}; {f'what it had: {kept}' if kept else 'it had none'}"
    )
    if keeper:
        annotate(*keeper, {keys.RECONCILE: reconcile_value([layer])})
        typer.echo(f"{layer} runs once {keeper[1].name} is no longer suspended, and then reads what is really there")


def _opens(request: RunRequest) -> Callable[[Mapping[str, Any]], bool]:
    """Whether the key of the manifest, or the passphrase of this shell, opens a state."""
    from tradai_runner.engine.stack import passphrase
    from tradai_runner.state.kms import is_opened_by
    from tradai_runner.state.passphrase import opens_state

    if key := request.kms_key:
        return lambda body: is_opened_by(body, key)
    given = passphrase(request)
    return lambda body: opens_state(body, given)


def _spec(env: str, namespace: str, file: Path | None) -> EnvironmentSpec:
    return read_spec(env, file) if file else find(env, namespace)[1].spec


def _layers(spec: EnvironmentSpec, layer: str | None) -> Sequence[str]:
    if layer is not None and layer not in spec.declaration.layer_names:
        raise typer.BadParameter(f"no layer {layer}: there are {', '.join(spec.declaration.layer_names)}")
    return [layer] if layer else spec.declaration.layer_names


def _name() -> str:
    """Of a copy; it sorts by time, as run ids do."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S}-hand"


def _save(path: Path, body: bytes | None) -> str | None:
    if body is None:
        return None
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_bytes(body)
    return str(path)


def _keeper(owner: Owner | None) -> tuple[Client, Environment] | None:
    """The resource that keeps the stack, which must be suspended; None where there is none (any more)."""
    if owner is None:
        return None
    client = connect()
    try:
        here = client.get(KubeNamespace, "kube-system")
        if not here.metadata or here.metadata.uid != owner.cluster:
            _refuse(
                f"this stack belongs to {owner.resource} of another cluster, {owner.cluster}: restore it from there"
            )
        space, _, name = owner.resource.partition("/")
        found = Environment.parse(client.get(Resource, name, namespace=space).to_dict())
    except ApiError as error:
        if error.status.code == 404:
            return None
        raise
    except (InvalidResource, OSError) as error:
        _refuse(f"could not find out whether {owner.resource} is suspended: {error}")
    running = [layer.name for layer in found.status.layers if layer.run]
    if not found.spec.suspend or running:
        busy = f", and {', '.join(running)} runs" if running else ""
        _refuse(f"{owner.resource} is not suspended{busy}: set spec.suspend: true first, and wait for its runs")
    return client, found


def _confirm(environment: str, layer: str, copy: str) -> None:
    asked = f"This makes {copy} the state of {layer} of {environment}. Type {environment} to go on"
    if typer.prompt(asked) != environment:
        raise typer.Exit(1)


def _refuse(sentence: str) -> NoReturn:
    typer.echo(sentence, err=True)
    raise typer.Exit(1)
