"""What people say about time: `tradai reconcile` runs layers now, `tradai open-window` lets changes begin.

Each word is an annotation. Must never touch a spec.
"""

from datetime import UTC, datetime
from typing import Annotated

import typer

from tradai_cli.cluster import Name, Namespace, annotate, find, myself
from tradai_operator.model import keys
from tradai_operator.model.maintenance import OVERRIDE

Layers = Annotated[list[str] | None, typer.Argument(metavar="[LAYER]...", help="these alone; by default all")]
Yes = Annotated[bool, typer.Option(help="do not ask")]


def reconcile(env: Name, layers: Layers = None, namespace: Namespace = "tradai") -> None:
    """Run all layers, or some, though nothing has changed: what is really there is read and put right."""
    client, found = find(env, namespace)
    if unknown := sorted(set(layers or ()) - set(found.spec.enabled_layers)):
        known = ", ".join(found.spec.enabled_layers)
        raise typer.BadParameter(f"{', '.join(unknown)} of {found.name} is not enabled: there are {known}")
    annotate(client, found, {keys.RECONCILE: reconcile_value(layers or [])})
    typer.echo(
        f"{', '.join(layers) if layers else 'every layer'} of {found.name} runs now, unless something holds it back"
    )


def open_window(env: Name, yes: Yes = False, namespace: Namespace = "tradai") -> None:
    """Let changes begin now although no maintenance window is open, for four hours and in your own name."""
    client, found = find(env, namespace)
    if found.spec.maintenance is None:
        typer.echo(f"{found.name} has no maintenance windows: changes begin at any time")
        raise typer.Exit(1)
    hours = int(OVERRIDE.total_seconds() // 3600)
    if (
        not yes
        and typer.prompt(f"Changes of {found.name} begin now, for {hours} hours. Type {found.name}") != found.name
    ):
        raise typer.Exit(1)
    user = myself(client)
    annotate(client, found, {keys.OPEN_WINDOW: f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}", keys.OPENED_BY: user})
    typer.echo(f"{user} overrode the maintenance windows of {found.name} for {hours} hours")


def reconcile_value(layers: list[str]) -> str:
    """A value of the annotation that was never there before."""
    moment = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
    return f"{','.join(layers)}@{moment}" if layers else moment
