"""What a run looks at before it touches anything: whose the stack is, locks of the dead, work left half done.

What runs a program is asked in the guard, once that is through, so that looking costs no time of its own. Must never
let a run go on with a stack that is another's, stands elsewhere or is half repaired.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tradai_iac.failure import Failure
from tradai_runner.contract import Destroy, DriftCheck, Plan, Refresh, Repair, RunRequest, TeardownPlan
from tradai_runner.lock.registry import RunRegistry
from tradai_runner.record import Record, Standing
from tradai_runner.state.checkpoint import Interrupted
from tradai_runner.state.kms import opened_otherwise
from tradai_runner.state.missing import Stack
from tradai_runner.state.reading import read_stack

if TYPE_CHECKING:
    from tradai_runner.repair.settle import Settled, Settler


class Upkeep:
    """One run's; `repairs` is what was put right."""

    def __init__(self, request: RunRequest, project: str, record: Record, log: Callable[[str], None]) -> None:
        self._request = request
        self._project = project
        self._record = record
        self._log = log
        self._settled = False
        self._seen: tuple[Interrupted, ...] = ()
        self.repairs: list[Repair] = []
        self.refused: Failure | None = None
        self.unsettled = False
        self.registry = RunRegistry.of(request.backend_url, project, request.environment, request.endpoint_url)

    def unfit(self) -> str | None:
        """Why nothing may be registered now; None where all is well. Raises botocore's errors."""
        self.refused = self.displaced()
        if self.refused:
            return self.refused.error
        from tradai_runner.lock import fence
        from tradai_runner.state.owner import refusal, warning  # boto3 loads while the engine starts

        standing = self._record.standing()
        anothers = refusal(self._request, standing.owner)
        if isinstance(self._request, Plan | DriftCheck):
            return None if anothers else self._half_done(standing)  # whoever only looks puts nothing right for others
        self.refused = anothers or standing.failure or fence.refusal(self._request, self._record.fence())
        if self.refused:
            return self.refused.error
        if said := warning(self._request, standing.owner):
            self._log(said)
        if self._request.operation == "up":  # nothing else claims
            self._note_handover(standing)
        return self._half_done(standing)

    def _half_done(self, standing: Standing) -> str | None:
        """That a run left something, which also a plan and a look for drift come after."""
        self.unsettled = standing.unsettled and not self._settled
        self._seen = standing.checkpoint.interrupted
        return "a run that died left operations half done; they are settled first" if self.unsettled else None

    def displaced(self) -> Failure | None:
        """Why the stack is not one of the account and region that the run is for; raises botocore's errors."""
        from tradai_runner.guard.location import moved

        standing = self._record.standing()
        return moved(self._request, standing.checkpoint, standing.owner)

    def look(self) -> Failure | None:
        """The same ahead of an operation that runs no program; ahead of every one, whether its state is one to open."""
        programless = isinstance(self._request, TeardownPlan | Refresh | Destroy)  # others' guards ask
        standing = self._record.standing()
        if programless or standing.failure or opened_otherwise(self._request, standing.checkpoint):
            self.unfit()
        self.refused = self.refused or standing.failure
        return self.refused

    def noted(self) -> None:
        """Something of the stack stands now: a loss of its state is told from a first run by this."""
        from botocore.exceptions import BotoCoreError, ClientError  # as above

        from tradai_runner.bucket.store import store_of
        from tradai_runner.state.traces import read_mark, write_mark

        store, stack = store_of(self._request), Stack(self._project, self._request.environment)
        if self._request.operation != "up" or self.refused or store is None:
            return
        try:
            if read_mark(store, stack) is not True and read_stack(store, stack).stands:
                write_mark(store, stack, stands=True)
        except (ClientError, BotoCoreError) as error:  # the next run notes it
            self._log(f"that the stack stands could not be noted: {error}")

    def settle(self, refresh: Callable[[list[str]], Failure | None]) -> Failure | None:
        """Repairs what is half done; raises botocore's errors only for what comes before the stack is held."""
        settler = self._settler()
        if settler is None:
            return None
        done = settler.settle(refresh)
        self._note(*done.repairs)
        self._settled, self.unsettled = True, False
        self._record.again()
        return done.failure

    def take_over(
        self, creations: Sequence[Mapping[str, Any]], refresh: Callable[[list[str]], Failure | None]
    ) -> "Settled | None":
        """Takes what AWS has of refused creations into the state, where this stack made it; raises as `settle`."""
        settler = self._settler()
        if settler is None:
            return None
        done = settler.take_over(creations, refresh)
        self._note(*done.repairs)
        self._record.again()
        return done

    def _settler(self) -> "Settler | None":
        from tradai_runner.bucket.store import store_of
        from tradai_runner.repair.clients import clients_for  # as above
        from tradai_runner.repair.settle import Settler

        request = self._request
        store = store_of(request)
        if store is None:
            return None
        return Settler(
            request, self._project, store, self.registry, lambda: clients_for(request), time.time, self._seen
        )

    def unlock(self) -> Failure | None:
        """None once every lock was a dead one of ours and is gone, else who holds the stack."""
        from tradai_runner.bucket.store import store_of
        from tradai_runner.lock.stack import refusal, remove_dead  # as above

        request = self._request
        store = store_of(request)
        if store is None:
            return Failure(kind="Lock", error="the stack is locked", hint="Wait, or remove the dead lock file.")
        removed, standing = remove_dead(store, self._project, request.environment, self.registry)
        self._note(*(Repair(at=time.time(), what=f"removed the lock of a run that died: {lock}") for lock in removed))
        self._record.again()
        return refusal(standing) if standing else None

    def destroyed(self) -> None:
        """Nothing of the stack is left: it is nobody's any more. Raises botocore's errors."""
        from tradai_runner.bucket.store import store_of
        from tradai_runner.state.owner import disown  # as above
        from tradai_runner.state.traces import read_mark, write_mark

        if store := store_of(self._request):
            stack = Stack(self._project, self._request.environment)
            if read_mark(store, stack):
                write_mark(store, stack, stands=False)
            disown(store, self._project, self._request)

    def _note_handover(self, standing: Standing) -> None:
        before, now = standing.owner, self._request.owner
        if before and now and (before.cluster, before.resource) != (now.cluster, now.resource):
            self._note(Repair(at=time.time(), what=f"taken over from {before.resource} of cluster {before.cluster}"))

    def _note(self, *repairs: Repair) -> None:
        for repair in repairs:
            self._log(f"repair: {repair.what}")
        self.repairs += repairs
