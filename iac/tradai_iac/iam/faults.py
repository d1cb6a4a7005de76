"""What is wrong with a policy by AWS's reference: actions that there are not, on resources that they never touch, under
keys that they do not have.

IAM takes such a policy and says nothing; the call that it was meant for is denied. Must never judge whether a right is
wise.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from tradai_iac.iam import reference
from tradai_iac.iam.patterns import ANYTHING, meet_arns
from tradai_iac.iam.policies import Statement
from tradai_iac.iam.reference import Action, ResourceType

#: Keys that every call has, in lower case, as far as our policies use them.
_GLOBAL: Final = frozenset({"aws:sourceaccount", "aws:sourcearn", "aws:securetransport", "aws:calledvia"})
#: `${TagKey}` and other ends of a key that the reference leaves open.
_OPEN: Final = "/"


@dataclass(frozen=True)
class Fault:
    """An action, or the pattern of one, and what is wrong with it; `statement` says where."""

    action: str
    wrong: str
    statement: str

    def __str__(self) -> str:
        return f"{self.action} {self.wrong} ({self.statement})"


def faults(policy: Sequence[Statement]) -> Iterator[Fault]:
    """All that is wrong in the permissions of a policy, each statement by itself; denials may say too much."""
    for statement in policy:
        if statement.allows and not statement.but_actions:
            for pattern in statement.actions:
                yield from (Fault(action, wrong, str(statement)) for action, wrong in _wrong(pattern, statement))


def untouched(policy: Sequence[Statement]) -> Iterator[tuple[Action, ResourceType]]:
    """Actions that the policy names in full, and types that each of their calls names but that it allows nowhere."""
    granted: dict[Action, set[str]] = defaultdict(set)
    for statement in policy:
        if statement.allows and not statement.but_actions:
            named = (pattern for pattern in statement.actions if ANYTHING not in pattern)
            for action in (action for pattern in named for action in reference.meant(pattern)):
                granted[action] |= set(statement.resources)
    for action, resources in granted.items():
        required = (type_ for type_ in action.types if type_.name in action.required)
        yield from ((action, type_) for type_ in required if not _reached(type_, resources))


def _wrong(pattern: str, statement: Statement) -> Iterator[tuple[str, str]]:
    try:
        actions = list(reference.meant(pattern))
    except LookupError as error:
        yield pattern, str(error)
        return
    if not actions:
        yield pattern, "is no action that AWS knows"
    # what a wildcard means beside what it is for does no harm where it reaches nothing
    reaching = [action for action in actions if _reaches(action, statement)]
    if actions and not reaching:
        yield pattern, _out_of_reach(actions)
    for action in reaching:
        for key in (condition.key for condition in statement.conditions):
            if not _knows(action, key):
                yield str(action), f"has no key {key}"


def _reaches(action: Action, statement: Statement) -> bool:
    if ANYTHING in statement.resources or statement.but_resources:
        return True
    return any(_reached(type_, statement.resources) for type_ in action.types)


def _reached(type_: ResourceType, resources: set[str] | tuple[str, ...]) -> bool:
    return any(meet_arns(resource, pattern) for resource in resources for pattern in type_.patterns)


def _out_of_reach(actions: Sequence[Action]) -> str:
    types = sorted({type_.name for action in actions for type_ in action.types})
    return f"acts on {', '.join(types)}, and none is among the resources" if types else "is allowed on * alone"


def _knows(action: Action, key: str) -> bool:
    asked = key.lower().partition(_OPEN)[0]
    return asked in _GLOBAL or any(known.lower().partition(_OPEN)[0] == asked for known in action.keys)
