"""`tradai bootstrap account`, as people type it."""

import pytest
from typer.testing import CliRunner

from tradai_cli.bootstrap import app
from tradai_iac.account_script import bootstrap_text
from tradai_iac.accounts import Account

ARGUMENTS = {"--account-id": "123456789012", "--environment": "dev", "--external-id": "id-1"}


def typed(*more: str, **changes: str) -> tuple[int, str]:
    given = {**ARGUMENTS, **{f"--{key.replace('_', '-')}": value for key, value in changes.items()}}
    words = [word for pair in given.items() for word in pair]
    result = CliRunner().invoke(app, ["account", *words, *more], terminal_width=200)
    return result.exit_code, result.output


def test_print_prints_the_whole_script() -> None:
    code, output = typed("--print")
    prepared = Account(account_id="123456789012", region="eu-central-1", environment="dev")
    assert (code, output) == (0, bootstrap_text(prepared, "id-1"))


def test_without_print_it_says_that_it_changes_nothing() -> None:
    code, output = typed()
    assert code == 2
    assert "--print" in output


@pytest.mark.parametrize(
    ("argument", "value"),
    [("account_id", "12"), ("environment", "production"), ("external_id", "a b"), ("operator_arn", "me")],
)
def test_a_wrong_argument_is_named(argument: str, value: str) -> None:
    code, output = typed("--print", **{argument: value})
    assert code == 2
    assert value in output or argument in output
