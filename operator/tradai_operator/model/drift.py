"""`spec.drift`: when somebody looks whether AWS still is as declared, what is done then, and what does not count.

Must never have a rule without its reason: whoever finds it years later has to know why.
"""

from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, ConfigDict, Field, ValidationInfo, model_validator

from tradai_iac.base import Manifest
from tradai_operator.model.cron import Cron
from tradai_operator.model.rules import rule, schema
from tradai_operator.model.seldom import SELDOM, seldom, stored
from tradai_runner.contract.drift import IgnoreRule

DriftPolicy = Literal["Report", "Correct"]

_RULES: Final = 32
_SAYS_WHAT: Final = "set urn, type or path, at least one of them, so that the rule says what it ignores"
_ONE_STAR: Final = "write one * where you mean anything: ** means the same"


def _one_star(glob: str, info: ValidationInfo) -> str:
    if "**" in glob and not stored(info):
        raise ValueError(_ONE_STAR)
    return glob


_Glob = Annotated[
    str,
    Field(min_length=1, max_length=512, json_schema_extra=schema(rule("!self.contains('**')", _ONE_STAR))),
    AfterValidator(_one_star),
]


class Ignore(Manifest):
    """What is no drift."""

    model_config = ConfigDict(
        json_schema_extra=schema(rule("has(self.urn) || has(self.type) || has(self.path)", _SAYS_WHAT))
    )

    urn: _Glob | None = Field(default=None, description="Resources by URN; * stands for anything, like *::momentum.")
    type: _Glob | None = Field(default=None, description="Resources by type; * stands for anything, like aws:ecs/*.")
    path: _Glob | None = Field(
        default=None,
        description="A property and all below it, like tags or tags.LastScan; * stands for anything. "
        "Without a path the whole resource is left out.",
    )
    reason: Annotated[str, Field(min_length=1, max_length=256)] = Field(description="Why this is no drift, for people.")

    @model_validator(mode="after")
    def _ignores_something(self) -> Self:
        if not (self.urn or self.type or self.path):
            raise ValueError(_SAYS_WHAT)
        return self

    @property
    def for_runner(self) -> IgnoreRule:
        """The rule as a run is given it."""
        return IgnoreRule(urn=self.urn, type=self.type, path=self.path, reason=self.reason)


class Drift(Manifest):
    """How the environment is watched for drift."""

    enabled: bool = Field(default=True, description="Whether anybody looks for drift at all.")
    schedule: Annotated[Cron, AfterValidator(seldom)] = Field(
        default="0 */6 * * *",
        description="When to look, as five cron fields in UTC, at least 15 minutes apart; each environment looks a few "
        "minutes after that, so that they do not all look at once.",
        json_schema_extra=schema(SELDOM),
    )
    policy: DriftPolicy = Field(
        default="Report",
        description="What to do about drift: Report (only tell of it), Correct (put the layer back as declared, after "
        "approval where `approval` asks for it).",
    )
    ignore: tuple[Ignore, ...] = Field(default=(), max_length=_RULES, description="What is no drift, and why.")

    @property
    def corrects(self) -> bool:
        """Whether what drifted is put back."""
        return self.enabled and self.policy == "Correct"
