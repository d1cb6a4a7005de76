"""Runs one request to its end: binds the program, drives the engine, keeps the journal, says how it ended.

Must never raise for what a request or a cloud may do wrong: that is a result. One call a process.
"""

import shutil
import time
import traceback
from collections.abc import Callable, Mapping
from typing import Any, Final

from pydantic import ValidationError

from tradai_iac.blueprint import Blueprint, Layer
from tradai_iac.blueprints import BUILDABLE
from tradai_iac.failure import Failure, classify
from tradai_iac.program.binding import load_ahead
from tradai_iac.program.exports import Exports
from tradai_runner.contract import (
    Destroy,
    DriftCheck,
    Plan,
    PlanSummary,
    PreflightResult,
    Progress,
    Repair,
    RunResult,
    TeardownPlan,
    Unprotect,
    Update,
)
from tradai_runner.contract.drift import DriftSummary
from tradai_runner.engine.interrupt import Interrupt, called_off
from tradai_runner.engine.process import ask_version_ahead
from tradai_runner.engine.stack import Stack, open_stack, passphrase, salt_of
from tradai_runner.journal.local import Journal, Plain
from tradai_runner.journal.progress import short_name
from tradai_runner.journal.seal import seal
from tradai_runner.operations import Operations
from tradai_runner.planning import Planning
from tradai_runner.program import guard_of, program_of
from tradai_runner.record import Record
from tradai_runner.rollout import rolled_out
from tradai_runner.state.checkpoint import Checkpoint
from tradai_runner.state.notes import UnfitStateError
from tradai_runner.stateport.beside import Beside, way
from tradai_runner.teardown.emptying import emptied
from tradai_runner.teardown.passphrases import opening
from tradai_runner.teardown.plan import unconfirmed
from tradai_runner.teardown.protection import obstacles
from tradai_runner.upkeep import Upkeep

_EVENT_SECONDS = 0.25
#: What an engine asks for the layer's program for.
_OF_A_PROGRAM: Final = (Update, Unprotect, Plan, DriftCheck)
_HALF_DONE: Final = Failure(
    kind="Unfinished", error="a run that died left operations half done", hint="They come first."
)


