"""The shapes of guards: what is compared, in which order of strength, and when a request is refused.

Expressions are CEL over what the policy of `admission` declares. Must never hold a guard itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

#: What a field that is true or false is called where guards are told as text.
_SPOKEN: Final[Mapping[bool, str]] = {True: "true", False: "false"}


def spoken(value: Any) -> Any:
    """The step that a value of a spec is."""
    return _SPOKEN[value] if isinstance(value, bool) else value


@dataclass(frozen=True)
class Fact:
    """A text that guards compare before and after a request.

    `read` is CEL with `{}` for the object; `at_creation` is CEL for what an object that is just being created is
    compared with.
    """

    name: str
    read: str
    at_creation: str = "''"


def _optional(path: str) -> str:
    """CEL: a path of which no part need be there."""
    return f"?{path.replace('.', '.?')}"


@dataclass(frozen=True)
class Ladder:
    """A choice of the spec, from the strongest guard to the weakest; `default` is what an absent field means.

    Where an absent field means what was in force before, `reported` is where the operator reports that, and `default`
    counts where there is no report.
    """

    name: str
    path: str
    steps: tuple[str, ...]
    default: str
    reported: str = ""

    @property
    def fact(self) -> Fact:
        """A creation is compared with nothing here, in a protected environment with the default.

        That goes for no guard of which people are told what is in force: what nothing stands under is theirs to choose.
        """
        # dyn: a field that the CRD does not have yet is no mistake of the expression
        unsaid = f"'{self.default}'"
        if self.reported:
            unsaid = f"dyn({{0}}).{_optional(self.reported)}.orValue({unsaid})"
        read = f"string(dyn({{0}}.spec).{_optional(self.path)}.orValue({unsaid}))"
        itself = read.format("object")
        return Fact(self.name, read, itself if self.reported else f"variables.protected ? '{self.default}' : {itself}")

    def value(self, step: str) -> str | bool:
        """What the spec says for a step."""
        return next((value for value, word in _SPOKEN.items() if word == step), step)

    @property
    def guard(self) -> "Guard":
        """A value that the ladder has not counts as its weakest."""
        steps, now, was = f"variables.steps.{self.name}", f"variables.now.{self.name}", f"variables.was.{self.name}"
        return Guard(
            name=f"spec.{self.path}",
            lowers=f"{now} != {was} && !({now} in {steps} && {steps}.indexOf({now}) < {steps}.indexOf({was}))",
            sentence=f"only approvers may weaken spec.{self.path} ({' > '.join(self.steps)})",
        )


@dataclass(frozen=True)
class Guard:
    """A request for which `lowers` is true is refused, unless `unless` is; `then` is CEL for the message's end."""

    name: str
    lowers: str
    sentence: str
    unless: str = "variables.approver"
    then: str | None = "variables.ask"
