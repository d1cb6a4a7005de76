"""How safe a run by hand keeps its state: as it is told, or by the stricter of manifest and owner markers.

Where neither says anything a stack that stands is Sync, and a new one Group. Must never write a marker: whoever works
by hand claims nothing, and lowers nothing for the runs that follow.
"""

from dataclasses import dataclass
from typing import Annotated, Final

import typer

from tradai_cli.bucket import endpoint_of
from tradai_operator.model import EnvironmentSpec
from tradai_operator.model.in_force import DURABILITY, durability_in
from tradai_runner.contract import Durability, Owner

Said = Annotated[
    Durability | None,
    typer.Option(
        "--durability",
        help="for this command alone: Sync (the state bucket has everything before the run goes on) or Group (it has "
        "the beginning of every step, ends soon after); by default as what stands is kept",
    ),
]
_SYNC: Final[Durability] = "Sync"
_GROUP: Final[Durability] = "Group"


@dataclass(frozen=True)
class Seen:
    """What the state bucket has: whose stacks of the environment are, and whether the one to be run may stand."""

    owners: tuple[Owner, ...] = ()
    stands: bool = False


def chosen(said: Durability | None, written: Durability | None, seen: Seen | None) -> tuple[Durability, str]:
    """The durability, and a sentence for the person where it is not what was in force, or not what they wrote.

    `said` is their word for this run, `written` the manifest's, `seen` None where the bucket does not tell.
    """
    owners = seen.owners if seen else ()
    strict = [owner.resource for owner in owners if durability_in(owner.guards) == _SYNC]
    if said == _GROUP and strict:
        return _GROUP, f"{strict[0]} keeps this environment under {DURABILITY} Sync; this run alone uses Group"
    if said:
        return said, ""
    if seen is None:
        return _SYNC, _unheard(written, "the state bucket could not be read")
    if strict:
        return _SYNC, _unheard(written, f"{strict[0]} keeps this environment under Sync")
    return written or (_GROUP if owners or not seen.stands else _SYNC), ""


def durability_of(spec: EnvironmentSpec, layer: str, said: Durability | None) -> Durability:
    """The durability of one layer's run by hand, a person told what they should know."""
    found, told = chosen(said, spec.state.durability, look(spec, layer))
    if told:
        typer.echo(told, err=True)
    return found


def look(spec: EnvironmentSpec, layer: str) -> Seen | None:
    """What the state bucket has, None where it does not tell: what is wrong with it the run itself will say."""
    from botocore.exceptions import BotoCoreError, ClientError  # boto3 takes its time to load

    from tradai_runner.bucket.store import open_store
    from tradai_runner.state.missing import Stack
    from tradai_runner.state.notes import UnfitStateError
    from tradai_runner.state.owner import read_owner
    from tradai_runner.state.reading import read_stack

    project, name = spec.declaration.stack_project, spec.environment
    try:
        store = open_store(spec.state.backend_url, spec.aws.region, endpoint_of(spec))
        if store is None:
            return None
        owners = [read_owner(store, project(each), name) for each in spec.declaration.layer_names]
        reading = read_stack(store, Stack(project(layer), name))
    except (ClientError, BotoCoreError, UnfitStateError):
        return None
    return Seen(tuple(owner for owner in owners if owner), reading.stands or reading.failure is not None)


def _unheard(written: Durability | None, why: str) -> str:
    if written != _GROUP:
        return ""
    return f"the manifest's {DURABILITY} Group is not in force: {why}; --durability Group uses it for this run alone"
