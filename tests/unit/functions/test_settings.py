"""A function's variables, at its cold start."""

import pytest
from pydantic import AliasChoices, Field

from shared.settings import Settings, SettingsError


class Some(Settings):
    table: str = Field(validation_alias=AliasChoices("SOME_TABLE", "OLD_TABLE"))


def test_a_missing_variable_is_named() -> None:
    with pytest.raises(SettingsError, match=r"ENVIRONMENT: Field required; SOME_TABLE: Field required"):
        Some.read({"PATH": "/bin"})


def test_an_empty_variable_is_missing() -> None:
    with pytest.raises(SettingsError, match="SOME_TABLE"):
        Some.read({"ENVIRONMENT": "dev", "SOME_TABLE": ""})


@pytest.mark.parametrize("variable", ["SOME_TABLE", "OLD_TABLE"])
def test_a_fall_back_is_read_where_the_first_is_missing(variable: str) -> None:
    assert Some.read({"ENVIRONMENT": "dev", variable: "t"}).table == "t"


def test_the_first_wins_over_its_fall_back() -> None:
    assert Some.read({"ENVIRONMENT": "dev", "SOME_TABLE": "new", "OLD_TABLE": "old"}).table == "new"


def test_variables_are_told_for_whoever_deploys_them() -> None:
    assert Some.variables() == {"environment": ("ENVIRONMENT",), "table": ("SOME_TABLE", "OLD_TABLE")}
