"""Reads a TradaiEnvironment manifest from a file, for the commands that work without Kubernetes.

Must never guess what a manifest does not say.
"""

from pathlib import Path
from typing import Any

import typer
import yaml

from tradai_operator.model import EnvironmentSpec, InvalidResource
from tradai_operator.model.environment import parse_spec

#: Where a manifest is looked for when none is named, below the working directory.
PLACES = ("env-{environment}.yaml", "crds/examples/env-{environment}.yaml")


def find_manifest(environment: str, file: Path | None) -> Path:
    """The file named, or the first of PLACES that exists; exits with a sentence otherwise."""
    candidates = [file] if file else [Path(place.format(environment=environment)) for place in PLACES]
    for candidate in candidates:
        if candidate.is_file():
            return candidate
    raise typer.BadParameter(f"no manifest at {' or '.join(map(str, candidates))}; name one with --file")


def read_spec(environment: str, file: Path | None) -> EnvironmentSpec:
    """The spec of the manifest for `environment`; exits with a sentence for everything wrong in it."""
    path = find_manifest(environment, file)
    body: Any = yaml.safe_load(path.read_text())
    try:
        spec = parse_spec(body)
    except InvalidResource as error:
        raise typer.BadParameter(f"{path}: {error}") from None
    if spec.environment != environment:
        raise typer.BadParameter(f"{path} describes environment {spec.environment}, not {environment}")
    return spec
