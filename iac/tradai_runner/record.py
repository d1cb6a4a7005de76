"""What the state bucket has of the stack that a run is about to work on, read beside the engine's own start.

Must never make a run wait: it reads in a thread of its own, and whoever needs the answer asks for it late.
"""

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tradai_iac.failure import Failure
from tradai_runner.bucket.keys import state_key
from tradai_runner.contract import Owner, RunRequest
from tradai_runner.state.checkpoint import Checkpoint, empty_state
from tradai_runner.state.missing import ABSENT, OF_THE_STATE, Stack
from tradai_runner.state.notes import UnfitStateError

if TYPE_CHECKING:
    from tradai_runner.bucket.store import Store


@dataclass(frozen=True)
class Standing:
    """The state, whose it is, and whether a repair of it, or a run that writes it, was begun and not ended.

    `failure` says why the state is none to work on; without one, `found` tells a state from a stack that is new.
    """

    checkpoint: Checkpoint = field(default_factory=Checkpoint)
    owner: Owner | None = None
    half_repaired: bool = False
    failure: Failure | None = None
    found: bool = False
    digest: str = ABSENT

    @property
    def unsettled(self) -> bool:
        """Whether a dead run left something half done."""
        return self.half_repaired or bool(self.checkpoint.interrupted)


class Record:
    """What the bucket has of one stack; begins to read at once."""

    def __init__(self, request: RunRequest, project: str) -> None:
        self._request = request
        self._project = project
        self._store: Store | None = None
        self._answer: Future[Standing] = Future()
        self.again()

    def again(self) -> None:
        """Reads anew, because another run may have written since."""
        self._answer = self._begin()

    def standing(self) -> Standing:
        """All of it; raises botocore's ClientError and connection errors."""
        return self._answer.result()

    def get(self) -> Checkpoint:
        """The state alone, an empty one of a stack that is new; raises UnfitStateError, and as `standing`."""
        standing = self.standing()
        if standing.failure:
            raise UnfitStateError(standing.failure)
        return standing.checkpoint

    def seems_new(self) -> bool:
        """Whether there was no state when the run looked, so that an engine need not be asked; raises as `get`."""
        self.get()
        return self._store is not None and not self.standing().found

    def make(self) -> None:
        """Makes the stack, where nobody has meanwhile: as `pulumi stack init` does, without an engine's start.

        Raises botocore's ClientError and connection errors.
        """
        from tradai_runner.state.traces import read_mark, write_mark  # as below

        store, stack = self._store, Stack(self._project, self._request.environment)
        assert store is not None  # noqa: S101 - `seems_new` was asked
        if read_mark(store, stack) is None:  # nobody shall take a state without anything in it for one that was lost
            write_mark(store, stack, stands=False)
        store.create(state_key(stack.project, stack.name), empty_state(stack.project, stack.name))

    def is_new(self) -> bool:
        """Whether the stack was never made, asked anew because the engine does not find it; raises as `get`."""
        self.again()
        self.get()
        return not self.standing().found

    def named(self, failure: Failure | None) -> Failure | None:
        """The failure with what it is about: the state file, or what of others stands in the way in AWS."""
        if failure is None or failure.state:
            return failure
        if failure.kind == "Conflict":
            return self._explained(failure)
        if failure.kind not in OF_THE_STATE:
            return failure
        self.again()
        return failure.model_copy(update={"state": self.standing().digest})

    def _explained(self, failure: Failure) -> Failure:
        from botocore.exceptions import BotoCoreError, ClientError

        from tradai_runner.repair.clients import clients_for
        from tradai_runner.repair.foreign import explained  # as below

        self.again()
        try:
            resources = self.standing().checkpoint.resources
        except (ClientError, BotoCoreError):  # what AWS said is told all the same
            return failure
        return explained(failure, resources, lambda: clients_for(self._request))

    def fence(self) -> int:
        """The highest term shown for the stack, asked anew; raises as `standing`."""
        from tradai_runner.lock.fence import newest  # as below

        self.standing()
        return newest(self._store, self._project, self._request) if self._store else 0

    def _begin(self) -> Future[Standing]:
        worker = ThreadPoolExecutor(1, thread_name_prefix="record")
        answer = worker.submit(self._read)
        worker.shutdown(wait=False)
        return answer

    def _read(self) -> Standing:
        from tradai_runner.bucket.store import store_of
        from tradai_runner.guard.location import moved
        from tradai_runner.lock.fence import show
        from tradai_runner.repair.intent import read_intent
        from tradai_runner.repair.opened import opened_runs
        from tradai_runner.state.owner import read_owner, refusal  # boto3 loads while the engine starts
        from tradai_runner.state.reading import read_stack

        request = self._request
        self._store = store = store_of(request)
        if store is None:
            return Standing()
        stack = request.environment
        owner = read_owner(store, self._project, stack)
        if request.operation != "preview" and refusal(request, owner) is None:
            show(store, self._project, request)
        reading = read_stack(store, Stack(self._project, stack), known=request.stood)
        if reading.failure:
            return Standing(owner=owner, failure=reading.failure, digest=reading.digest)
        if request.operation == "up" and moved(request, reading.checkpoint, owner) is None:
            self._claim(store, owner, new=not reading.found)
        half_repaired = read_intent(store, self._project, stack) is not None or bool(
            opened_runs(store, self._project, stack)
        )
        return Standing(reading.checkpoint, owner, half_repaired, found=reading.found, digest=reading.digest)

    def _claim(self, store: "Store", owner: Owner | None, *, new: bool) -> None:
        """Whose it is says nothing of whether it stands: that it does not yet is noted before."""
        from tradai_runner.state.owner import claim  # as above
        from tradai_runner.state.traces import read_mark, write_mark

        stack = Stack(self._project, self._request.environment)
        if new and owner is None and read_mark(store, stack) is None:
            write_mark(store, stack, stands=False)
        claim(store, self._project, self._request, owner)
