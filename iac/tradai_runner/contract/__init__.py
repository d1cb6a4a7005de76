"""The runner's contract: one request in, a journal of events, one result out (DESIGN §5).

Must never carry a secret in clear: secrets are names of files that only the run can read, and secret outputs
are sealed with the passphrase of the state.
"""

from collections.abc import Callable
from typing import Any, Final, Literal, Self

from pydantic import ConfigDict, model_validator

from tradai_iac.base import Frozen
from tradai_iac.failure import Failure
from tradai_runner.contract.drift import DriftLook, DriftSummary

Operation = Literal["up", "preview", "refresh", "destroy"]


class PlanRef(Frozen):
    """A plan that was made before: the id of its preview run, and the digest of its content."""

    run_id: str
    digest: str


class Owner(Frozen):
    """Whose a stack is: the cluster (uid of its namespace kube-system), and the resource (`namespace/name`, uid).

    Beside that, where it stands and the guards last in force, by the paths of the spec: a resource that is made anew is
    held to them. Markers of versions before have none of it (None, not no guards), those of later ones perhaps more.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    cluster: str
    resource: str
    uid: str
    account: str = ""
    region: str = ""
    blueprint: str = ""
    guards: dict[str, str] | None = None


#: What of a state is in its bucket before the engine goes on: all, or all that begins.
Durability = Literal["Sync", "Group"]


class RunRequest(Frozen):
    """Everything that one layer run needs to know; nothing in it is secret.

    `config` is the layer's configuration as people spell it (camelCase); `secret_files` maps a secret's name to
    the file that holds its value; `passphrase_file` may be absent where PULUMI_CONFIG_PASSPHRASE is set; `images` maps
    the component name of each image that the layer runs to its digest.

    `lift_protection` (of `up` only) takes away just what refuses a deletion, and touches nothing else; `migrations`
    names the changes to immutable values that are permitted (see `config.immutable`).

    `keep_plan` (of `preview` only) leaves a plan that `plan` (of `up` only) names later: the run then does what was
    planned or fails. `only_if_new` (of `up` only) permits nothing but the first creation of the stack.
    `unknown` (of `preview` only) are upstream layers whose outputs are taken as unknown, for they are not there yet.
    `teardown` makes a `preview` one of the destroy, from the state alone; a `destroy` that names its `plan` takes
    nothing that is not in it. `confirmed` (of `destroy` only) names what may go with its data, None by hand.
    `owner` is who asks, absent where a person does by hand; `handover` is the uid of the owner that it is taken over
    from; `owned_only` wants the marker to name the asker, where without one it would be nobody's; `fence` is the term
    of the leadership that asks, 0 where a person does; `clear_pending` are URNs whose interrupted creation a person
    gives up (see `repair`).
    `refresh` (of `up` and `preview`) reads what is really there before it compares; `drift` (of `preview` only, without
    `keep_plan`) looks for drift and leaves a report. `kept_runs` is how many runs leave something in the state bucket
    (see `retention`). `survey` names the facts that a pre-flight is due for before anything is touched; empty where
    that was done. `stood` says that whoever asks knows that the stack stood: without a state it is then no new one.
    `durability` is what of the state has to be in the bucket before the engine goes on.
    """

    run_id: str
    blueprint: str = "tradai"
    layer: str
    environment: str
    operation: Operation
    account_id: str
    region: str
    endpoint_url: str | None = None
    assume_role_arn: str | None = None
    external_id: str | None = None
    backend_url: str
    config: dict[str, Any] = {}
    passphrase_file: str | None = None
    secret_files: dict[str, str] = {}
    images: dict[str, str] = {}
    lift_protection: bool = False
    migrations: tuple[str, ...] = ()
    keep_plan: bool = False
    plan: PlanRef | None = None
    only_if_new: bool = False
    unknown: tuple[str, ...] = ()
    teardown: bool = False
    confirmed: tuple[str, ...] | None = None
    owner: Owner | None = None
    handover: str | None = None
    fence: int = 0
    clear_pending: tuple[str, ...] = ()
    owned_only: bool = False
    survey: str = ""
    refresh: bool = False
    kept_runs: int = 50
    drift: DriftLook | None = None
    stood: bool = False
    durability: Durability = "Sync"

    @model_validator(mode="after")
    def _lifts_only_by_an_update(self) -> Self:
        if self.lift_protection and self.operation != "up":
            raise ValueError("lift_protection goes with operation up")
        return self

    @model_validator(mode="after")
    def _plans_are_made_by_previews_and_bind_what_they_plan(self) -> Self:
        if self.keep_plan and self.operation != "preview":
            raise ValueError("keep_plan goes with operation preview")
        if self.only_if_new and self.operation != "up":
            raise ValueError("only_if_new goes with operation up")
        if self.plan and self.operation not in {"up", "destroy"}:
            raise ValueError("plan goes with operation up or destroy")
        if self.unknown and self.operation != "preview":
            raise ValueError("unknown goes with operation preview")
        if self.teardown and not self.keep_plan:
            raise ValueError("teardown goes with operation preview and keep_plan")
        if self.confirmed is not None and self.operation != "destroy":
            raise ValueError("confirmed goes with operation destroy")
        return self

    @model_validator(mode="after")
    def _reads_anew_where_that_is_not_all(self) -> Self:
        if self.refresh and self.operation not in {"up", "preview"}:
            raise ValueError("refresh goes with operations up and preview")
        if self.drift and (self.operation != "preview" or self.keep_plan):
            raise ValueError("drift goes with operation preview, without keep_plan")
        return self


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


#: How the names of secrets begin that are other passphrases, of which a destroy takes the one that opens the state.
OTHER_PASSPHRASE: Final = "other-passphrase"  # noqa: S105 - a name
#: Stands for every resource that bears data: all of them were confirmed at once.
ALL_DATA: Final = "*"
#: How many destructive operations a summary spells out.
DESTRUCTIVE_SHOWN: Final = 20


class Repair(Frozen):
    """One thing that a run put right before its own work, in a sentence; `at` in seconds since the epoch."""

    at: float
    what: str
    urn: str = ""


class Survey(Frozen):
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
    survey: Survey | None = None
    migrated: tuple[str, ...] = ()

    def worded(self, mask: Callable[[str], str]) -> Self:
        """The same with `mask` over everything that it says in words of others: errors and repairs."""
        told = {name: mask(getattr(self.failure, name)) for name in ("error", "hint")} if self.failure else {}
        failure = self.failure.model_copy(update=told) if self.failure else None
        repairs = tuple(repair.model_copy(update={"what": mask(repair.what)}) for repair in self.repairs)
        seen = self.survey.model_copy(update={"message": mask(self.survey.message)}) if self.survey else None
        return self.model_copy(update={"failure": failure, "repairs": repairs, "survey": seen})
