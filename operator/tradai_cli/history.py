"""`tradai history` and `tradai rollback`: what an environment was, and the manifest that makes it so again.

A rollback is printed for people to apply. Must never write to a resource.
"""

import json
from collections.abc import Mapping
from typing import Annotated, Any

import typer
import yaml

from tradai_cli.bucket import fetch
from tradai_cli.cluster import Name, Namespace, find
from tradai_operator.model import Environment
from tradai_operator.model.records import Revision
from tradai_operator.status.history import file_of
from tradai_runner.bucket.keys import history_prefix

Number = Annotated[int | None, typer.Argument(help="as `tradai history` counts; by default the last good one")]


def history(env: Name, namespace: Namespace = "tradai") -> None:
    """Show what the environment was: each time that the whole of it was Ready."""
    _, found = find(env, namespace)
    if not found.status.history:
        typer.echo(f"{found.name} has not been Ready yet")
        return
    for entry in found.status.history:
        now = " (as it is)" if _is_now(found, entry) else ""
        typer.echo(
            f"{entry.number:>4}  {entry.at:%Y-%m-%d %H:%M} UTC  {entry.revision}  generation {entry.generation}  "
            f"program {entry.program}  {entry.layers or 'nothing ran'}{_people(entry)}{now}"
        )


def rollback(env: Name, number: Number = None, namespace: Namespace = "tradai") -> None:
    """Print the manifest that the environment was, by default the last good one, to be applied by you."""
    _, found = find(env, namespace)
    entry = chosen(found, number)
    if entry is None:
        known = ", ".join(str(each.number) for each in found.status.history) or "none"
        typer.echo(
            f"{found.name} has no revision{f' {number}' if number else ''} to go back to: there is {known}", err=True
        )
        raise typer.Exit(1)
    typer.echo(text(found.name, _record(found, entry)), nl=False)


def chosen(found: Environment, number: int | None) -> Revision | None:
    """The entry of that number, or the newest that is not what the environment is now."""
    if number is not None:
        return next((entry for entry in found.status.history if entry.number == number), None)
    return next((entry for entry in reversed(found.status.history) if not _is_now(found, entry)), None)


def text(name: str, record: Mapping[str, Any]) -> str:
    """The manifest as YAML; what a manifest cannot pin is said above it."""
    lines = [
        f"# What {name} was as revision {record['number']} ({record['revision']}), Ready at {record['at']}.",
        f"# Built by program {record.get('program', 'unknown')}. Apply it with: kubectl apply --server-side -f -",
        "# Tags of images that were pushed anew since then mean other images now; then they were:",
        *(
            f"#   {layer} {component}: {digest}"
            for layer, images in sorted(record.get("images", {}).items())
            for component, digest in sorted(images.items())
        ),
    ]
    shown = lines if record.get("images") else lines[:-1]
    return "\n".join(shown) + "\n" + yaml.safe_dump(record["manifest"], sort_keys=False)


def _is_now(found: Environment, entry: Revision) -> bool:
    """Whether the environment is Ready as that entry."""
    return (
        found.status.phase == "Ready" and entry.revision == found.status.revision and entry == found.status.history[-1]
    )


def _people(entry: Revision) -> str:
    approved = f", approved by {entry.approved_by}" if entry.approved_by else ""
    return approved + (f", windows overridden by {entry.opened_by}" if entry.opened_by else "")


def _record(found: Environment, entry: Revision) -> Mapping[str, Any]:
    """The record from the state bucket; exits with a sentence where it is not there."""
    spec = found.spec
    body = fetch(spec, history_prefix(spec.declaration.project, spec.environment) + file_of(entry))
    if body is None:
        typer.echo(f"the manifest of revision {entry.number} is not in {spec.state.backend_url}", err=True)
        raise typer.Exit(1)
    found_record: Mapping[str, Any] = json.loads(body)
    return found_record
