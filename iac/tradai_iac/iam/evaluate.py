"""What policies say to a call: a denial counts before any permission, and what nobody allows is denied (IAM User Guide,
"Policy evaluation logic").

Must never look anything up: a call brings its whole context.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from tradai_iac.iam.conditions import Context
from tradai_iac.iam.patterns import ANYTHING, filled, fits, fits_arn
from tradai_iac.iam.policies import Statement

_ROOT: Final = "arn:aws:iam::{}:root"


class Verdict(StrEnum):
    """What came out, and by what."""

    ALLOWED = "allowed"
    DENIED = "explicitly denied"
    NOT_ALLOWED = "not allowed by any policy"
    OUT_OF_BOUNDS = "not allowed by the permissions boundary"


@dataclass(frozen=True)
class Call:
    """One action on one resource (`*` where the action knows none), and what is known about it.

    A call of AWS that touches several resources is several of these, all of which must be allowed. The keys of the
    context are in any case.
    """

    action: str
    resource: str = ANYTHING
    context: Context = field(default_factory=dict)

    @property
    def keys(self) -> Context:
        """The context by keys in lower case."""
        return {key.lower(): values for key, values in self.context.items()}


@dataclass(frozen=True)
class Decision:
    """The verdict on a call, and the statement that decided; none where none fitted."""

    call: Call
    verdict: Verdict
    by: Statement | None = None

    @property
    def allowed(self) -> bool:
        """Whether the call goes through."""
        return self.verdict is Verdict.ALLOWED

    def __str__(self) -> str:
        said = f"{self.call.action} on {self.call.resource} is {self.verdict}"
        return f"{said} ({self.by})" if self.by else said


def decide(policies: Sequence[Statement], call: Call, boundary: Sequence[Statement] | None = None) -> Decision:
    """What the policies of an identity say, within its boundary where it has one."""
    everything = (*policies, *(boundary or ()))
    if denying := _first(everything, call, allows=False):
        return Decision(call, Verdict.DENIED, denying)
    allowing = _first(policies, call, allows=True)
    if not allowing:
        return Decision(call, Verdict.NOT_ALLOWED)
    if boundary is not None and not _first(boundary, call, allows=True):
        return Decision(call, Verdict.OUT_OF_BOUNDS)
    return Decision(call, Verdict.ALLOWED, allowing)


def decide_all(policies: Sequence[Statement], calls: Iterable[Call]) -> Decision:
    """The first decision against any of the calls, else the last one for it; raises ValueError for no calls."""
    decision = None
    for call in calls:
        decision = decide(policies, call)
        if not decision.allowed:
            return decision
    if decision is None:
        raise ValueError("a call asks for one right at least")
    return decision


def trusts(policy: Sequence[Statement], kind: str, who: str, call: Call) -> Decision:
    """Whether a trust policy lets `who` in (kind `AWS`: an ARN of a role or user, `Service`: a service's name)."""
    return decide([statement for statement in policy if _names(statement, kind, who)], call)


def _names(statement: Statement, kind: str, who: str) -> bool:
    account = who.split(":")[4] if who.count(":") > 4 else ""
    them = {who, ANYTHING, account or who, _ROOT.format(account or who)}
    return any(bool(them & set(names)) for found, names in statement.principals if found == kind)


def _first(policy: Iterable[Statement], call: Call, *, allows: bool) -> Statement | None:
    keys = call.keys
    return next((s for s in policy if s.allows is allows and _is_about(s, call, keys)), None)


def _is_about(statement: Statement, call: Call, keys: Context) -> bool:
    return (
        _acts(statement, call.action) is not statement.but_actions
        and _touches(statement, call.resource, keys) is not statement.but_resources
        and all(condition.holds(keys) for condition in statement.conditions)
    )


def _acts(statement: Statement, action: str) -> bool:
    return any(fits(pattern.lower(), action.lower()) for pattern in statement.actions)


def _touches(statement: Statement, resource: str, keys: Mapping[str, Sequence[str]]) -> bool:
    patterns = (filled(pattern, keys) for pattern in statement.resources)
    return any(pattern is not None and fits_arn(pattern, resource) for pattern in patterns)
