"""What people say to the operator about one environment: cancel, retry, and where its logs are.

Each word is an annotation or a read. Must never touch a spec, a status or AWS beyond the state bucket's logs.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from lightkube import ApiError, Client
from lightkube.generic_resource import create_namespaced_resource
from lightkube.types import PatchType

from tradai_cli.bucket import fetch
from tradai_operator.model import Environment, InvalidResource, keys
from tradai_operator.status.drift import looks
from tradai_runner.bucket.keys import latest_run_key, run_key
from tradai_runner.journal.local import RunJournal, is_alive

Name = Annotated[str, typer.Argument(metavar="ENV", help="the resource's name or its environment")]
Namespace = Annotated[str, typer.Option("--namespace", "-n", help="the resource's namespace")]
Sandbox = Annotated[Path, typer.Option("--dir", help="the sandbox whose live runs are looked at first")]

Resource: Any = create_namespaced_resource(keys.GROUP, keys.VERSION, keys.KIND, keys.PLURAL)


def cancel(env: Name, namespace: Namespace = "tradai") -> None:
    """Stop the runs that are under way, cleanly; nothing starts again before `retry` or a change of the spec."""
    client, found = find(env, namespace)
    runs = {layer.name: layer.run.id for layer in found.status.layers if layer.run}
    runs |= {f"the look for drift at {look.name}": look.run.id for look in looks(found.status) if look.run}
    if not runs:
        typer.echo(f"nothing of {found.name} is running")
        return
    annotate(client, found, {keys.CANCEL: ",".join(runs.values())})
    typer.echo(f"asked {', '.join(runs)} of {found.name} to stop")


def retry(
    env: Name,
    layer: Annotated[str | None, typer.Argument(help="this layer alone; without it, all that failed")] = None,
    namespace: Namespace = "tradai",
) -> None:
    """Try again now what failed or was cancelled, and look for new images at once."""
    client, found = find(env, namespace)
    if layer:
        _known_layer(found, layer)
    scope = f"{layer}:" if layer else ""
    annotate(client, found, {keys.RETRY: f"{scope}{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"})
    typer.echo(f"{layer} of {found.name} is tried again" if layer else f"{found.name} is tried again")


def _known_layer(found: Environment, layer: str) -> None:
    if layer not in found.spec.declaration.layer_names:
        raise typer.BadParameter(f"no layer {layer}: there are {', '.join(found.spec.declaration.layer_names)}")


def logs(
    env: Name,
    layer: Annotated[str, typer.Argument(help="persistent, foundation, compute or edge")],
    namespace: Namespace = "tradai",
    directory: Sandbox = Path(".sandbox"),
) -> None:
    """Print the whole log of a layer's present or last run."""
    _, found = find(env, namespace)
    _known_layer(found, layer)
    text = _live_log(found, layer, directory / "journal") or _kept_log(found, layer)
    if text is None:
        typer.echo(f"{layer} of {found.name} has left no log yet", err=True)
        raise typer.Exit(1)
    typer.echo(text, nl=False)


def find(env: str, namespace: str) -> tuple[Client, Environment]:
    """The resource of that name, or the one for that environment; exits with a sentence otherwise.

    By its name a resource is found also by those who may see no other one.
    """
    client = Client()
    try:
        if named := _named(client, env, namespace):
            return client, named
        bodies = [item.to_dict() for item in client.list(Resource, namespace=namespace)]
    except ApiError as error:
        typer.echo(f"Kubernetes refused: {error.status.message}", err=True)
        raise typer.Exit(1) from None
    parsed = [environment for body in bodies if (environment := _parse(body))]
    for found in parsed:
        if env == found.spec.environment:
            return client, found
    known = ", ".join(environment.name for environment in parsed) or "none at all"
    typer.echo(f"no environment {env} in namespace {namespace}: there is {known}", err=True)
    raise typer.Exit(1)


def _named(client: Client, name: str, namespace: str) -> Environment | None:
    try:
        return _parse(client.get(Resource, name, namespace=namespace).to_dict())
    except ApiError as error:
        if error.status.code in {403, 404}:
            return None
        raise


def _parse(body: dict[str, Any]) -> Environment | None:
    try:
        return Environment.parse(body)
    except InvalidResource:
        return None


def annotate(client: Client, found: Environment, annotations: dict[str, str]) -> None:
    """Sets annotations of the resource; raises ApiError."""
    patch = {"metadata": {"annotations": annotations}}
    client.patch(Resource, found.name, patch, namespace=found.namespace, patch_type=PatchType.MERGE)


def _live_log(found: Environment, layer: str, journals: Path) -> str | None:
    """The log of a run that still lives on this machine."""
    run = found.status.layer(layer).run
    if run is None:
        return None
    journal = RunJournal(journals / run.handle.partition("@")[0])
    if not is_alive(journal.process()) or not journal.log_path.exists():
        return None
    return journal.log_path.read_text()


def _kept_log(found: Environment, layer: str) -> str | None:
    """The log of the newest finished run, from the state bucket."""
    spec = found.spec
    project, stack = spec.declaration.stack_project(layer), spec.environment
    run = fetch(spec, latest_run_key(project, stack))
    body = fetch(spec, run_key(project, stack, run.decode(), "log.txt")) if run else None
    return body.decode() if body is not None else None
