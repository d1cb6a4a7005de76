"""One layer run by hand: the request that the manifest and the environment's variables amount to, run and followed.

Must never reach Kubernetes, nor hold a secret beyond the private folder of the run.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

import typer

from tradai_cli.bucket import endpoint_of
from tradai_cli.follow import follow
from tradai_operator.model import EnvironmentSpec
from tradai_operator.reconcile.secrets import secret_names
from tradai_runner.contract import Asked, DriftCheck, Plan, RunRequest, Update

_Kind = TypeVar("_Kind", bound=Asked)

#: The exit status of each outcome; what is cancelled was stopped by Ctrl-C.
EXIT: Final = {"succeeded": 0, "failed": 1, "cancelled": 130}


def request_for(kind: type[_Kind], layer: str, spec: EnvironmentSpec, **more: Any) -> _Kind:
    """What the runner is asked; `more` are fields of that kind. Exits with a sentence for an unknown layer."""
    if layer not in spec.declaration.layer_names:
        raise typer.BadParameter(f"no layer {layer}: there are {', '.join(spec.declaration.layer_names)}")
    return kind(
        run_id="by-hand",
        blueprint=spec.blueprint,
        layer=layer,
        environment=spec.environment,
        account_id=spec.aws.account_id,
        region=spec.aws.region,
        bucket_suffix=spec.aws.bucket_suffix or "",
        endpoint_url=endpoint_of(spec),
        assume_role_arn=spec.aws.assume_role_arn,
        backend_url=spec.state.backend_url,
        kms_key=spec.state.secrets.awskms,
        config=spec.layer(layer).overrides,
        **more,
    )


def run_layer(request: RunRequest, spec: EnvironmentSpec, secrets_dir: Path | None = None) -> str:
    """The outcome of one run, its log shown while it grows; a lifting run needs no secret values."""
    demand_passphrase(spec)
    needs_values = isinstance(request, Update | Plan | DriftCheck)
    needed = secret_names(spec, request.layer) if needs_values else frozenset()
    with secret_files(needed, secrets_dir) as files, tempfile.TemporaryDirectory(prefix="tradai-") as folder:
        return follow(Path(folder) / "run", request.model_copy(update={"secret_files": files}))


def demand_passphrase(spec: EnvironmentSpec) -> None:
    """Exits with a sentence where the passphrase of the state is not set; a key is opened by who may use it."""
    if spec.state.secrets.awskms:
        return
    if "PULUMI_CONFIG_PASSPHRASE" not in os.environ and "PULUMI_CONFIG_PASSPHRASE_FILE" not in os.environ:
        raise typer.BadParameter("set PULUMI_CONFIG_PASSPHRASE to the passphrase of the state")


def demand_secrets(spec: EnvironmentSpec, secrets_dir: Path | None) -> None:
    """Exits with a sentence where a value that any enabled layer takes is out of reach."""
    names = frozenset(name for layer in spec.enabled_layers for name in secret_names(spec, layer))
    with secret_files(names, secrets_dir):
        return


@contextmanager
def secret_files(names: frozenset[str], given: Path | None) -> Iterator[dict[str, str]]:
    """Where each secret's value lies: in the folder given, or from TRADAI_SECRET_<NAME> in a private file."""
    with tempfile.TemporaryDirectory(prefix="tradai-secrets-") as private:
        yield {name: str(_secret_file(name, given, Path(private))) for name in sorted(names)}


def _secret_file(name: str, given: Path | None, private: Path) -> Path:
    variable = f"TRADAI_SECRET_{name.upper().replace('-', '_')}"
    if given and (given / name).is_file():
        return (given / name).absolute()
    if variable not in os.environ:
        raise typer.BadParameter(
            f"the manifest takes secret {name} from a Secret, which cannot be read here: "
            f"give its value in {variable}, or as the file {name} of --secrets-dir"
        )
    path = private / name
    path.touch(mode=0o600)
    path.write_text(os.environ[variable])
    return path
