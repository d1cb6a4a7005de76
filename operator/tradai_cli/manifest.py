"""Reads a TradaiEnvironment manifest from a file, for the commands that work without Kubernetes.

Must never guess what a manifest does not say.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from tradai_iac.blueprints import BLUEPRINTS, DEFAULT
from tradai_operator.model import EnvironmentSpec, InvalidResource
from tradai_operator.model.environment import parse_spec

#: Where a manifest is looked for when none is named.
FOLDERS = (".", "crds/examples")
Of = Annotated[
    str | None,
    typer.Option("--blueprint", help="the system that is meant; by default the manifest's, or the only one with LAYER"),
]


def meant(layer: str | None, said: str | None) -> str | None:
    """The blueprint that a command means: as somebody says, or the only one with that layer; else None, the usual."""
    if said is not None and said not in BLUEPRINTS:
        raise typer.BadParameter(f"no blueprint {said}: there are {', '.join(BLUEPRINTS)}")
    owners = [name for name, blueprint in BLUEPRINTS.items() if layer in blueprint.layer_names]
    return said or (owners[0] if len(owners) == 1 and owners[0] != DEFAULT else None)


def find_manifest(environment: str, file: Path | None, blueprint: str | None = None) -> Path:
    """The file named, or the first that is there for the environment, of that blueprint if it is known.

    Exits with a sentence where there is none.
    """
    if file is None and blueprint is not None:
        names = (f"{blueprint}-{environment}", environment, blueprint)
        if found := next((path for path in _there(*names) if _blueprint(path) == blueprint), None):
            return found
    for candidate in [file] if file else _there(environment):
        if candidate.is_file():
            return candidate
    looked = [file] if file else [Path(folder, f"env-{environment}.yaml") for folder in FOLDERS]
    raise typer.BadParameter(f"no manifest at {' or '.join(map(str, looked))}; name one with --file")


def _there(*names: str) -> Iterator[Path]:
    every = (Path(folder, f"env-{name}.yaml") for folder in FOLDERS for name in names)
    return (path for path in every if path.is_file())


def _blueprint(path: Path) -> Any:
    spec = _part(_body(path), "spec")
    return spec.get("blueprint", DEFAULT) if spec else None


def _part(body: Any, name: str) -> dict[str, Any]:
    part = body.get(name) if isinstance(body, dict) else None
    return part if isinstance(part, dict) else {}


def _body(path: Path) -> Any:
    try:
        return yaml.safe_load(path.read_text())
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"{path} is not YAML: {error}") from None


def read_spec(
    environment: str, file: Path | None, blueprint: str | None = None, layer: str | None = None
) -> EnvironmentSpec:
    """The spec of the manifest for `environment`; exits with a sentence for everything wrong in it.

    Without a file, `blueprint` or else `layer` say whose manifest is looked for.
    """
    path = find_manifest(environment, file, meant(layer, blueprint))
    body = _body(path)
    try:
        spec = parse_spec(body)
    except InvalidResource as error:
        raise typer.BadParameter(f"{path}: {error}") from None
    if spec.environment != environment:
        raise typer.BadParameter(f"{path} describes environment {spec.environment}, not {environment}")
    if blueprint not in {None, spec.blueprint}:
        raise typer.BadParameter(f"{path} describes an environment of blueprint {spec.blueprint}, not {blueprint}")
    return spec


def read_spec_of_either(either: str, file: Path | None, blueprint: str | None = None) -> EnvironmentSpec:
    """The spec of the manifest for an environment, or for the resource of that name; exits with a sentence.

    For words that change nothing of what stands: whoever destroys something names its environment.
    """
    every = [file] if file else [path for folder in FOLDERS for path in sorted(Path(folder).glob("env-*.yaml"))]
    for path in every if not file or file.is_file() else []:
        environment = _part(_body(path), "spec").get("environment")
        if _part(_body(path), "metadata").get("name") == either != environment:
            return read_spec(str(environment), path, blueprint)
    return read_spec(either, file, blueprint)
