"""Whether a stack whose state is not there has stood: what is left of it elsewhere, and what is said of a loss.

Pure: traces in, a failure or nothing out. Must never take silence for a no where anything says that it stood, nor hold
a stack for lost that no run has ever made.
"""

from dataclasses import dataclass
from typing import Final

from tradai_iac.failure import Failure
from tradai_runner.bucket.keys import history_prefix, owner_key, repair_key, state_key, stood_key

#: What names a state that is not there, where one is told from another by the digest of its file.
ABSENT: Final = "absent"
#: The kinds of failure that only another state mends: nothing is tried again before its file is another one.
OF_THE_STATE: Final = frozenset({"StateGone", "StateDamaged"})


@dataclass(frozen=True)
class Stack:
    """Which stack of which environment: the Pulumi project is `<system>-<layer>`."""

    project: str
    name: str

    @property
    def system(self) -> str:
        """The system that it belongs to, `tradai` for instance."""
        return self.project.rpartition("-")[0]

    @property
    def layer(self) -> str:
        """The layer that it is."""
        return self.project.rpartition("-")[2]


@dataclass(frozen=True)
class Traces:
    """What is left of a stack beside its state.

    `known`: whoever asks knows that it stood, from the status of a resource for instance. `mark` is what our own runs
    have noted: that it stands (True), that it does not yet or no more (False), or nothing at all, as runs of earlier
    versions did (None). `copies` are the engine's own copies that have resources or cannot be read; `mending` a repair
    that was begun; `owned` that it is somebody's; `history` that it was part of an environment that was Ready;
    `packed` that a person's engine keeps the state compressed, where ours does not look.
    """

    known: bool = False
    mark: bool | None = None
    copies: tuple[str, ...] = ()
    mending: bool = False
    owned: bool = False
    history: bool = False
    packed: bool = False


def gone(stack: Stack, traces: Traces, digest: str = ABSENT) -> Failure | None:
    """Why a stack without a state is none to begin anew; None where nothing says that it ever stood.

    `digest` is of a state file that is there, and into which nothing was ever saved.
    """
    if traces.packed:
        return _packed(stack, digest)
    if not (found := _told(stack, traces)):
        return None
    places = [key for _, key in found if key]
    removal = f" If nothing of it stands in AWS any more, remove {', '.join(places)}." if places else ""
    return Failure(
        kind="StateGone",
        error=f"the state of this stack is gone: {state_key(stack.project, stack.name)} "
        f"{'is not in the state bucket' if digest == ABSENT else 'is an empty one'}, "
        f"and yet {' and '.join(text for text, _ in found)}",
        hint=f"Nothing was touched. {way_back(stack)}{removal} To give up what stands, annotate the resource with "
        f"tradai.io/abandon={stack.name}.",
        state=digest,
    )


def way_back(stack: Stack) -> str:
    """How a state is had back, for people."""
    return (
        f"Put the state back: `tradai state list {stack.name} {stack.layer}` and `tradai state restore {stack.name} "
        f"{stack.layer} COPY`, or an older version of that object in the state bucket (`aws s3api "
        f"list-object-versions --prefix {state_key(stack.project, stack.name)}`); it goes on by itself then."
    )


def _packed(stack: Stack, digest: str) -> Failure:
    key = state_key(stack.project, stack.name)
    return Failure(
        kind="StateGone",
        error=f"the state of this stack is gone: {key} is not in the state bucket, and {key}.gz is",
        hint="Nothing was touched. Somebody's engine compresses states: unset PULUMI_DIY_BACKEND_GZIP there, and put "
        f"the state back uncompressed as {key}; it goes on by itself then.",
        state=digest,
    )


def _told(stack: Stack, traces: Traces) -> list[tuple[str, str]]:
    """Each thing that says so, in words, and where it lies in the bucket.

    What outlives a destroy (whose it is, what the environment was) counts only where our runs have noted nothing.
    """
    at = (stack.project, stack.name)
    old = traces.mark is None
    rows = (
        (traces.known, "the resource says that it stood", ""),
        (traces.mark is True, "a run noted that it stands", stood_key(*at)),
        (bool(traces.copies), "the engine's own copy has resources", ", ".join(traces.copies)),
        (traces.mending, "a repair of it was begun", repair_key(*at)),
        (old and traces.owned, "it belongs to somebody", owner_key(*at)),
        (old and traces.history, "it was Ready once", history_prefix(stack.system, stack.name)),
    )
    return [(text, key) for says, text, key in rows if says]
