"""The runner's contract: one request in, a journal of events, one result out (DESIGN §5).

Must never carry a secret in clear: secrets are names of files that only the run can read, and secret outputs
are sealed with the passphrase of the state.
"""

import json
from collections.abc import Callable
from typing import Any, Final, Literal, Self, get_args

from tradai_iac.base import Frozen
from tradai_iac.failure import Failure, FailureClass
from tradai_runner.contract.drift import DriftSummary
from tradai_runner.contract.request import (
    ALL_DATA,
    OTHER_PASSPHRASE,
    REQUESTS,
    Asked,
    Destroy,
    DriftCheck,
    Durability,
    Operation,
    Owner,
    Plan,
    PlanRef,
    Refresh,
    RunRequest,
    TeardownPlan,
    Unprotect,
    Update,
)

__all__ = [
    "ALL_DATA",
    "DESTRUCTIVE_SHOWN",
    "OTHER_PASSPHRASE",
    "REQUESTS",
    "Asked",
    "Destroy",
    "DriftCheck",
    "Durability",
    "Operation",
    "Owner",
    "Plan",
    "PlanRef",
    "PlanSummary",
    "PreflightResult",
    "Progress",
    "Refresh",
    "Repair",
    "ResourceCounts",
    "RunRequest",
    "RunResult",
    "TeardownPlan",
    "Unprotect",
    "Update",
]


class ResourceCounts(Frozen):
    """How many resources a run has to do with, and what became of them so far."""

    total: int = 0
    done: int = 0
    created: int = 0
    updated: int = 0
    replaced: int = 0
    deleted: int = 0
    unchanged: int = 0


class Progress(Frozen):
    """One event of the journal: where the run stands. `phase` is `starting` until the engine speaks."""

    phase: Literal["starting", "running", "finishing"]
    resources: ResourceCounts = ResourceCounts()
    current: str = ""
    at: float = 0.0


class PlanSummary(Frozen):
    """What a plan amounts to; the whole is `plan.json` beside the run's log.

    `destructive` has a sentence for each resource that is deleted, replaced or keeps less, data first, at most
    DESTRUCTIVE_SHOWN of the `destructive_total`. `data` are the names by which a deletion has to be confirmed, as many.
    """

    digest: str
    create: int = 0
    update: int = 0
    replace: int = 0
    delete: int = 0
    destructive: tuple[str, ...] = ()
    destructive_total: int = 0
    data: tuple[str, ...] = ()


#: How many destructive operations a summary spells out.
DESTRUCTIVE_SHOWN: Final = 20


class Repair(Frozen):
    """One thing that a run put right before its own work, in a sentence; `at` in seconds since the epoch."""

    at: float
    what: str
    urn: str = ""


class PreflightResult(Frozen):
    """What a pre-flight found: for which facts, whether a run may begin, a word and a sentence."""

    facts: str
    ok: bool
    reason: str
    message: str


class RunResult(Frozen):
    """How a run ended. `outputs` has no secret; `sealed` holds the secret ones, encrypted (see `seal`).

    `plan` is what a preview with `keep_plan` has found, `drift` what a look for drift has, `survey` what a pre-flight
    that was asked for has. `migrated` are the permitted migrations that the program needed, whatever became of the run.
    `untouched` is said of a run that was refused before it could leave anything anywhere.
    """

    run_id: str
    layer: str
    operation: Operation
    outcome: Literal["succeeded", "failed", "cancelled"]
    resources: ResourceCounts = ResourceCounts()
    outputs: dict[str, Any] = {}
    sealed: str = ""
    failure: Failure | None = None
    untouched: bool = False
    plan: PlanSummary | None = None
    drift: DriftSummary | None = None
    started_at: float = 0.0
    finished_at: float = 0.0
    repairs: tuple[Repair, ...] = ()
    survey: PreflightResult | None = None
    migrated: tuple[str, ...] = ()

    @classmethod
    def read(cls, text: str | bytes) -> Self:
        """What another version of the runner may have left: what this one does not know is passed over.

        A kind of failure that it does not know is Unknown. Raises pydantic's ValidationError for what is no result.
        """
        told = json.loads(text)
        failure = told.get("failure") if isinstance(told, dict) else None
        if isinstance(failure, dict) and failure.get("kind") not in get_args(FailureClass):
            failure["error"] = f"{failure.get('kind')}: {failure.get('error')}"
            failure["kind"] = "Unknown"
        return cls.model_validate_json(json.dumps(told), extra="ignore")

    def worded(self, mask: Callable[[str], str]) -> Self:
        """The same with `mask` over everything that it says in words: errors, repairs, what a plan or a look found.

        What is no word stays: names, ids, digests, and the names by which a loss is confirmed.
        """
        told = {name: mask(getattr(self.failure, name)) for name in ("error", "hint")} if self.failure else {}
        failure = self.failure.model_copy(update=told) if self.failure else None
        repairs = tuple(repair.model_copy(update={"what": mask(repair.what)}) for repair in self.repairs)
        seen = self.survey.model_copy(update={"message": mask(self.survey.message)}) if self.survey else None
        lost = {"destructive": tuple(map(mask, self.plan.destructive))} if self.plan else {}
        plan = self.plan.model_copy(update=lost) if self.plan else None
        drift = self.drift.model_copy(update={"first": tuple(map(mask, self.drift.first))}) if self.drift else None
        said = {"failure": failure, "repairs": repairs, "survey": seen, "plan": plan, "drift": drift}
        return self.model_copy(update=said)
