"""`tradai diff` and `tradai approve`: what waits for a person, and that person's word; what a deletion would take.

Approving is two annotations, which the API server lets only approvers set. Must never approve anything but what the
resource asks about at this moment.
"""

from collections.abc import Iterable
from typing import Annotated, Final

import typer

from tradai_cli.bucket import fetch
from tradai_cli.cluster import Name, Namespace, annotate, find, myself
from tradai_cli.destroy_text import staying, to_confirm, would_go
from tradai_cli.layers_at_once import checkpoints
from tradai_cli.plan_text import Line, lines
from tradai_operator.model import DeletionPolicy, Environment, PlanStatus, keys
from tradai_operator.status.plans import summary
from tradai_runner.bucket.keys import plan_key
from tradai_runner.plan.changes import Plan, opened

#: The exit status of `tradai diff` where something waits.
WAITS: Final = 2


def diff(
    env: Name,
    namespace: Namespace = "tradai",
    full: Annotated[bool, typer.Option("--full", help="whole values, and all of what is created and deleted")] = False,
    destroy: Annotated[bool, typer.Option("--destroy", help="what deleting it would take now; asks nobody")] = False,
    policy: Annotated[DeletionPolicy | None, typer.Option(help="with --destroy: under another deletionPolicy")] = None,
) -> None:
    """Show the plan that waits for approval, what it destroys first; else what another program would change.

    Exit status 2 where anything waits, 0 where nothing does.
    """
    _, found = find(env, namespace)
    if destroy:
        _show(would_go(found.spec, checkpoints(found.spec), policy or found.spec.deletion_policy, full=full))
        return
    if not (found.status.plan and found.status.plan.digest) and found.status.condition("UpdateAvailable").message:
        _show_update(found, full=full)
        raise typer.Exit(WAITS)
    plan = found.status.plan
    if plan is None or not plan.digest:
        typer.echo(_nothing(found))
        return
    for layer in plan.layers:
        if layer.unknown:
            reads = ", ".join(found.spec.declaration.layer(layer.name).reads)
            typer.echo(f"{layer.name} of {found.spec.environment}: it can only be planned after a run of {reads}")
            if not layer.create:
                continue
            typer.echo("as far as is known now; approving permits creating it, and nothing else:")
        _show(lines(_whole(found, layer.name), full=full, deletes=found.deleting))
    if found.deleting:
        _show(_staying(found))
        _show(to_confirm(found.spec, found.spec.deletion_policy, list(plan.data)))
    typer.echo(f"\n{summary(plan)}")
    typer.echo(
        f"Approve with: tradai approve {found.name} {plan.digest}   (until {plan.expires_at:%Y-%m-%d %H:%M} UTC)"
    )
    raise typer.Exit(WAITS)


def approve(
    env: Name,
    digest: Annotated[str | None, typer.Argument(help="the plan that you have seen; by default you are asked")] = None,
    namespace: Namespace = "tradai",
    confirm: Annotated[
        str | None, typer.Option("--confirm-destroy", help="what may go with its data, as `tradai diff` says it")
    ] = None,
) -> None:
    """Approve the plan that waits, in your own name; it runs once, and only as it was planned."""
    client, found = find(env, namespace)
    plan = _waiting(found)
    if digest is None:
        typer.echo(f"{summary(plan)}\nThe whole of it: tradai diff {found.name}")
        if not typer.confirm(f"Approve {plan.digest}?"):
            raise typer.Exit(1)
    elif digest != plan.digest:
        typer.echo(
            f"{digest} is not the plan that waits now, {plan.digest}: look at `tradai diff {found.name}`", err=True
        )
        raise typer.Exit(1)
    user = myself(client)
    data = {keys.CONFIRM_DESTROY: confirm} if confirm else {}
    annotate(client, found, {keys.APPROVE: plan.digest, keys.APPROVED_BY: user, **data})
    typer.echo(f"{user} approved {plan.digest} of {found.name}; it can run once")


def _show(text: Iterable[Line]) -> None:
    for line in text:
        typer.secho(line.text, fg=line.colour, bold=line.bold or None)


def _show_update(found: Environment, *, full: bool) -> None:
    for layer in found.status.layers:
        if layer.plan and layer.plan.digest:
            _show(lines(_whole(found, layer.name), full=full))
    typer.echo(f"\n{found.status.condition('UpdateAvailable').message}")


def _staying(found: Environment) -> Iterable[Line]:
    standing = [layer.name for layer in found.status.layers if layer.touched]
    return staying(found.spec, found.spec.deletion_policy, standing)


def _waiting(found: Environment) -> PlanStatus:
    """What waits for approval; exits with a sentence where nothing does."""
    plan = found.status.plan
    if plan is None or not plan.digest:
        typer.echo(_nothing(found), err=True)
        raise typer.Exit(1)
    return plan


def _nothing(found: Environment) -> str:
    return f"nothing of {found.name} waits for approval (it is {found.status.phase}: {found.status.message})"


def _whole(found: Environment, layer: str) -> Plan:
    """The layer's plan from the state bucket, as the status names it; exits with a sentence where that is not there.

    Whoever can write to the bucket must not choose what a person sees before approving something else.
    """
    run, spec = found.status.layer(layer).plan, found.spec
    project = spec.declaration.stack_project(layer)
    body = fetch(spec, plan_key(project, spec.environment, run.run_id)) if run else None
    plan = opened(body) if body is not None else None
    if plan is None or run is None or plan.digest != run.digest:
        what = f"is not in {spec.state.backend_url}" if body is None else "has changed since it was made"
        typer.echo(f"the plan of {layer} {what}; `tradai retry {found.name}` plans again", err=True)
        raise typer.Exit(1)
    return plan
