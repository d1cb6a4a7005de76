"""A function's environment, typed: read once, at its cold start, and named where it lacks something.

Must never have a default for what only the deployment knows, nor read a variable that no field names.
"""

import os
from collections.abc import Mapping
from typing import Self

from pydantic import AliasChoices, Field, ValidationError

from shared.base import Frozen


class SettingsError(Exception):
    """Variables that are missing or wrong, each by its name."""


class Settings(Frozen):
    """What every function has; a field's `validation_alias` is its variable, with the fall-backs of 002 §2.5."""

    environment: str = Field(validation_alias="ENVIRONMENT")

    @classmethod
    def read(cls, variables: Mapping[str, str] = os.environ) -> Self:
        """The settings from variables; empty ones count as missing. Raises SettingsError."""
        try:
            return cls.model_validate({name: value for name, value in variables.items() if value})
        except ValidationError as error:
            wrong = "; ".join(f"{each['loc'][0]}: {each['msg']}" for each in error.errors())
            raise SettingsError(f"the function's variables are not as they must be: {wrong}") from None

    @classmethod
    def variables(cls) -> dict[str, tuple[str, ...]]:
        """Field → its variable and the fall-backs behind it; tests hold them against what is deployed."""
        return {name: _names(field.validation_alias) for name, field in cls.model_fields.items()}


def _names(alias: object) -> tuple[str, ...]:
    if isinstance(alias, AliasChoices):
        return tuple(str(choice) for choice in alias.choices)
    return (str(alias),)
