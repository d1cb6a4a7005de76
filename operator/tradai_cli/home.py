"""The control plane on ECS, as a file declares it, and how its layers are run: by the same runner, without Kubernetes.

Must never guess what the file does not say, nor run a layer before the one that it stands on.
"""

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Final

import typer
import yaml
from pydantic import Field, ValidationError, field_validator

from tradai_cli.by_hand import EXIT
from tradai_cli.follow import follow
from tradai_iac.base import Manifest
from tradai_iac.blueprint import Blueprint
from tradai_iac.blueprints import BUILDABLE
from tradai_iac.naming import SUFFIX_PATTERN, Naming
from tradai_runner.contract import Destroy, Plan, RunRequest, Unprotect, Update

_BLUEPRINT: Final = "control-plane"

File = Annotated[
    Path, typer.Option("--file", "-f", help="the file that declares it, like docs/operations/ecs.md has it")
]


class Home(Manifest):
    """One control plane: where it stands, where its states are, and what its layers are told."""

    environment: str = Field(description="dev, staging, prod or eph-<short>")
    account_id: str = Field(pattern=r"^[0-9]{12}$")
    region: str = Field(pattern=r"^[a-z]{2}(-[a-z]+)+-[0-9]$")
    backend_url: str = Field(pattern=r"^s3://[a-z0-9][a-z0-9.-]+[a-z0-9]$")
    kms_key: str | None = None
    assume_role_arn: str | None = None
    external_id: str | None = None
    endpoint_url: str | None = None
    bucket_suffix: str = Field(default="", pattern=rf"^({SUFFIX_PATTERN})?$")
    layers: dict[str, dict[str, Any]] = {}

    @field_validator("environment")
    @classmethod
    def _is_one(cls, environment: str) -> str:
        declared().settings(environment)
        return environment

    @field_validator("layers")
    @classmethod
    def _are_known(cls, layers: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
        blueprint = declared()
        if unknown := sorted(layers.keys() - set(blueprint.layer_names)):
            raise ValueError(f"no layer {unknown[0]}: there are {', '.join(blueprint.layer_names)}")
        for name, config in layers.items():
            blueprint.layer(name).config.model_validate(config)
        return layers

    @property
    def naming(self) -> Naming:
        """How its parts are called."""
        return Naming(declared().project, self.environment, self.bucket_suffix)


def declared() -> Blueprint:
    """What is built."""
    return BUILDABLE[_BLUEPRINT]


def read_home(file: Path) -> Home:
    """What the file declares; exits with a sentence for everything wrong in it."""
    try:
        body = yaml.safe_load(file.read_text())
    except OSError as error:
        raise typer.BadParameter(f"{file} cannot be read: {error.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"{file} is not YAML: {error}") from None
    try:
        return Home.model_validate(body if isinstance(body, dict) else {})
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
        raise typer.BadParameter(f"{file} declares no control plane: {faults}") from None


def demand_images(home: Home) -> None:
    """Exits with a sentence where the images are not named: nothing could run."""
    named = home.layers.get("service", {})
    if missing := [name for name in ("controlPlaneImage", "operatorImage") if not named.get(name)]:
        raise typer.BadParameter(f"set layers.service.{' and '.join(missing)}: images by their digests")


Kind = type[Update | Plan | Unprotect | Destroy]


def run(kinds: Sequence[Kind], layers: Sequence[str], home: Home) -> None:
    """One layer after the other, each asked all of this; exits with the first status that is not 0."""
    with tempfile.TemporaryDirectory(prefix="tradai-") as folder:
        for layer in layers:
            for kind in kinds:
                typer.echo(f"\n── {layer} of the control plane {home.environment}")
                outcome = follow(Path(folder) / layer / kind.__name__, _request(kind, layer, home))
                if status := EXIT[outcome]:
                    raise typer.Exit(status)


def _request(kind: Kind, layer: str, home: Home) -> RunRequest:
    return kind(
        run_id="by-hand",
        blueprint=_BLUEPRINT,
        layer=layer,
        environment=home.environment,
        account_id=home.account_id,
        region=home.region,
        bucket_suffix=home.bucket_suffix,
        endpoint_url=home.endpoint_url or os.environ.get("AWS_ENDPOINT_URL"),
        assume_role_arn=home.assume_role_arn,
        external_id=home.external_id,
        backend_url=home.backend_url,
        kms_key=home.kms_key,
        config=home.layers.get(layer, {}),
    )
