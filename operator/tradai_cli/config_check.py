"""`tradai config-check`: the validation checklist of a blueprint (of TradAI: 002 §11) as a table; exit 1 on any No.

Must never reach AWS unless `--live` was said.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from tradai_cli.aws import clients
from tradai_cli.layers_at_once import checkpoints
from tradai_cli.manifest import Of, read_spec
from tradai_iac.backend import bucket_of
from tradai_iac.checklist import Checklist, Item, Live, Subject, differences
from tradai_iac.naming import Naming
from tradai_iac.rendering import render
from tradai_iac.testing import Run
from tradai_operator.model import EnvironmentSpec

_SHOWN = 5


@dataclass(frozen=True)
class Line:
    """One item's answers: column → what is wrong there; a column that was not asked is absent."""

    title: str
    columns: dict[str, list[str]]

    @property
    def good(self) -> bool:
        """Whether every column that was asked agrees."""
        return not any(self.columns.values())


def config_check(
    env: Annotated[str, typer.Argument(metavar="ENV", help="the environment: dev, staging, prod or eph-…")] = "dev",
    file: Annotated[Path | None, typer.Option("--file", "-f", help="the manifest; by default env-ENV.yaml")] = None,
    blueprint: Of = None,
    live: Annotated[bool, typer.Option("--live", help="look at the environment in AWS as well")] = False,
) -> None:
    """Answer the blueprint's checklist: configuration, rendered plan and, with --live, the environment itself."""
    spec = read_spec(env, file, blueprint)
    checklist = _checklist(spec)
    subject = _subject(checklist, spec)
    state = bucket_of(spec.state.backend_url)
    graph = render(spec.declaration, env, spec.aws.region, subject.configs, state, spec.aws.bucket_suffix or "")
    there = Live(clients(spec), checkpoints(spec)) if live else None
    lines = [answer(item, subject, graph, there) for item in checklist.items]
    Console().print(_table(lines))
    for line in lines:
        _explain(line)
    if not all(line.good for line in lines):
        raise typer.Exit(1)


def answer(item: Item[Any], subject: Subject[Any], graph: Mapping[str, Run], there: Live | None) -> Line:
    """One item in every column; what cannot be read is wrong, and says why."""
    wanted = item.demanded(subject)
    columns = {
        "config": [*item.faults(subject), *item.stale(item.sections)],
        "plan": _tried(lambda: differences(wanted, item.planned(graph, subject))),
    }
    if there:
        columns["live"] = _tried(lambda: differences(wanted, item.live(there, subject)))
    return Line(item.title, columns)


def _checklist(spec: EnvironmentSpec) -> Checklist:
    if spec.declaration.checklist is None:
        raise typer.BadParameter(f"blueprint {spec.blueprint} has no checklist")
    return spec.declaration.checklist()


def _subject(checklist: Checklist, spec: EnvironmentSpec) -> Subject[Any]:
    return checklist.subject(
        spec.declaration.settings(spec.environment),
        Naming(spec.declaration.project, spec.environment, spec.aws.bucket_suffix or ""),
        spec.aws.region,
        {name: spec.layer(name).config for name in spec.declaration.layer_names},
    )


def _tried(read: Callable[[], list[str]]) -> list[str]:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return read()
    except (ClientError, BotoCoreError, KeyError) as error:
        return [f"could not be read: {type(error).__name__}: {str(error).splitlines()[0]}"]


def _table(lines: list[Line]) -> Table:
    table = Table("item", "config", "plan", "live", "verdict", box=None)
    for line in lines:
        cells = [_cell(line.columns.get(column)) for column in ("config", "plan", "live")]
        table.add_row(line.title, *cells, "[green]Yes[/]" if line.good else "[red]No[/]")
    return table


def _cell(wrong: list[str] | None) -> str:
    if wrong is None:
        return "not asked"
    return f"{len(wrong)} wrong" if wrong else "as demanded"


def _explain(line: Line) -> None:
    for column, wrong in line.columns.items():
        for sentence in wrong[:_SHOWN]:
            typer.echo(f"{line.title} ({column}): {sentence}")
        if len(wrong) > _SHOWN:
            typer.echo(f"{line.title} ({column}): and {len(wrong) - _SHOWN} more")
