"""What the state bucket has of the stack that a run is about to work on, read beside the engine's own start.

Must never make a run wait: it reads in a thread of its own, and whoever needs the answer asks for it late.
"""

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tradai_iac.runner.checkpoint import Checkpoint, read_checkpoint
from tradai_iac.runner.contract import Owner, RunRequest

if TYPE_CHECKING:
    from tradai_iac.runner.store import Store


@dataclass(frozen=True)
class Standing:
    """The state, whose it is, and whether a repair of it was begun and not ended."""

    checkpoint: Checkpoint = field(default_factory=Checkpoint)
    owner: Owner | None = None
    half_repaired: bool = False

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
        """All of it, nothing where there is no stack yet; raises botocore's ClientError and connection errors."""
        return self._answer.result()

    def get(self) -> Checkpoint:
        """The state alone."""
        return self.standing().checkpoint

    def fence(self) -> int:
        """The highest term shown for the stack, asked anew; raises as `standing`."""
        from tradai_iac.runner.fence import newest  # as below

        self.standing()
        return newest(self._store, self._project, self._request) if self._store else 0

    def _begin(self) -> Future[Standing]:
        worker = ThreadPoolExecutor(1, thread_name_prefix="record")
        answer = worker.submit(self._read)
        worker.shutdown(wait=False)
        return answer

    def _read(self) -> Standing:
        from tradai_iac.runner.fence import show
        from tradai_iac.runner.owner import claim, read_owner, refusal  # boto3 loads while the engine starts
        from tradai_iac.runner.place import moved
        from tradai_iac.runner.repair.intent import read_intent
        from tradai_iac.runner.store import store_of

        request = self._request
        self._store = store = store_of(request)
        if store is None:
            return Standing()
        stack = request.environment
        owner = read_owner(store, self._project, stack)
        if request.operation != "preview" and refusal(request, owner) is None:
            show(store, self._project, request)
        found = read_checkpoint(store, self._project, stack) or Checkpoint()
        if request.operation == "up" and moved(request, found, owner) is None:
            claim(store, self._project, request, owner)
        return Standing(found, owner, read_intent(store, self._project, stack) is not None)
