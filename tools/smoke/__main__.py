"""`python -m tools.smoke MANIFEST`: plays the first day's steps, one after the other.

Exit status 1 at the first step that is not as it should be, with the way back; `--from` goes on with a later one. With
`--record` another life is played, by hand, and what each type calls is written.
"""

import json
import time
from pathlib import Path
from typing import Annotated

import typer

from tools.smoke.account import Account, SmokeError
from tools.smoke.by_hand import RECORDED
from tools.smoke.recorder import Recorder
from tools.smoke.steps import STEPS, Step
from tradai_sandbox.status import environment


def main(
    manifest: Annotated[Path, typer.Argument(help="the environment's manifest")],
    sandbox: Annotated[Path | None, typer.Option(help="play it against the sandbox in that folder")] = None,
    start: Annotated[str, typer.Option("--from", help="the step to begin with; by default the first")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="do not ask before each step")] = False,
    report: Annotated[Path, typer.Option(help="where what was seen is written")] = Path(".smoke.json"),
    record: Annotated[Path | None, typer.Option(help="play a life by hand, and write what each type calls")] = None,
    then: Annotated[Path | None, typer.Option(help="with --record: the manifest of a later change")] = None,
) -> None:
    """Play the first day of an account; each step says what it shows and what it costs before it begins."""
    steps = _steps(RECORDED if record else STEPS, start)
    recorder = Recorder(record) if record else None
    variables = environment(sandbox) if sandbox else {}
    try:
        if recorder:
            variables = recorder.variables(variables, anew=steps == RECORDED)
        account = Account(manifest, variables, typer.echo, changed=then)
        _play(account, steps, yes, report, recorder)
    except SmokeError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None


def _steps(all_: tuple[Step, ...], start: str) -> tuple[Step, ...]:
    names = [step.name for step in all_]
    if start and start not in names:
        raise typer.BadParameter(f"no step {start!r}; there are: {', '.join(names)}")
    return all_[names.index(start) :] if start else all_


def _play(account: Account, steps: tuple[Step, ...], yes: bool, report: Path, recorder: Recorder | None) -> None:
    """Raises SmokeError for what is not as it should be."""
    seen: list[dict[str, object]] = []
    for step in steps:
        typer.echo(f"\n== {step.name}: {step.shows}\n   costs: {step.costs}\n   way back: {step.back}")
        if not yes and not typer.confirm("Begin?", default=True):
            return
        began = time.monotonic()
        try:
            step.play(account)
        except SmokeError as error:
            raise SmokeError(f"{step.name}: {error}\nway back: {step.back}") from None
        finally:
            if recorder:
                recorder.keep()
        seen.append({"step": step.name, "seconds": round(time.monotonic() - began), "stands": len(account.standing())})
        report.write_text(json.dumps(seen, indent=2) + "\n")
    if recorder:
        recorder.tell(account)
    typer.echo(f"\nall {len(seen)} steps are as they should be; {report} has what each took")


if __name__ == "__main__":
    typer.run(main)
