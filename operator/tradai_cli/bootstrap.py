"""`tradai bootstrap account`: how a real account is prepared for an environment (state bucket, key, deploy role).

`ecs` beside it builds the operator's own home. Must never reach AWS for an account: it prints what people run with
their own rights.
"""

from typing import Annotated

import typer
from pydantic import ValidationError

from tradai_cli.home_build import ecs
from tradai_iac.account_script import bootstrap_text
from tradai_iac.accounts import Account
from tradai_iac.blueprints import DEFAULT

app = typer.Typer(help="Prepare a real AWS account; build the control plane on ECS.", no_args_is_help=True)
app.command()(ecs)


@app.callback()
def group() -> None:
    """Prepare a real AWS account; build the control plane on ECS."""


@app.command()
def account(
    account_id: Annotated[str, typer.Option(help="The AWS account, twelve digits.")],
    environment: Annotated[str, typer.Option(help="dev, staging, prod or eph-<short>.")],
    external_id: Annotated[str, typer.Option(help="What the operator presents when it assumes the role.")],
    region: Annotated[str, typer.Option(help="The AWS region.")] = "eu-central-1",
    operator_arn: Annotated[
        list[str] | None,
        typer.Option(
            help="Identity that the operator runs as, and once more for that of its runners where it is another; by "
            "default any that the account lets."
        ),
    ] = None,
    blueprint: Annotated[str, typer.Option(help="The system that the environment is of.")] = DEFAULT,
    allow_destroy: Annotated[
        bool, typer.Option(help="Let the role delete what lies in a protected environment's buckets and repositories.")
    ] = False,
    bucket_suffix: Annotated[
        str, typer.Option(help="What the names of its buckets end with, as spec.aws.bucketSuffix says.")
    ] = "",
    print_: Annotated[bool, typer.Option("--print", help="Print the script; nothing is run.")] = False,
) -> None:
    """Print the script that prepares an account: read it, then run it as an administrator of the account."""
    if not print_:
        raise typer.BadParameter("this command changes no account: add --print, and run what it prints")
    try:
        prepared = Account(
            account_id=account_id,
            region=region,
            environment=environment,
            blueprint=blueprint,
            allow_destroy=allow_destroy,
            bucket_suffix=bucket_suffix,
        )
        text = bootstrap_text(prepared, external_id, operator_arn or ())
    except ValidationError as error:
        raise typer.BadParameter(_sentence(error)) from None
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    typer.echo(text, nl=False)


def _sentence(error: ValidationError) -> str:
    """Which arguments are wrong and why, without what pydantic says about itself."""
    return "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
