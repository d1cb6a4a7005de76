"""The command `tradai`: a table of words, each loaded only when it is said.

Must never import what a word needs before it is said: `tradai --help` answers at once.
"""

import importlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Annotated, Any

import typer

from tradai_cli.trouble import sentence


@dataclass(frozen=True)
class Word:
    """One command: where it lives (`module:attribute`, a function or a typer app) and what it is for."""

    name: str
    target: str
    help: str


WORDS: tuple[Word, ...] = (
    Word("sandbox", "tradai_cli.sandbox:app", "The whole control plane as local processes: up, down, status."),
    Word("demo", "tradai_cli.demo:demo", "Bring a sandbox up and watch the dev environment become Ready."),
    Word("infra", "tradai_cli.infra:app", "Layers by hand, on the same state, without Kubernetes."),
    Word(
        "config-check",
        "tradai_cli.config_check:config_check",
        "Check configuration, plan and AWS against the checklist.",
    ),
    Word("images", "tradai_cli.images:app", "The images that an environment runs: list, push."),
    Word("diff", "tradai_cli.approve:diff", "Show the plan that waits for approval."),
    Word("approve", "tradai_cli.approve:approve", "Approve the plan that waits, in your own name."),
    Word("drift", "tradai_cli.drift:drift", "Show where AWS is not as declared, or look now."),
    Word("logs", "tradai_cli.environments:logs", "Print the whole log of a layer's present or last run."),
    Word("cancel", "tradai_cli.environments:cancel", "Stop the runs that are under way, cleanly."),
    Word("retry", "tradai_cli.environments:retry", "Try again now what failed or was cancelled."),
    Word("reconcile", "tradai_cli.times:reconcile", "Run layers now though nothing has changed."),
    Word("open-window", "tradai_cli.times:open_window", "Let changes begin outside the maintenance windows."),
    Word("history", "tradai_cli.history:history", "Show what an environment was, success by success."),
    Word("rollback", "tradai_cli.history:rollback", "Print the manifest that an environment was, to apply it again."),
    Word("state", "tradai_cli.state:app", "Copies of the layers' states: backup, list, restore."),
    Word("crd", "tradai_cli.crd:app", "The definition of TradaiEnvironment, with all that is installed."),
    Word("bootstrap", "tradai_cli.bootstrap:app", "Prepare a real AWS account; build the control plane on ECS."),
    Word("kubeconfig", "tradai_cli.home_way:way", "A way into the control plane on ECS, for some hours."),
    Word("upgrade", "tradai_cli.home_build:upgrade", "Roll the control plane on ECS, after a snapshot."),
)

#: What a shell calls a command that Ctrl-C ended.
INTERRUPTED = 130


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"tradai {version('tradai-environments')}")
        raise typer.Exit


Version = Annotated[
    bool, typer.Option("--version", callback=_print_version, is_eager=True, help="print the version, and end")
]


def build(said: str | None) -> typer.Typer:
    """The command line with `said` loaded; of the other words just their names and what they are for."""
    app = typer.Typer(name="tradai", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)

    @app.callback()
    def tradai(asked_version: Version = False) -> None:
        """Whole AWS environments from one Kubernetes resource."""

    for word in WORDS:
        _add(app, word, _load(word.target) if word.name == said else _unsaid)
    return app


def main(arguments: Sequence[str] | None = None) -> None:
    """Run `tradai` with `arguments`, by default those of the process."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    said = next((argument for argument in given if not argument.startswith("-")), None)
    try:
        build(said)(given)
    except KeyboardInterrupt:
        raise SystemExit(INTERRUPTED) from None
    except SystemExit as ended:
        if _stopped(ended):
            raise SystemExit(INTERRUPTED) from None
        raise
    except Exception as error:
        if told := sentence(error):
            typer.echo(told, err=True)
            raise SystemExit(1) from None
        raise


def _stopped(ended: BaseException) -> bool:
    """Whether Ctrl-C is behind it: a prompt makes no difference between that and an end of what is typed."""
    behind = ended.__context__
    return isinstance(behind, KeyboardInterrupt) or (behind is not None and _stopped(behind))


def _add(app: typer.Typer, word: Word, target: Any) -> None:
    if isinstance(target, typer.Typer):
        app.add_typer(target, name=word.name, help=word.help)
    else:
        app.command(word.name, help=word.help)(target)


def _load(target: str) -> Any:
    module, _, attribute = target.partition(":")
    return getattr(importlib.import_module(module), attribute)


def _unsaid() -> None:
    """Stands for a word that is only listed."""


if __name__ == "__main__":
    main()
