"""`python -m tools.smoke MANIFEST`: plays the first day's steps, one after the other.

Exit status 1 at the first step that is not as it should be, with the way back; `--from` goes on with a later one.
"""

import json
import time
from pathlib import Path
from typing import Annotated

import typer

from tools.smoke.account import Account, SmokeError
from tools.smoke.steps import STEPS
from tradai_sandbox.status import environment


def main(
    manifest: Annotated[Path, typer.Argument(help="the environment's manifest")],
    sandbox: Annotated[Path | None, typer.Option(help="play it against the sandbox in that folder")] = None,
    start: Annotated[str, typer.Option("--from", help="the step to begin with")] = STEPS[0].name,
    yes: Annotated[bool, typer.Option("--yes", help="do not ask before each step")] = False,
    report: Annotated[Path, typer.Option(help="where what was seen is written")] = Path(".smoke.json"),
) -> None:
    """Play the first day of an account; each step says what it shows and what it costs before it begins."""
    account = Account(manifest, environment(sandbox) if sandbox else {}, typer.echo)
    names = [step.name for step in STEPS]
    if start not in names:
        raise typer.BadParameter(f"no step {start!r}; there are: {', '.join(names)}")
    seen: list[dict[str, object]] = []
    for step in STEPS[names.index(start) :]:
        typer.echo(f"\n== {step.name}: {step.shows}\n   costs: {step.costs}\n   way back: {step.back}")
        if not yes and not typer.confirm("Begin?", default=True):
            return
        began = time.monotonic()
        try:
            step.play(account)
        except SmokeError as error:
            typer.echo(f"{step.name}: {error}\nway back: {step.back}", err=True)
            raise typer.Exit(1) from None
        seen.append({"step": step.name, "seconds": round(time.monotonic() - began), "stands": len(account.standing())})
        report.write_text(json.dumps(seen, indent=2) + "\n")
    typer.echo(f"\nall {len(seen)} steps are as they should be; {report} has what each took")


if __name__ == "__main__":
    typer.run(main)
