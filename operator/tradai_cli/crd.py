"""`tradai crd`: the resource's definition for what is installed here, blueprints of other packages among it.

Must never apply it: people, or whatever keeps their cluster, do.
"""

import typer

from tradai_operator.model.layer_schema import ConflictError

app = typer.Typer(help="The definition of TradaiEnvironment.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """The definition of TradaiEnvironment."""


@app.command()
def render() -> None:
    """Print the CustomResourceDefinition with the settings of every installed blueprint."""
    from tradai_operator.model import crd

    try:
        typer.echo(crd.render(), nl=False)
    except ConflictError as error:
        typer.echo(f"no definition holds all that is installed: {error}", err=True)
        raise typer.Exit(1) from None
