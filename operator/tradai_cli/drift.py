"""`tradai drift`: what the last looks found, resource by resource, expected → found; or a look right now.

Asking for one is an annotation, which everybody may set who may change the resource. Must never change anything else.
"""

import time
from datetime import UTC, datetime
from typing import Annotated, Final

import typer
from lightkube import Client

from tradai_cli.bucket import fetch
from tradai_cli.cluster import Name, Namespace, annotate, find
from tradai_cli.drift_text import lines, progress
from tradai_operator.model import Environment, EnvironmentSpec, keys
from tradai_operator.status.drift import drift_of
from tradai_runner.bucket.keys import drift_key
from tradai_runner.drift.report import DriftReport

_POLL_SECONDS: Final = 0.5
Now = Annotated[bool, typer.Option("--now", help="look now, and wait for it")]
Full = Annotated[bool, typer.Option("--full", help="whole values")]
Layer = Annotated[str | None, typer.Argument(help="one layer; by default all of them")]


def drift(
    env: Name,
    layer: Layer = None,
    namespace: Namespace = "tradai",
    now: Now = False,
    full: Full = False,
    wait: Annotated[float, typer.Option(help="with --now: seconds to wait for the answer")] = 900,
) -> None:
    """Show where AWS is not as declared, as the last looks found it; exit status 2 where anything drifted."""
    client, found = find(env, namespace)
    layers = _layers(found.spec, layer)
    if now:
        found = _look(client, found, layers, wait)
    if not found.spec.drift.enabled:
        typer.echo(f"{found.name} is not looked at for drift: spec.drift.enabled is false", err=True)
        raise typer.Exit(1)
    for name in layers:
        _show(found, name, full=full)
    if any(drift_of(found.status, name).finding == "Drifted" for name in layers):
        raise typer.Exit(2)


def _layers(spec: EnvironmentSpec, layer: str | None) -> tuple[str, ...]:
    if layer is not None and layer not in spec.declaration.layer_names:
        raise typer.BadParameter(f"no layer {layer}: there are {', '.join(spec.declaration.layer_names)}")
    return (layer,) if layer else spec.enabled_layers


def _look(client: Client, found: Environment, layers: tuple[str, ...], wait: float) -> Environment:
    """Asks for a look and waits for the answer of every layer that can be looked at."""
    request = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
    annotate(client, found, {keys.DRIFT: request})
    told: list[str] = []
    deadline = time.monotonic() + wait
    while time.monotonic() < deadline:
        _, found = find(found.name, found.namespace)
        for line in progress(found.status, layers, request):
            if line not in told:
                typer.echo(line, err=True)
                told.append(line)
        ready = [name for name in layers if found.status.layer(name).state == "Ready"]
        if not found.spec.drift.enabled or all(drift_of(found.status, name).request == request for name in ready):
            return found
        time.sleep(_POLL_SECONDS)
    typer.echo(f"no answer within {wait:.0f} s: {found.name} is {found.status.phase}: {found.status.message}", err=True)
    raise typer.Exit(1)


def _show(found: Environment, layer: str, *, full: bool) -> None:
    known = drift_of(found.status, layer)
    if known.tried_at is None:
        typer.echo(
            f"{layer} of {found.spec.environment}: nobody has looked yet; `tradai drift {found.name} --now` does"
        )
        return
    if known.finding == "Unknown":
        typer.secho(f"{layer} of {found.spec.environment}: the last look failed: {known.message}", fg="red")
    report = read_report(found.spec, layer)
    if report is None:
        typer.echo(f"the report of {layer} is not in {found.spec.state.backend_url}; the first few:", err=True)
        typer.echo("\n".join(f"  {text}" for text in known.first))
        return
    show(report, full=full)


def show(report: DriftReport, *, full: bool) -> None:
    """Prints a report."""
    for line in lines(report, full=full):
        typer.secho(line.text, fg=line.colour, bold=line.bold or None)


def read_report(spec: EnvironmentSpec, layer: str) -> DriftReport | None:
    """The report of the newest look from the state bucket, None where there is none; exits with a sentence."""
    body = fetch(spec, drift_key(spec.declaration.stack_project(layer), spec.environment, "json"))
    return DriftReport.model_validate_json(body) if body else None
