"""A stack as the state bucket has it: what stands, that it is new, or why nothing may be done with it.

The only way to a state that decides anything: who reads an absence here as "nothing stands" has the evidence for it.
Must never write, and never raise for what a state file may look like.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from tradai_iac.failure import Failure
from tradai_runner.bucket.keys import state_key
from tradai_runner.state.checkpoint import Checkpoint, parse_checkpoint
from tradai_runner.state.integrity import Flaw, UnreadableError, flaw
from tradai_runner.state.missing import ABSENT, Stack, gone, way_back
from tradai_runner.state.traces import find

if TYPE_CHECKING:
    from tradai_runner.bucket.store import Store


@dataclass(frozen=True)
class Reading:
    """One look at one stack; `failure` says why its state is none to work on.

    Without a failure, `found` tells a state that is there from a stack that was never made. `digest` tells one state
    file from another; `body` is the file's JSON.
    """

    checkpoint: Checkpoint = field(default_factory=Checkpoint)
    failure: Failure | None = None
    digest: str = ABSENT
    body: Mapping[str, Any] = field(default_factory=dict)

    @property
    def found(self) -> bool:
        """Whether there is a state file."""
        return self.digest != ABSENT

    @property
    def stands(self) -> bool:
        """Whether anything in AWS belongs to it, or may after a run that died."""
        return self.checkpoint.stands or bool(self.checkpoint.interrupted)


def read_stack(store: "Store", stack: Stack, *, known: bool = False) -> Reading:
    """The stack as it is now; `known` says that whoever asks knows that it stood.

    Raises botocore's ClientError and connection errors: what was not answered is not known.
    """
    body = store.get(state_key(stack.project, stack.name))
    if body is None:
        return Reading(failure=gone(stack, find(store, stack, known=known)))
    reading = parse_state(body, stack)
    if reading.failure or _was_saved_into(reading.body):
        return reading
    lost = gone(stack, find(store, stack, known=known), reading.digest)
    return replace(reading, failure=lost)


def _was_saved_into(body: Mapping[str, Any]) -> bool:
    """Whether an engine has ever saved anything, if only that all is destroyed; a stack that was just made has not."""
    return bool((body["checkpoint"].get("latest") or {}).get("manifest"))


def parse_state(body: bytes, stack: Stack) -> Reading:
    """What a state file says; one that the engine could not work on is a failure."""
    digest = hashlib.sha256(body).hexdigest()[:16]
    try:
        parsed = json.loads(body)
        if found := flaw(parsed):
            return Reading(failure=_damaged(stack, digest, found), digest=digest)
        return Reading(parse_checkpoint(parsed), None, digest, parsed)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        why = str(error) if isinstance(error, UnreadableError) else f"it cannot be read ({type(error).__name__})"
        return Reading(failure=_damaged(stack, digest, Flaw("", why, "")), digest=digest)


def _damaged(stack: Stack, digest: str, found: Flaw) -> Failure:
    subject = f"{found.urn}: " if found.urn else ""
    by_hand = f"{found.repair} By hand: `pulumi stack export`, mend, `pulumi stack import`. " if found.repair else ""
    return Failure(
        kind="StateDamaged",
        error=f"the state file {state_key(stack.project, stack.name)} is damaged: {subject}{found.what}",
        urn=found.urn,
        hint=f"Nothing was touched, and nothing is tried before the state is another. {by_hand}{way_back(stack)}",
        state=digest,
    )
