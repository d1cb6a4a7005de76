"""`tradai bootstrap ecs` and `tradai upgrade`: the control plane on ECS is built, and later rolled.

Must never roll one that has no copy of its database, nor bring back an older version by itself.
"""

import os
from datetime import UTC, datetime
from typing import Annotated, Any, Final

import typer

from tradai_cli.home import File, Home, declared, demand_images, read_home, run
from tradai_cli.home_way import Clients, authority_store, clients_of
from tradai_runner.contract import Destroy, Plan, Unprotect, Update

_PASSPHRASES: Final = ("PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE")

Preview = Annotated[bool, typer.Option("--preview", help="show what would change, and change nothing")]
Down = Annotated[bool, typer.Option("--destroy", help="take it away instead, with every resource that was applied")]
Lift = Annotated[bool, typer.Option("--lift-protection", help="take away first what refuses its deletion")]
Rotate = Annotated[
    bool, typer.Option("--rotate", help="announce new authorities and keys; they sign from the next roll after a day")
]


def ecs(file: File, preview: Preview = False, destroy: Down = False, lift_protection: Lift = False) -> None:
    """Build the control plane on ECS that a file declares, or bring it to what the file says now."""
    home = read_home(file)
    _demand_passphrase(home)
    if destroy:
        _destroy(home, lift_protection=lift_protection)
        return
    demand_images(home)
    run([Plan if preview else Update], declared().layer_names, home)


def upgrade(file: File, rotate: Rotate = False) -> None:
    """Roll the control plane on ECS to what its file says now, after a snapshot of its database."""
    home = read_home(file)
    demand_images(home)
    _demand_passphrase(home)
    clients = clients_of(home)
    before = _definition(home, clients)
    _snapshot(home, clients)
    if rotate:
        _announce(home, clients)
    run([Update], declared().layer_names, home)
    if rotate or _definition(home, clients) == before:
        _replace_task(home, clients)


def _destroy(home: Home, *, lift_protection: bool) -> None:
    """In reverse, once somebody has said what goes; a stage that is protected refuses it by itself."""
    phrase = f"destroy the control plane {home.environment}"
    said = typer.prompt(
        "This destroys every resource that was applied; environments stay in AWS, and nobody tends them."
        f" Type: {phrase}\n"
    )
    if said != phrase:
        typer.echo("not confirmed; nothing was done", err=True)
        raise typer.Exit(1)
    run([*([Unprotect] if lift_protection else []), Destroy], declared().layer_names[::-1], home)


def _demand_passphrase(home: Home) -> None:
    if not home.kms_key and not any(name in os.environ for name in _PASSPHRASES):
        raise typer.BadParameter("set PULUMI_CONFIG_PASSPHRASE to the passphrase of the state")


def _definition(home: Home, clients: Clients) -> str:
    """The revision that the service runs; exits with a sentence where there is no service."""
    names = home.naming.name
    found = clients("ecs").describe_services(cluster=names("cluster"), services=[names("control", kind="ecs-service")])
    standing: list[Any] = [each for each in found.get("services", []) if each["status"] == "ACTIVE"]
    if not standing:
        raise typer.BadParameter(f"no control plane {home.environment} runs here: `tradai bootstrap ecs` builds one")
    return str(standing[0]["taskDefinition"])


def _snapshot(home: Home, clients: Clients) -> None:
    """The only way back: a newer API server may write what no older one reads."""
    rds = clients("rds")
    name = home.naming.name("database", f"before-{datetime.now(UTC):%Y%m%dT%H%M%S}".lower())
    typer.echo(f"a snapshot of the database is made: {name}")
    instance = home.naming.name("database", kind="rds-instance")
    rds.create_db_snapshot(DBSnapshotIdentifier=name, DBInstanceIdentifier=instance)
    rds.get_waiter("db_snapshot_available").wait(DBSnapshotIdentifier=name)


def _announce(home: Home, clients: Clients) -> None:
    from tradai_control_plane.keys import MAKERS
    from tradai_control_plane.rotation import LONGEST_CLIENT, announced

    store = authority_store(home, clients)
    kept = store.read()
    if not store.write(announced(kept.bundle, datetime.now(UTC), MAKERS), kept.version):
        raise typer.BadParameter("the control plane has just turned its keys itself: say this again")
    hours = int(LONGEST_CLIENT.total_seconds() / 3600)
    typer.echo(f"new authorities and keys are trusted from now on; roll again after {hours} hours, and they sign")


def _replace_task(home: Home, clients: Clients) -> None:
    """The same revision once more: its init step turns what is due, and signs new certificates."""
    names = home.naming.name
    cluster, service, ecs_client = names("cluster"), names("control", kind="ecs-service"), clients("ecs")
    ecs_client.update_service(cluster=cluster, service=service, forceNewDeployment=True)
    typer.echo("the task is replaced; environments stand meanwhile, and nobody tends them")
    ecs_client.get_waiter("services_stable").wait(cluster=cluster, services=[service])
