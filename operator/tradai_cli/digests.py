"""The images of one layer as a run by hand is given them: looked up, or refused in the operator's own words.

Must never let a run start with an image that is not there, unless the person said so and is told so.
"""

from typing import Annotated, Final

import typer

from tradai_cli.bucket import endpoint_of
from tradai_iac.images.wanted import Registry, WantedImage, missing_sentence, wanted_images
from tradai_operator.model import EnvironmentSpec

WithoutImages = Annotated[
    bool, typer.Option("--without-images", help="do not look images up: a digest of zeros stands for each")
]

#: Stands where `--without-images` leaves a digest out; no registry has an image of that digest.
NO_DIGEST: Final = f"sha256:{'0' * 64}"


def registry_of(spec: EnvironmentSpec) -> Registry:
    """Where the environment's images are kept, asked as a run by hand would."""
    return Registry(
        account_id=spec.aws.account_id,
        region=spec.aws.region,
        environment=spec.environment,
        endpoint_url=endpoint_of(spec),
        assume_role_arn=spec.aws.assume_role_arn,
    )


def images_of(spec: EnvironmentSpec, layer: str) -> tuple[WantedImage, ...]:
    """The images that one layer wants."""
    return wanted_images(spec.declaration, layer, spec.layer(layer).config, spec.environment)


def digests_for(layer: str, spec: EnvironmentSpec, *, without_images: bool = False) -> dict[str, str] | None:
    """Component → digest of what the layer wants; None, and a sentence for the person, where something is missing."""
    wanted = images_of(spec, layer)
    if not wanted:
        return {}
    if without_images:
        typer.echo(f"{layer}: its {len(wanted)} images are not looked up; a digest of zeros stands for each", err=True)
        return {image.component: NO_DIGEST for image in wanted}
    from tradai_iac.images.registry import EcrRegistry  # boto3 takes its time to load

    answer = EcrRegistry(registry_of(spec)).resolve(wanted)
    if answer.failure:
        typer.echo(f"{layer}: ECR could not be asked: {answer.failure.error}. {answer.failure.hint}", err=True)
        return None
    if answer.missing:
        typer.echo(f"{layer}: {missing_sentence(answer.missing, spec.environment)}", err=True)
        return None
    return answer.found
