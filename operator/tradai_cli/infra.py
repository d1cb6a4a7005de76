"""`tradai infra`: one layer by hand, on the same state as the operator and without any Kubernetes.

It asks the same runner the same questions. Must never do more than one layer at a time, nor destroy without a word.
"""

import os
import tempfile
from pathlib import Path
from typing import Annotated, Final

import typer
import yaml

from tradai_cli.follow import follow
from tradai_cli.manifest import read_spec
from tradai_iac.runner.contract import Operation, RunRequest
from tradai_iac.runner.stackconfig import stack_config
from tradai_operator.model import EnvironmentSpec
from tradai_operator.reconcile.secrets import secret_names

app = typer.Typer(help="One layer by hand, on the same state, without Kubernetes.", no_args_is_help=True)

Layer = Annotated[str, typer.Argument(help="persistent, foundation, compute or edge")]
Env = Annotated[str, typer.Argument(metavar="ENV", help="the environment: dev, staging, prod or eph-…")]
File = Annotated[Path | None, typer.Option("--file", "-f", help="the manifest; by default env-ENV.yaml")]
Secrets = Annotated[Path | None, typer.Option(help="a folder with one file a secret, named as in the manifest")]

_EXIT: Final = {"succeeded": 0, "failed": 1, "cancelled": 3}


@app.command()
def up(layer: Layer, env: Env, file: File = None, secrets_dir: Secrets = None) -> None:
    """Create or update the layer."""
    _run("up", layer, env, file, secrets_dir)


@app.command()
def preview(layer: Layer, env: Env, file: File = None, secrets_dir: Secrets = None) -> None:
    """Show what `up` would change."""
    _run("preview", layer, env, file, secrets_dir)


@app.command()
def refresh(layer: Layer, env: Env, file: File = None) -> None:
    """Read what is really there into the state."""
    _run("refresh", layer, env, file, None)


@app.command()
def down(
    layer: Layer, env: Env, file: File = None, yes: Annotated[bool, typer.Option(help="do not ask")] = False
) -> None:
    """Destroy the layer's resources."""
    if not yes and typer.prompt(f"This destroys {layer} of {env}. Type {env} to go on") != env:
        raise typer.Exit(1)
    _run("destroy", layer, env, file, None)


@app.command()
def config(
    layer: Layer,
    env: Env,
    file: File = None,
    write: Annotated[bool, typer.Option(help="write it into the layer's folder")] = False,
) -> None:
    """Render Pulumi.ENV.yaml, so that a plain `pulumi up` in the layer's folder does the same."""
    text = yaml.safe_dump({"config": stack_config(_request("up", layer, env, read_spec(env, file)))}, sort_keys=False)
    if not write:
        typer.echo(text, nl=False)
        return
    path = _layer_folder(layer) / f"Pulumi.{env}.yaml"
    path.write_text(text)
    typer.echo(f"wrote {path}")


def _layer_folder(layer: str) -> Path:
    import tradai_iac

    return Path(tradai_iac.__file__).parent / "layers" / layer


def _request(operation: Operation, layer: str, env: str, spec: EnvironmentSpec) -> RunRequest:
    if layer not in spec.declaration.layer_names:
        raise typer.BadParameter(f"no layer {layer}: there are {', '.join(spec.declaration.layer_names)}")
    return RunRequest(
        run_id="by-hand",
        blueprint=spec.blueprint,
        layer=layer,
        environment=env,
        operation=operation,
        account_id=spec.aws.account_id,
        region=spec.aws.region,
        endpoint_url=spec.aws.endpoint_url or os.environ.get("AWS_ENDPOINT_URL"),
        assume_role_arn=spec.aws.assume_role_arn,
        backend_url=spec.state.backend_url,
        config=spec.layer(layer).overrides,
    )


def _run(operation: Operation, layer: str, env: str, file: Path | None, secrets_dir: Path | None) -> None:
    if "PULUMI_CONFIG_PASSPHRASE" not in os.environ and "PULUMI_CONFIG_PASSPHRASE_FILE" not in os.environ:
        raise typer.BadParameter("set PULUMI_CONFIG_PASSPHRASE to the passphrase of the state")
    spec = read_spec(env, file)
    request = _request(operation, layer, env, spec)
    with tempfile.TemporaryDirectory(prefix="tradai-") as folder:
        needed = secret_names(spec, layer) if operation in {"up", "preview"} else frozenset()
        files = _secret_files(needed, secrets_dir, Path(folder))
        outcome = follow(Path(folder) / "run", request.model_copy(update={"secret_files": files}))
    raise typer.Exit(_EXIT[outcome])


def _secret_files(names: frozenset[str], given: Path | None, private: Path) -> dict[str, str]:
    """Where each secret's value lies: in the folder given, or from TRADAI_SECRET_<NAME> in a private file."""
    found: dict[str, str] = {}
    for name in sorted(names):
        variable = f"TRADAI_SECRET_{name.upper().replace('-', '_')}"
        if given and (given / name).is_file():
            found[name] = str((given / name).absolute())
        elif variable in os.environ:
            path = private / name
            path.touch(mode=0o600)
            path.write_text(os.environ[variable])
            found[name] = str(path)
        else:
            raise typer.BadParameter(
                f"the manifest takes secret {name} from a Secret, which is out of reach here: "
                f"give its value in {variable}, or as the file {name} of --secrets-dir"
            )
    return found