class Run:
    """One request on its way; `execute` is called once."""

    def __init__(self, journal: Journal, interrupt: Interrupt) -> None:
        self._journal = Plain(journal)
        self._interrupt = interrupt
        self._request = journal.request()
        self._engine = Operations(self._request, self._journal, lambda: self._tell("running"))
        self._exports = Exports()
        self._plan: PlanSummary | None = None
        self._drift: DriftSummary | None = None
        self._started = time.time()
        self._told = 0.0
        self._repairs: tuple[Repair, ...] = ()
        self._seen: PreflightResult | None = None
        self._migrated: tuple[str, ...] = ()
        self._untouched = False

    def execute(self) -> RunResult:
        """The result, which is also the journal's last word; the log goes to the state bucket after it."""
        self._tell("starting", always=True)
        try:
            failure = self._drive()
        except KeyError as error:
            failure = Failure(kind="Config", error=str(error.args[0]), hint="Correct the request.")
        except UnfitStateError as error:
            failure = error.failure
        except ValidationError as error:
            failure = Failure(kind="Config", error=str(error), hint="Correct the layer's config in the spec.")
        except Exception as error:  # a runner that dies without a result leaves its layer in doubt
            self._journal.log(traceback.format_exc())
            failure = classify(f"{type(error).__name__}: {error}")
        self._tell("finishing", always=True)
        result = self._journal.finish(self._result(failure))
        from tradai_runner.archive import archive  # boto3 takes half a second that nobody shall wait for

        archive(self._journal, self._request, result)
        return result

    def _drive(self) -> Failure | None:
        blueprint = BUILDABLE[self._request.blueprint]
        layer = blueprint.layer(self._request.layer)
        project = blueprint.stack_project(layer.name)
        if isinstance(self._request, _OF_A_PROGRAM):
            load_ahead(blueprint, layer)
        ask_version_ahead()
        with way(self._request, project, blueprint.data_bearing) as comes_up:
            return self._preflight(project) or self._driven(blueprint, layer, comes_up)

    def _driven(self, blueprint: Blueprint, layer: Layer, comes_up: Callable[[], Beside | None]) -> Failure | None:
        """All that comes after the pre-flight; `comes_up` gives the engine's way to its state."""
        project = blueprint.stack_project(layer.name)
        record = Record(self._request, project)
        upkeep = Upkeep(self._request, project, record, self._journal.log)
        guard = guard_of(self._request, blueprint, record, upkeep, first=self._seen is not None)
        self._engine.planning = planning = Planning(self._request, blueprint, record, self._journal)
        if isinstance(self._request, TeardownPlan):
            if refused := upkeep.look():
                return refused
            if not upkeep.unsettled:
                self._plan = planning.keep_teardown()
                return None
        elif stale := planning.prepare():
            return stale
        opened = opening(self._request, project, self._journal.log)
        if isinstance(opened, Failure):
            return opened
        self._request = opened
        port, registered = comes_up(), lambda: self._engine.tally.registered()
        program = program_of(opened, blueprint, layer, registered, self._exports, guard)
        stack = open_stack(opened, project, program, planning.salt, lambda: self._interrupt.requested, port)
        self._journal.plain = port.plain if port else str
        try:
            failure = self._operated(stack, blueprint, record, upkeep, port)
        finally:
            self._repairs, self._migrated = tuple(upkeep.repairs), guard.migrated
            shutil.rmtree(stack.workspace.work_dir, ignore_errors=True)
        self._seen = guard.completed(self._seen)
        return upkeep.refused or guard.failure() or record.named(failure)

    def _operated(
        self, stack: Stack, blueprint: Blueprint, record: Record, upkeep: Upkeep, port: Beside | None
    ) -> Failure | None:
        """The operation and what has to be noted of it, once all that its engines wrote is in the bucket."""
        of_teardown = isinstance(self._request, TeardownPlan)
        failure = self._settled(stack, upkeep) if of_teardown else self._upkept(stack, record, upkeep)
        failure = (port.failure() if port else None) or failure
        failure = failure or rolled_out(self._request, record, self._started, self._journal.log, self._interrupt)
        upkeep.noted()
        if failure is None and isinstance(self._request, Destroy):
            upkeep.destroyed()
        planning = self._engine.planning
        if failure is None and planning:
            self._plan = planning.keep_teardown() if of_teardown else planning.keep(salt_of(stack))
            self._drift = self._engine.looking.keep(blueprint)
        return failure

    def _settled(self, stack: Stack, upkeep: Upkeep) -> Failure | None:
        """What is half done comes before a plan of what goes."""
        return called_off(self._interrupt) or upkeep.settle(lambda urns: self._engine.reread(stack, urns))

    def _preflight(self, project: str) -> Failure | None:
        """Why nothing may be touched, where a pre-flight is due; the engine has not been started yet."""
        request = self._request
        if not isinstance(request, Update | Plan) or not request.survey:
            return None
        from tradai_runner.guard.asking import preflight  # boto3 takes half a second that other runs do not need

        verdict = preflight(request, project, lambda: passphrase(request))
        self._seen = verdict.result(request)
        self._untouched = verdict.failure is not None
        return verdict.failure

    def _upkept(self, stack: Stack, record: Record, upkeep: Upkeep) -> Failure | None:
        """The operation; where a dead run is in the way, what it left is put right and it is done once more."""
        failure = self._attempt(stack, record, upkeep)
        if failure and failure.kind == "Lock" and not (upkeep.refused or self._interrupt.requested):
            failure = upkeep.unlock() or self._attempt(stack, record, upkeep)
        if upkeep.unsettled and not self._interrupt.requested:
            self._engine.begin_anew()
            failure = upkeep.settle(lambda urns: self._engine.reread(stack, urns)) or self._attempt(
                stack, record, upkeep
            )
        failure = self._taken_over(stack, record, upkeep, failure)
        if failure is None and upkeep.unsettled:  # nothing was attempted on what is half done
            return called_off(self._interrupt) or _HALF_DONE
        return failure

    def _taken_over(self, stack: Stack, record: Record, upkeep: Upkeep, failure: Failure | None) -> Failure | None:
        """The operation once more, where what AWS refused to make is there and ours; what was in its way otherwise."""
        if failure is None or self._request.operation != "up" or self._interrupt.requested:
            return failure
        refused = self._engine.refused_creations()
        done = upkeep.take_over(refused, lambda urns: self._engine.reread(stack, urns)) if refused else None
        if done is None or done.failure or not done.repairs:
            return (done.failure if done else None) or failure
        return self._attempt(stack, record, upkeep)

    def _attempt(self, stack: Stack, record: Record, upkeep: Upkeep) -> Failure | None:
        self._engine.begin_anew()
        if refused := called_off(self._interrupt) or upkeep.look():
            return refused
        if upkeep.unsettled:
            return None
        return (
            self._unplanned()
            or self._part(stack, record, upkeep)
            or called_off(self._interrupt)
            or self._engine.operate(stack, record, self._targets(record))
        )

    def _part(self, stack: Stack, record: Record, upkeep: Upkeep) -> Failure | None:
        """What comes before a destroy that the operator asked for: a person's word; then protections, and contents."""
        request = self._request
        if not isinstance(request, Destroy) or request.confirmed is None:
            return None
        recorded = record.get()
        if refused := _unconfirmed(request, recorded):
            return refused
        project = BUILDABLE[request.blueprint].stack_project(request.layer)
        return self._unprotect(stack, record, list(obstacles(recorded).targets)) or emptied(
            request, project, recorded, lambda: self._reconsidered(request, record, upkeep), self._journal.log
        )

    def _unprotect(self, stack: Stack, record: Record, targets: list[str]) -> Failure | None:
        if not targets:
            return None
        self._journal.log(f"taking away what refuses the deletion of {len(targets)} resources")
        failure = self._engine.operate(stack, record, targets, "up", may_create=False)
        record.again()
        if failure is None:
            self._engine.begin_anew()
        return failure

    def _reconsidered(self, request: Destroy, record: Record, upkeep: Upkeep) -> Checkpoint | Failure:
        """What stands now that nobody else can change it, or why it may not go after all."""
        record.again()
        refused = (
            called_off(self._interrupt) or upkeep.look() or self._unplanned() or _unconfirmed(request, record.get())
        )
        return refused or (_HALF_DONE if upkeep.unsettled else record.get())

    def _unplanned(self) -> Failure | None:
        """Why the update is not the one that was planned; a repair may have changed the state meanwhile."""
        planning = self._engine.planning
        return planning.prepare() if planning else None

    def _targets(self, record: Record) -> list[str] | None:
        """What the run is limited to: where it lifts a protection, the resources that have it."""
        return list(obstacles(record.get()).targets) if isinstance(self._request, Unprotect) else None

    def _tell(self, phase: Any, *, always: bool = False) -> None:
        now = time.time()
        if always or now - self._told >= _EVENT_SECONDS:
            self._told = now
            self._journal.append(
                Progress(
                    phase=phase,
                    resources=self._engine.tally.counts(),
                    current=short_name(self._engine.tally.current),
                    at=now,
                )
            )

    def _result(self, failure: Failure | None) -> RunResult:
        cancelled = failure is not None and self._interrupt.requested
        plain, secret = self._exports.split() if failure is None else ({}, {})
        return RunResult(
            run_id=self._request.run_id,
            layer=self._request.layer,
            operation=self._request.operation,
            outcome="cancelled" if cancelled else "failed" if failure else "succeeded",
            resources=self._engine.tally.counts(),
            outputs=plain,
            sealed=self._sealed(secret),
            failure=failure,
            untouched=self._untouched,
            plan=self._plan,
            drift=self._drift,
            started_at=self._started,
            finished_at=time.time(),
            repairs=self._repairs,
            survey=self._seen,
            migrated=self._migrated,
        )

    def _sealed(self, secret: Mapping[str, Any]) -> str:
        """For whoever gave the passphrase; beside a key a person gives none, and looks with `tradai infra outputs`."""
        if not secret or (self._request.kms_key and self._request.passphrase_file is None):
            return ""
        return seal(secret, passphrase(self._request))


def _unconfirmed(request: Destroy, recorded: Checkpoint) -> Failure | None:
    return unconfirmed(recorded, BUILDABLE[request.blueprint], request.confirmed)


def run(journal: Journal, interrupt: Interrupt) -> RunResult:
    """Executes the journal's request."""
    return Run(journal, interrupt).execute()
