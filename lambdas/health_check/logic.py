"""What an answer says of a service, and what becomes of it then. Must never call anybody or read the clock."""

from collections.abc import Mapping
from typing import Final, Literal
from urllib.parse import urlsplit

from shared.base import Frozen
from shared.deployed import DEPLOYED
from shared.health import Health, Status
from shared.incidents import Notice, Rule, Sight, ended, looked

RULE: Final = Rule(failures=DEPLOYED.watching.health_failures, successes=DEPLOYED.watching.health_successes)


class Call(Frozen):
    """EventBridge's event, or an empty one by hand; `id` is the same when it is delivered again."""

    id: str = ""


class Answer(Frozen):
    """What asking came to: a status code, no such name, no answer, or that one could not even ask."""

    kind: Literal["answered", "nameless", "silent", "unasked"]
    code: int = 0
    why: str = ""


def url(address: str, path: str) -> str:
    """Where to ask: the path on the address's host, whatever path the address itself has."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}{path}"


def sight(answer: Answer) -> tuple[Sight, str]:
    """What an answer says of a service, in a sentence too."""
    if answer.kind == "answered":
        good = 200 <= answer.code < 300
        return (Sight.GOOD if good else Sight.BAD), f"it answers {answer.code}"
    if answer.kind == "nameless":
        return Sight.BAD, "its name leads to no task"
    if answer.kind == "silent":
        return Sight.BAD, f"it does not answer: {answer.why}"
    return Sight.UNKNOWN, f"it could not be asked: {answer.why}"


def after(before: Health, answer: Answer, *, standing: bool, at: str, call: str) -> Health:
    """The service after this look.

    One that is not meant to run, and whose name leads nowhere, is idle. One that runs though nobody means it to is
    watched like the others: a person started it.
    """
    if not standing and answer.kind == "nameless":
        watch, status, detail = ended(before.watch, "it is not meant to run", at, call), Status.IDLE, "not running"
    else:
        seen, detail = sight(answer)
        watch = looked(before.watch, seen, detail, RULE, at, call)
        status = Status.UNHEALTHY if watch.bad else Status.HEALTHY
    if watch == before.watch:
        return before
    return Health(service_name=before.service_name, status=status, checked_at=at, detail=detail, watch=watch)


def message(service: str, notice: Notice) -> tuple[str, str, str]:
    """Kind, subject and sentence of a notice."""
    if notice.opened:
        return (
            "service-unhealthy",
            f"{service} is unhealthy",
            f"{service} is unhealthy since {notice.at}: {notice.why}.",
        )
    return "service-recovered", f"{service} has recovered", f"{service} is well again since {notice.at}: {notice.why}."


def totals(states: Mapping[str, Status]) -> dict[str, list[str]]:
    """Status → the services that have it, in order."""
    return {status.value: sorted(name for name, one in states.items() if one is status) for status in Status}
