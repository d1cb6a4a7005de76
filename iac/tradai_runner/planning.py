"""What a run has to do with a plan: a preview may leave one, an `up` may be bound to one.

A plan lies in the state bucket, beside the log of the run that made it, so that whichever host runs the update finds
it: what people read, and what binds the engine, whose content the first one names. Must never let an update begin whose
plan is gone, was altered in either of the two, or was made from another state.
"""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tradai_iac.blueprint import Blueprint
from tradai_iac.failure import Failure
from tradai_runner import contract
from tradai_runner.bucket.keys import engine_plan_key, plan_key
from tradai_runner.contract import PlanRef, PlanSummary, RunRequest
from tradai_runner.journal.local import Journal
from tradai_runner.plan.changes import Plan, Planner, ResourceChange, hashed, opened
from tradai_runner.process.writes import point
from tradai_runner.record import Record
from tradai_runner.teardown.plan import deletions, exceeds

if TYPE_CHECKING:
    from tradai_runner.bucket.store import Store

_HINT = "It is planned again automatically."


class Planning:
    """The plan of one run; `prepare` comes before the engine, `keep` after it."""

    def __init__(self, request: RunRequest, blueprint: Blueprint, record: Record, journal: Journal) -> None:
        self._request = request
        self._project = blueprint.stack_project(request.layer)
        self._record = record
        self._file = (journal.path / "update-plan.json").absolute()
        self._blueprint = blueprint
        self._mask = journal.mask
        kept = isinstance(request, contract.Plan) and request.keep_plan
        self._planner = Planner(blueprint, self._mask) if kept else None
        self.salt: str | None = None

    @property
    def options(self) -> Mapping[str, str]:
        """What the engine is told: where to leave its plan, or which one binds it."""
        bound = self._named is not None and isinstance(self._request, contract.Update)
        return {"plan": str(self._file)} if self._planner or bound else {}

    @property
    def _named(self) -> PlanRef | None:
        """The plan that binds the run."""
        return self._request.plan if isinstance(self._request, contract.Update | contract.Destroy) else None

    def begin_anew(self) -> None:
        """Forgets the events of an attempt that came to nothing."""
        if self._planner:
            self._planner = Planner(self._blueprint, self._mask)

    def observe(self, event: Any) -> None:
        """Takes one engine event."""
        if self._planner:
            self._planner.observe(event)

    def prepare(self) -> Failure | None:
        """Fetches the plan that the request names; says why the update may not begin.

        Raises botocore's ClientError and connection errors.
        """
        named = self._named
        if named is None:
            return None
        store = self._store()
        body = _read(store, plan_key(self._project, self._request.environment, named.run_id))
        if body is None:
            return _missing(named)
        plan = opened(body)
        if plan is None or plan.digest != named.digest:
            return _altered(named)
        if isinstance(self._request, contract.Destroy):  # the engine takes no plan for it, so the state decides
            return exceeds(plan, self._record.get(), self._blueprint)
        bound = _read(store, engine_plan_key(self._project, self._request.environment, named.run_id))
        if failure := _unbound(plan, bound, named) or self._stale(plan):
            return failure
        self._bind(json.loads(bound or b""))
        return None

    def _stale(self, plan: Plan) -> Failure | None:
        if plan.state_version == self._record.get().version:
            return None
        return Failure(kind="Plan", error=f"the state has changed since run {plan.run_id} planned", hint=_HINT)

    def _bind(self, kept: Mapping[str, Any]) -> None:
        """Lays the plan where the engine is told to look for it."""
        self.salt = kept["salt"]
        with point("journal.plan"):
            self._file.touch(mode=0o600)
            self._file.write_text(json.dumps(kept["plan"]))

    def keep_teardown(self) -> PlanSummary:
        """Leaves the plan of a destroy in the bucket; raises botocore's ClientError and connection errors."""
        checkpoint = self._record.get()
        return self._leave(self._plan(checkpoint.version, deletions(checkpoint, self._blueprint)), None)

    def keep(self, salt: str | None) -> PlanSummary | None:
        """Leaves the plan in the bucket and says what it amounts to, None for a run that makes none.

        Raises botocore's ClientError and connection errors.
        """
        if self._planner is None:
            return None
        bound = json.dumps({"salt": salt, "plan": json.loads(self._file.read_text())}).encode()
        return self._leave(self._plan(self._record.get().version, self._planner.changes(), hashed(bound)), bound)

    def _plan(self, version: str, changes: tuple[ResourceChange, ...], binds: str = "") -> Plan:
        request = self._request
        return Plan(
            run_id=request.run_id,
            layer=request.layer,
            environment=request.environment,
            state_version=version,
            binds=binds,
            changes=changes,
        )

    def _leave(self, plan: Plan, bound: bytes | None) -> PlanSummary:
        """`bound` is what binds the engine, None where the engine takes no plan."""
        request, store = self._request, self._store()
        if store is not None and bound is not None:
            store.put(engine_plan_key(self._project, request.environment, request.run_id), bound)
        if store is not None:
            store.put(plan_key(self._project, request.environment, request.run_id), plan.model_dump_json().encode())
        with point("journal.plan"):
            (self._file.parent / "plan.json").write_text(plan.model_dump_json(indent=1))
        return plan.summary()

    def _store(self) -> "Store | None":
        from tradai_runner.bucket.store import open_store  # boto3 takes half a second that other runs do not need

        return open_store(self._request.backend_url, self._request.region, self._request.endpoint_url)


def _read(store: "Store | None", key: str) -> bytes | None:
    return store.get(key) if store is not None else None


def _missing(named: PlanRef) -> Failure:
    return Failure(kind="Plan", error=f"the plan of run {named.run_id} is not in the state bucket", hint=_HINT)


def _altered(named: PlanRef) -> Failure:
    return Failure(kind="Plan", error=f"the plan of run {named.run_id} is not what it was", hint=_HINT)


def _unbound(plan: Plan, bound: bytes | None, named: PlanRef) -> Failure | None:
    """Why that would not hold the engine to what was approved."""
    if bound is None:
        return _missing(named)
    if not plan.binds:  # as versions before this one left it
        error = f"the plan of run {named.run_id} does not name what binds the engine: another version made it"
        return Failure(kind="Plan", error=error, hint=_HINT)
    return None if hashed(bound) == plan.binds else _altered(named)
