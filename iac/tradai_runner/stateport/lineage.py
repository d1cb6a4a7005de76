"""Whether a state may be written, and whether it was: decided from what this engine has read and written itself.

Each save names the state that it replaces, so that a bucket takes it only from whoever knows the newest. An answer that
did not come, or that refuses, is judged by what the bucket has then. Pure. Must never send again over a state that
nobody has read.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from tradai_runner.stateport.wire import Answer

#: Metadata of each state: whose it is, and the how manieth of that run.
RUN: Final = "x-amz-meta-tradai-run"
SEQUENCE: Final = "x-amz-meta-tradai-seq"

#: AWS is busy or broke: it is asked again. Of a save this leaves open whether it was written, as do a time-out and
#: somebody who was faster: that has to be looked up.
BUSY: Final = frozenset({429, 500, 502, 503, 504})
_DOUBTFUL: Final = BUSY | {408, 409, 412}
_NO_CONDITIONS: Final = 501
NOT_FOUND: Final = 404


@dataclass(frozen=True)
class Base:
    """The state that a save replaces: its ETag, None where there is none yet."""

    etag: str | None

    def condition(self) -> dict[str, str]:
        """The header that demands it."""
        return {"if-none-match": "*"} if self.etag is None else {"if-match": self.etag}


@dataclass(frozen=True)
class Mark:
    """One save: its run, and the how manieth it is of all that this port has sent.

    `confirmed` is the last one of which the bucket has said that it is there: what was sent since was given up, and may
    have arrived.
    """

    run: str
    sequence: int
    confirmed: int

    def headers(self) -> dict[str, str]:
        """Its metadata."""
        return {RUN: self.run, SEQUENCE: str(self.sequence)}

    def made(self, found: Answer) -> bool:
        """Whether what the bucket has is this very save."""
        return found.done and (found.headers.get(RUN), found.headers.get(SEQUENCE)) == (self.run, str(self.sequence))

    def gave_up(self, found: Answer) -> bool:
        """Whether what the bucket has is a save that was given up before this one, and had arrived after all."""
        given_up = map(str, range(self.confirmed + 1, self.sequence))
        return found.done and found.headers.get(RUN) == self.run and found.headers.get(SEQUENCE, "") in given_up


class Verdict(Enum):
    """What became of a save."""

    DONE = "it is in the bucket"
    AGAIN = "it is not, and what it replaces still is: it may be sent again"
    EARLIER = "an earlier one is, which was given up: it may be sent over that one"
    FOREIGN = "somebody else has written the state"
    UNKNOWN = "the bucket cannot tell just now"


def doubtful(base: Base, answer: Answer | None) -> bool:
    """Whether an answer to a save, None where none came, leaves open whether it was written, or is somebody's doing.

    Of a state that was removed AWS says that there is none to replace.
    """
    removed = base.etag is not None and answer is not None and answer.status == NOT_FOUND
    return answer is None or answer.status in _DOUBTFUL or removed


def takes_no_conditions(answer: Answer) -> bool:
    """Whether the bucket does not know conditional writes."""
    return answer.status == _NO_CONDITIONS


def judge(base: Base, mark: Mark, found: Answer | None) -> Verdict:
    """What a look at the state says of a save that was doubtful; `found` is None where no answer came."""
    if found is None or (not found.done and found.status != NOT_FOUND):
        return Verdict.UNKNOWN
    if mark.made(found):
        return Verdict.DONE
    if mark.gave_up(found):
        return Verdict.EARLIER
    return Verdict.AGAIN if base.etag == (found.etag if found.done else None) else Verdict.FOREIGN


def writer(found: Answer | None) -> str:
    """Who wrote what is there, in words."""
    if found is None or not found.done:
        return "the state was removed"
    if run := found.headers.get(RUN):
        return f"run {run} has written it"
    return "somebody wrote it without a run of ours: by hand, with a plain `pulumi`"
