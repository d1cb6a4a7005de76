"""Decides about all interrupted creations of a stack, over as many looks as it takes; waits a moment for what is soon.

What takes longer is the outcome of its run, and looked at by the next. Must never decide about one while another is
unknown: a state is mended as a whole.
"""

import ipaddress
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from tradai_runner.bucket.store import Store
from tradai_runner.repair.answer import Answer, Unknown
from tradai_runner.repair.looks import Looks, drop_looks, read_looks, write_looks
from tradai_runner.repair.lookup import Ask, UndecidedError, look_up
from tradai_runner.repair.pending import Pending, Verdict, resources_of

#: What a run waits for at most, all looks together; what takes longer is told as its outcome.
WAIT_SECONDS: Final = 10.0
#: An endpoint on this machine is one process with one memory: what it answers late is under way, no more.
LOCAL_SECONDS: Final = 5.0


def longest_for(endpoint_url: str | None) -> float:
    """What is waited for at most before an endpoint's "not there" is believed; AWS's own takes what its rows say."""
    host = (urlsplit(endpoint_url).hostname or "") if endpoint_url else ""
    try:
        local = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = False
    return LOCAL_SECONDS if local else float("inf")


@dataclass(frozen=True)
class Decider:
    """For one stack; `cleared` are URNs that a person gave up."""

    store: Store
    project: str
    stack: str
    asker: Ask
    cleared: Collection[str]
    longest: float
    now: Callable[[], float] = time.time
    pause: Callable[[float], None] = field(default=time.sleep)

    def verdicts(self, body: Mapping[str, Any], creating: Sequence[Pending]) -> dict[str, Verdict]:
        """One for each; raises UndecidedError, and what the bucket raises."""
        earlier = looks = read_looks(self.store, self.project, self.stack)
        left = WAIT_SECONDS
        verdicts: dict[str, Verdict] = {}
        while unknown := self._round(body, [each for each in creating if each.urn not in verdicts], looks, verdicts):
            waiting = [entry for entry, answer in unknown if answer.wait is not None]
            noted = looks.noted(waiting, [entry for entry, _ in unknown], self.now())
            if noted != looks:
                write_looks(self.store, self.project, self.stack, looks := noted)
            wait = _wait(unknown)
            if wait is None or wait > left:
                raise UndecidedError(_first(unknown).failure)
            left -= wait
            self.pause(wait)
        if looks != Looks() or earlier != Looks():
            drop_looks(self.store, self.project, self.stack)
        return verdicts

    def _round(
        self, body: Mapping[str, Any], creating: Sequence[Pending], looks: Looks, verdicts: dict[str, Verdict]
    ) -> list[tuple[Pending, Unknown]]:
        """One look at each; puts what is decided into `verdicts` and returns what is not."""
        resources, unknown = resources_of(body), list[tuple[Pending, Unknown]]()
        for entry in creating:
            answer = self._look(entry, resources, looks)
            if isinstance(answer, Unknown):
                unknown.append((entry, answer))
            else:
                verdicts[entry.urn] = answer
        return unknown

    def _look(self, entry: Pending, resources: Sequence[Mapping[str, Any]], looks: Looks) -> Answer:
        return look_up(entry, resources, self.asker, self.cleared, looks.of(entry, self.now(), self.longest))


def _wait(unknown: Sequence[tuple[Pending, Unknown]]) -> float | None:
    """Until the last of them can tell; None where one does not tell by waiting."""
    waits = [answer.wait for _, answer in unknown]
    known = [wait for wait in waits if wait is not None]
    return max(known) if len(known) == len(waits) else None


def _first(unknown: Sequence[tuple[Pending, Unknown]]) -> Unknown:
    """What is told: first what waiting does not mend."""
    return min((answer for _, answer in unknown), key=lambda answer: answer.wait is not None)
