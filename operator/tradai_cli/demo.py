"""`tradai demo`: a sandbox, the dev example, and what becomes of it until it is Ready.

Must never do what a person could not do by hand: it says each command that it runs.
"""

import os
import subprocess
import time
from pathlib import Path
from typing import Annotated, Any

import httpx2
import typer
import yaml
from lightkube import ApiError, Client, KubeConfig
from lightkube.generic_resource import create_namespaced_resource
from rich.console import Console
from rich.table import Table

from tradai_cli.narrate import changes, seconds
from tradai_cli.outputs_text import few
from tradai_cli.sandbox import Directory, bring_up, guarded
from tradai_iac.blueprints import BLUEPRINTS, DEFAULT
from tradai_operator.model import EnvironmentStatus, keys
from tradai_sandbox.layout import CRDS, Layout
from tradai_sandbox.retrying import transport
from tradai_sandbox.status import environment

_POLL_SECONDS = 0.25
_NAME, _NAMESPACE = "dev", "tradai"

_LOOK_AROUND = """
The sandbox goes on running. To look around:

  . {env}
  kubectl get tradaienv -n tradai -o wide
  kubectl describe tradaienv dev -n tradai
  kubectl explain tradaienv.spec
  tradai logs dev foundation
  kubectl edit tradaienv dev -n tradai       # change something and watch it happen
  kubectl delete tradaienv dev -n tradai     # takes down what deletionPolicy says
  tradai sandbox status                      # what runs; `make down` ends all of it
"""


def demo(
    directory: Directory = Path(".sandbox"),
    manifest: Annotated[Path, typer.Option(help="what is applied")] = CRDS / "examples" / "env-dev.yaml",
    timeout: Annotated[float, typer.Option(min=1, help="seconds until it must be Ready")] = 900,
) -> None:
    """Bring a sandbox up, apply the dev example, and tell what happens until it is Ready."""
    guarded(lambda: _demo(directory, manifest, timeout))


def _demo(directory: Path, manifest: Path, timeout: float) -> None:
    began = time.monotonic()
    bring_up(directory, operator=True)
    up = time.monotonic()
    _say_and_run(directory, "kubectl", "apply", "--server-side", "-f", str(manifest))
    status = _watch(directory, manifest, timeout)
    ready = time.monotonic()
    _say_and_run(directory, "kubectl", "get", "tradaienv", "-n", _NAMESPACE)
    _print_outputs(status, manifest)
    Console().print(_parts(status, up - began, ready - up))
    typer.echo(_LOOK_AROUND.format(env=directory / "env"))


def _say_and_run(directory: Path, *words: str) -> None:
    typer.echo(f"$ {' '.join(words)}")
    environ = os.environ | environment(directory)
    ended = subprocess.run(words, env=environ, check=False)
    if ended.returncode:
        raise typer.Exit(ended.returncode)


def _watch(directory: Path, manifest: Path, timeout: float) -> EnvironmentStatus:
    """The status once it is Ready; exits with 1 when it is Stalled or takes too long.

    When it says that images are missing they are brought, once; that it goes on then is the operator's own doing.
    """
    read = _reader(directory)
    began = time.monotonic()
    status, brought = EnvironmentStatus(), False
    while status.condition("Ready").status != "True":
        if status.condition("Stalled").status == "True" or time.monotonic() - began > timeout:
            typer.echo(f"not Ready: {status.message or status.phase}", err=True)
            raise typer.Exit(1)
        time.sleep(_POLL_SECONDS)
        before, status = status, read()
        for line in changes(before, status):
            typer.echo(f"{time.monotonic() - began:6.1f} s  {line}")
        if not brought and status.condition("Preflight").status == "False":
            brought = True
            _say_and_run(directory, "tradai", "images", "push", _NAME, "--file", str(manifest))
    return status


def _reader(directory: Path) -> Any:
    """Gives the present status at each call, an empty one for a generation that nobody has looked at yet."""
    layout = Layout(directory.resolve())
    config = KubeConfig.from_file(layout.kubeconfig("admin"))
    client = Client(config=config, trust_env=False, transport=transport(layout.certificates / "ca.crt"))
    resource = create_namespaced_resource(keys.GROUP, keys.VERSION, keys.KIND, keys.PLURAL)

    def read() -> EnvironmentStatus:
        try:
            found: Any = client.get(resource, _NAME, namespace=_NAMESPACE)
        except (ApiError, httpx2.HTTPError) as error:
            raise typer.BadParameter(f"{_NAMESPACE}/{_NAME} cannot be read: {error}") from None
        status = EnvironmentStatus.parse(found.status)
        return status if status.observed_generation == found.metadata.generation else EnvironmentStatus()

    return read


def _print_outputs(status: EnvironmentStatus, manifest: Path) -> None:
    spec = yaml.safe_load(manifest.read_text())["spec"]
    every = sum(len(values) for values in status.outputs.values())
    typer.echo("\nOutputs that people look at first:")
    for line in few(BLUEPRINTS[spec.get("blueprint", DEFAULT)], status.outputs):
        typer.echo(line)
    typer.echo(f"All {every} are in the status: kubectl get tradaienv {_NAME} -n {_NAMESPACE} -o yaml\n")


def _parts(status: EnvironmentStatus, sandbox: float, converged: float) -> Table:
    table = Table("part", "resources", "seconds", title="Where the time went", title_justify="left", box=None)
    table.add_row("sandbox up", "", f"{sandbox:.1f}")
    for layer in status.layers:
        taken = seconds(layer)
        table.add_row(layer.name, str(layer.resources.total), "" if taken is None else f"{taken:.0f}")
    table.add_row("apply to Ready", "", f"{converged:.1f}")
    return table
