"""What is sent to the real bucket: passed on, or written over what is known to be there; it waits for one in trouble.

Must never send a save again before it has looked what became of it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from tradai_runner.stateport import lineage, wire
from tradai_runner.stateport.asked import Asked
from tradai_runner.stateport.lineage import Base, Mark, Verdict
from tradai_runner.stateport.wire import Answer

#: Between two tries, in seconds: longer each time.
_PAUSES: Final = (0.2, 0.5, 1.0, 2.0, 5.0)


class Bucket(Protocol):
    """The real bucket; raises UnreachableError where no answer came."""

    def ask(self, asked: Asked) -> Answer:
        """Its answer."""


class UnreachableError(Exception):
    """The bucket gave no answer: whether it has done what it was asked is not known."""


@dataclass(frozen=True)
class Written:
    """What became of a save: the answer, and who else has written the state, where somebody has."""

    answer: Answer
    foreign: str = ""
    #: Whether the bucket took the condition for what it is.
    conditional: bool = True


@dataclass(frozen=True)
class Sender:
    """To one bucket; `wait_seconds` is for how many seconds a bucket that fails is waited for."""

    bucket: Bucket
    wait_seconds: float
    now: Callable[[], float]
    pause: Callable[[float], object]

    def passed(self, asked: Asked) -> Answer:
        """The bucket's answer; one that is busy, broken or out of reach is asked again."""
        tries = self._tries()
        while True:
            answer = self._sent(asked)
            if answer and answer.status not in lineage.BUSY:
                return answer
            if not tries.pause():
                return _given_up(answer)

    def write(self, key: str, headers: Mapping[str, str], body: bytes, base: Base, mark: Mark) -> Written:
        """A conditional write; what is doubtful is looked up before anything is sent again."""
        condition, tries = base.condition(), self._tries()
        conditional = True
        while True:
            answer = self._sent(Asked("PUT", key, "", {**headers, **mark.headers(), **condition}, body))
            if answer and lineage.takes_no_conditions(answer):
                condition, conditional = {}, False  # the look that follows is all that there is
            elif answer and not lineage.doubtful(base, answer):
                return Written(answer, conditional=conditional)
            verdict, found = self._judged(key, base, mark, tries)
            if verdict is Verdict.DONE:
                return Written(wire.saved((found.etag if found else None) or ""), conditional=conditional)
            if verdict is Verdict.FOREIGN:
                return Written(wire.refusal(412, "PreconditionFailed", "changed"), lineage.writer(found), conditional)
            if verdict is Verdict.EARLIER and found:
                base = Base(found.etag)
                condition = base.condition() if conditional else {}
            if verdict is Verdict.UNKNOWN:
                return Written(_given_up(answer), conditional=conditional)

    def _judged(self, key: str, base: Base, mark: Mark, tries: "_Tries") -> tuple[Verdict, Answer | None]:
        """What became of a save: looked up until the bucket tells, or until it was waited for long enough."""
        while tries.pause():
            found = self._sent(Asked("HEAD", key))
            if (verdict := lineage.judge(base, mark, found)) is not Verdict.UNKNOWN:
                return verdict, found
        return Verdict.UNKNOWN, None

    def _sent(self, asked: Asked) -> Answer | None:
        try:
            return self.bucket.ask(asked)
        except UnreachableError:
            return None

    def _tries(self) -> "_Tries":
        return _Tries(self.now() + self.wait_seconds, self.now, self.pause)


@dataclass
class _Tries:
    """Pauses between tries until a moment is over."""

    until: float
    now: Callable[[], float]
    pause_: Callable[[float], object]
    count: int = 0

    def pause(self) -> bool:
        """Whether there is time for another try, after a pause."""
        seconds = _PAUSES[min(self.count, len(_PAUSES) - 1)]
        self.count += 1
        if self.now() + seconds > self.until:
            return False
        self.pause_(seconds)
        return True


def _given_up(answer: Answer | None) -> Answer:
    """Of a status that the engine's client does not try again: it was tried for long enough."""
    said = f"it said {answer.status}" if answer else "it gave no answer"
    return wire.refusal(507, "StateBucketFails", f"the state bucket was asked for a while: {said}")
