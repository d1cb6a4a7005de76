"""What became of each notice: told once, or tried again with growing waits.

Pure. Must never forget that a thing was told while it still holds, and never hold a secret.
"""

from collections.abc import Iterator
from typing import Final

from tradai_operator.model import Environment, EnvironmentStatus, NoticeStatus
from tradai_operator.model.records import NOTICES
from tradai_operator.model.times import epoch, moment
from tradai_operator.plan.retry import Retry
from tradai_operator.status.notices import KINDS, Notice, notices_of

#: For as long as the thing holds: whoever has to do something has not heard of it.
RETRY: Final = Retry(10, 1800)


def due_at(status: EnvironmentStatus, notice: Notice) -> float | None:
    """When that is to be told, seconds since the epoch; None where it was."""
    told = status.notice(notice.digest)
    if told is None:
        return 0.0
    return epoch(told.next_attempt_at) if told.next_attempt_at else None


def next_due(env: Environment, status: EnvironmentStatus) -> tuple[float, Notice] | None:
    """What is to be told first, and when: what was never tried goes before what has failed."""
    due = [(at, notice) for notice in notices_of(env, status) if (at := due_at(status, notice)) is not None]
    return min(due, key=lambda found: found[0], default=None)


def delivered(env: Environment, status: EnvironmentStatus, notice: Notice, now: float) -> EnvironmentStatus:
    """It was told."""
    found = NoticeStatus(digest=notice.digest, kind=notice.kind, delivered_at=moment(now))
    return _noted(env, status, found)


def failed(env: Environment, status: EnvironmentStatus, notice: Notice, error: str, now: float) -> EnvironmentStatus:
    """It could not be told; `error` has no secret."""
    before = status.notice(notice.digest)
    attempts = 1 + (before.attempts if before else 0)
    again = moment(now + (RETRY.wait(attempts) or 0.0))
    found = NoticeStatus(digest=notice.digest, kind=notice.kind, attempts=attempts, error=error, next_attempt_at=again)
    return _noted(env, status, found)


def attempts(before: EnvironmentStatus, after: EnvironmentStatus) -> Iterator[tuple[str, str]]:
    """Kind and outcome of each attempt between two statuses, for those who count."""
    for now in after.notices:
        was = before.notice(now.digest)
        if now == was:
            continue
        kind = now.kind if now.kind in KINDS else "Other"
        yield kind, "delivered" if now.delivered_at else "failed"


def _noted(env: Environment, status: EnvironmentStatus, found: NoticeStatus) -> EnvironmentStatus:
    """The newest comes last; of the others, the oldest that hold no more make room."""
    holding = {notice.digest for notice in notices_of(env, status)}
    others = [notice for notice in status.notices if notice.digest != found.digest]
    spare = [notice.digest for notice in others if notice.digest not in holding]
    gone = set(spare[: max(0, len(others) + 1 - NOTICES)])
    kept = (*(notice for notice in others if notice.digest not in gone), found)
    return status.model_copy(update={"notices": kept[-NOTICES:]})
