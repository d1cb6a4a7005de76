"""`tradai images`: what an environment runs, whether its registry has it, and how it gets there.

Must never say less than what became of each image.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import typer

from tradai_cli.digests import images_of, registry_of
from tradai_cli.manifest import Of, read_spec_of_either
from tradai_iac.images.wanted import WantedImage
from tradai_operator.model import EnvironmentSpec

app = typer.Typer(help="The images of an environment: list, push.", no_args_is_help=True)

Env = Annotated[str, typer.Argument(metavar="ENV", help="the environment, or the name of its resource")]
File = Annotated[Path | None, typer.Option("--file", "-f", help="the manifest; by default env-ENV.yaml")]
Names = Annotated[
    list[str] | None,
    typer.Argument(metavar="[IMAGE]...", help="these alone, as the manifest calls them or as ECR does; by default all"),
]
Kind = Annotated[Literal["lambda", "service"] | None, typer.Option(help="only those of functions, or of services")]
Root = Annotated[Path, typer.Option(help="the checkout with lambdas/ and services/")]
Content = Annotated[str, typer.Option(help="what is in a stand-in: another text is another image")]

_ABSENT: Final = "MISSING"


@app.command("list")
def show(env: Env, names: Names = None, file: File = None, blueprint: Of = None, kind: Kind = None) -> None:
    """Show each image, its tag, and the digest behind it."""
    spec = read_spec_of_either(env, file, blueprint)
    answer = _registry(spec).resolve(wanted := _wanted(spec, kind, names))
    if answer.failure:
        typer.echo(f"ECR could not be asked: {answer.failure.error}. {answer.failure.hint}", err=True)
        raise typer.Exit(1)
    _print_table([(image, answer.found.get(image.component, _ABSENT)) for image in wanted])


@app.command()
def push(
    env: Env,
    names: Names = None,
    file: File = None,
    blueprint: Of = None,
    kind: Kind = None,
    root: Root = Path(),
    content: Content = "sandbox",
) -> None:
    """Build and push each image; a local endpoint gets stand-ins. Exit 1 unless all of them are there."""
    spec = read_spec_of_either(env, file, blueprint)
    rows = _push(spec, _wanted(spec, kind, names), root.resolve(), content)
    failed = sum(not done for *_, done in rows)
    _print_table([(image, text) for image, text, _ in rows])
    typer.echo(f"{len(rows) - failed} of {len(rows)} images are in the registry of {spec.environment}")
    if failed:
        raise typer.Exit(1)


def _push(
    spec: EnvironmentSpec, wanted: Sequence[WantedImage], root: Path, content: str
) -> list[tuple[WantedImage, str, bool]]:
    """Image, digest or what went wrong, whether it is there."""
    from tradai_iac.images.engine import CommandEngine  # boto3 takes its time to load
    from tradai_iac.images.push import Built, StandIns, Way, push_all

    registry = _registry(spec)
    if registry_of(spec).is_local:
        typer.echo(
            "The AWS endpoint is a local one: stand-ins are pushed. A sandbox runs those whose sources are here."
        )
        way: Way = StandIns(registry, content, root, _teller(registry_of(spec).endpoint_url or ""))
    else:
        way = Built(registry, CommandEngine.find(), root)
    outcomes = push_all(wanted, registry, way)
    return [(outcome.image, outcome.error or outcome.digest, not outcome.error) for outcome in outcomes]


def _teller(endpoint: str) -> Any:
    """Says to a local endpoint what an image is made from; one that is no sandbox's does not want to know."""
    from tradai_sandbox.workloads.tell import Teller  # the operator's image has no sandbox

    return Teller(endpoint)


def _registry(spec: EnvironmentSpec) -> Any:
    """The registry as the person may use it: the deploy role may look, but ships no images (001 §6)."""
    from tradai_iac.images.registry import EcrRegistry  # as above

    return EcrRegistry(registry_of(spec).model_copy(update={"assume_role_arn": None}))


def _wanted(spec: EnvironmentSpec, kind: str | None, names: Sequence[str] | None) -> tuple[WantedImage, ...]:
    """The images of all enabled layers, or those that are named; exits with a sentence for a name that none has."""
    every = [image for layer in spec.enabled_layers for image in images_of(spec, layer)]
    known = {name for image in every for name in _names(image)}
    if unknown := [name for name in names or () if name not in known]:
        there = ", ".join(image.component for image in every) or "none"
        raise typer.BadParameter(f"no image {', '.join(unknown)}: there are {there}")
    return tuple(image for image in every if kind in {None, image.kind} and (not names or _names(image) & set(names)))


def _names(image: WantedImage) -> set[str]:
    """What an image is called: as the documents and the manifest do, or as ECR does."""
    return {image.component, image.repository, image.name}


def _print_table(rows: Sequence[tuple[WantedImage, str]]) -> None:
    """Plain columns: a digest that is cut is worth nothing."""
    cells = [("image", "tag", "digest"), *((image.repository, image.tag, text) for image, text in rows)]
    first, second = (max(len(row[column]) for row in cells) for column in (0, 1))
    for name, tag, text in cells:
        typer.echo(f"{name:<{first}}  {tag:<{second}}  {text}")
