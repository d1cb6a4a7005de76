"""`tradai sandbox`: up, down, status, env, logs.

Must never know how a sandbox works: it asks `tradai_sandbox` and shows the answer.
"""

import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, NoReturn, TypeVar

import typer
from rich.console import Console
from rich.table import Table

from tradai_sandbox import lifecycle
from tradai_sandbox.aws.latency import seconds
from tradai_sandbox.errors import SandboxError
from tradai_sandbox.layout import Layout
from tradai_sandbox.status import ProcessStatus, status

app = typer.Typer(help="The whole control plane as local processes.", no_args_is_help=True)

Directory = Annotated[Path, typer.Option("--dir", help="the sandbox's directory; each one is a sandbox of its own")]

_T = TypeVar("_T")
_COLORS = {"running": "green", "not answering": "yellow", "dead": "red"}


@app.command()
def up(
    directory: Directory = Path(".sandbox"),
    aws_latency: Annotated[str | None, typer.Option(help="wait this long at each AWS call, like 80ms")] = None,
    operator: Annotated[bool | None, typer.Option(help="run the operator too; by default as before")] = None,
    enforce_iam: Annotated[
        bool | None, typer.Option(help="refuse an assumed role what its policies do not allow; by default as before")
    ] = None,
) -> None:
    """Start what does not run yet, and only that."""
    guarded(lambda: bring_up(directory, aws_latency, operator, enforce_iam))


@app.command()
def down(directory: Directory = Path(".sandbox")) -> None:
    """End every process and forget everything; the logs stay."""
    guarded(lambda: lifecycle.down(directory, typer.echo))


@app.command("status")
def show(directory: Directory = Path(".sandbox")) -> None:
    """Show every process; exit 1 unless all of them answer."""
    found = guarded(lambda: status(directory))
    Console().print(_table(found))
    if any(process.health != "running" for process in found):
        typer.echo("`tradai sandbox up` brings back what is missing", err=True)
        raise typer.Exit(1)


@app.command()
def env(directory: Directory = Path(".sandbox")) -> None:
    """Print what to source: kubectl, pulumi and AWS clients then find the sandbox."""
    guarded(lambda: status(directory))
    typer.echo(Layout(directory.resolve()).env.read_text(), nl=False)


@app.command()
def logs(
    process: Annotated[str | None, typer.Argument(help="one process; by default all")] = None,
    directory: Directory = Path(".sandbox"),
    lines: Annotated[int, typer.Option("--lines", "-n", min=1, help="how many of the last lines")] = 50,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="go on printing")] = False,
) -> None:
    """Print the end of a process's log."""
    layout = Layout(directory.resolve())
    known = sorted(path.stem for path in (layout.root / "logs").glob("*.log"))
    if process is not None and process not in known:
        raise typer.BadParameter(f"no log of {process}: there are {', '.join(known) or 'none'}")
    if not known:
        typer.echo(f"there are no logs in {directory}: `tradai sandbox up` begins them", err=True)
        raise typer.Exit(1)
    names = [process] if process else known
    _print_logs([layout.log(name) for name in names], lines, follow=follow)


def bring_up(
    directory: Path, latency: str | None = None, operator: bool | None = None, enforce_iam: bool | None = None
) -> None:
    """`up`, with a clock: says what happened, and how to look around. Raises SandboxError."""
    began = time.monotonic()
    if latency is not None:
        _checked(latency)
    lifecycle.up(directory, typer.echo, latency, operator, enforce_iam)
    typer.echo(f"ready after {time.monotonic() - began:.1f} s; in your shell: . {directory / 'env'}")


def _checked(latency: str) -> None:
    try:
        seconds(latency)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def guarded(action: Callable[[], _T]) -> _T:
    """Run `action`; SIGTERM ends it as Ctrl-C does, exit status 130, and what a person can mend is one sentence."""
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        return action()
    except SandboxError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def _table(found: list[ProcessStatus]) -> Table:
    table = Table("process", "state", "pid", "port", box=None)
    for process in found:
        health = f"[{_COLORS[process.health]}]{process.health}[/]"
        table.add_row(process.name, health, str(process.pid or ""), str(process.port or ""))
    return table


def _print_logs(paths: list[Path], lines: int, *, follow: bool) -> None:
    """`tail` knows how to follow files that appear or are replaced."""
    command = ["tail", "-n", str(lines), *(["-F"] if follow else []), *map(str, paths)]
    raise typer.Exit(subprocess.run(command, check=False).returncode)
