"""What people are told outside the cluster, and what became of it: told once, or tried again with growing waits.

Pure. Must never hold a secret, an address among them.
"""

from dataclasses import dataclass
from typing import Final

from tradai_operator.model import Environment, EnvironmentStatus, NoticeStatus
from tradai_operator.model.times import epoch, moment
from tradai_operator.plan.retry import Retry
from tradai_operator.status.plans import summary

#: For as long as the question stands: whoever has to answer it has not heard of it.
RETRY: Final = Retry(10, 1800)


@dataclass(frozen=True)
class Notice:
    """One thing to tell. `digest` names it for ever: the same one is not told twice."""

    digest: str
    environment: str
    resource: str
    subject: str
    text: str


def notice_of(env: Environment, status: EnvironmentStatus) -> Notice | None:
    """What people should be told of now: that a plan waits; None where nothing does."""
    plan = status.plan
    if plan is None or not plan.digest:
        return None
    what = "the deletion" if env.deleting else "a change"
    until = f" until {plan.expires_at:%Y-%m-%d %H:%M} UTC" if plan.expires_at else ""
    confirm = f"\nIt takes data: {', '.join(plan.data)}" if plan.data else ""
    return Notice(
        digest=plan.digest,
        environment=env.spec.environment,
        resource=env.key,
        subject=f"{env.name}: {what} waits for approval",
        text=f"{summary(plan)}{confirm}\nLook: tradai diff {env.name} -n {env.namespace}\n"
        f"Approve{until}: tradai approve {env.name} {plan.digest} -n {env.namespace}",
    )


def due_at(status: EnvironmentStatus, notice: Notice) -> float | None:
    """When that is to be told, seconds since the epoch; None where it was."""
    told = status.notice
    if told is None or told.digest != notice.digest:
        return 0.0
    return epoch(told.next_attempt_at) if told.next_attempt_at else None


def delivered(status: EnvironmentStatus, notice: Notice, now: float) -> EnvironmentStatus:
    """It was told."""
    return _noted(status, NoticeStatus(digest=notice.digest, delivered_at=moment(now)))


def refused(status: EnvironmentStatus, notice: Notice, error: str, now: float) -> EnvironmentStatus:
    """It could not be told; `error` has no secret."""
    before = status.notice
    attempts = 1 + (before.attempts if before and before.digest == notice.digest else 0)
    wait = RETRY.wait(attempts) or 0.0
    found = NoticeStatus(digest=notice.digest, attempts=attempts, error=error, next_attempt_at=moment(now + wait))
    return _noted(status, found)


def _noted(status: EnvironmentStatus, notice: NoticeStatus) -> EnvironmentStatus:
    return status.model_copy(update={"notice": notice})
