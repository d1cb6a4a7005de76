"""Runs one request to its end: binds the program, drives the engine, keeps the journal, says how it ended.

Must never raise for what a request or a cloud may do wrong: that is a result. One call a process.
"""

import shutil
import time
import traceback
from collections.abc import Callable
from typing import Any

from pulumi import automation as auto
from pydantic import ValidationError

from tradai_iac.blueprint import Blueprint, Layer
from tradai_iac.blueprints import BLUEPRINTS
from tradai_iac.runner.checkpoint import Checkpoint
from tradai_iac.runner.contextual import build_context
from tradai_iac.runner.contract import Failure, Operation, PlanSummary, Progress, Repair, RunResult, Survey
from tradai_iac.runner.drift.contract import DriftSummary
from tradai_iac.runner.drift.look import Looking
from tradai_iac.runner.exports import Exports
from tradai_iac.runner.failure import Diagnosis, classify
from tradai_iac.runner.guard import Guard
from tradai_iac.runner.interrupt import Interrupt
from tradai_iac.runner.journal import Journal
from tradai_iac.runner.planning import Planning
from tradai_iac.runner.programs import bind
from tradai_iac.runner.progress import Tally, observe, short_name
from tradai_iac.runner.protection import obstacles
from tradai_iac.runner.quotas import Quotas
from tradai_iac.runner.record import Record, UnfitStateError
from tradai_iac.runner.seal import seal
from tradai_iac.runner.stack import Stack, open_stack, operation, passphrase, salt_of
from tradai_iac.runner.teardown import unconfirmed
from tradai_iac.runner.upkeep import Upkeep

_EVENT_SECONDS = 0.25


class Run:
    """One request on its way; `execute` is called once."""

    def __init__(self, journal: Journal, interrupt: Interrupt) -> None:
        self._journal = journal
        self._interrupt = interrupt
        self._request = journal.request()
        self._tally = Tally()
        self._diagnosis = Diagnosis()
        self._exports = Exports()
        self._planning: Planning | None = None
        self._plan: PlanSummary | None = None
        self._looking = Looking(self._request, journal)
        self._drift: DriftSummary | None = None
        self._started = time.time()
        self._told = 0.0
        self._repairs: tuple[Repair, ...] = ()
        self._survey: Survey | None = None

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
        result = self._result(failure)
        result = self._journal.finish(result)
        from tradai_iac.runner.archive import archive  # boto3 takes half a second that nobody shall wait for

        archive(self._journal, self._request, result)
        return result

    def _drive(self) -> Failure | None:
        blueprint = BLUEPRINTS[self._request.blueprint]
        layer = blueprint.layer(self._request.layer)
        project = blueprint.stack_project(layer.name)
        if refused := self._surveyed(project):
            return refused
        record = Record(self._request, project)
        upkeep = Upkeep(self._request, project, record, self._journal.log)
        guard = Guard(
            lambda: record.get().resources,
            self._request.migrations,
            upkeep.unfit,
            only_if_new=self._request.only_if_new,
            quotas=Quotas(self._request) if self._request.survey else None,
        )
        self._planning = planning = Planning(self._request, blueprint, record, self._journal.path)
        if self._request.teardown:
            self._plan = planning.keep_teardown()
            return None
        if stale := planning.prepare():
            return stale
        stack = open_stack(self._request, project, self._program(blueprint, layer, guard), planning.salt)
        presence = upkeep.presences.begin(self._request.run_id)
        try:
            failure = self._upkept(stack, record, upkeep)
            upkeep.noted()
            if failure is None and self._request.operation == "destroy":
                upkeep.destroyed()
            if failure is None:
                self._plan = planning.keep(salt_of(stack))
                self._drift = self._looking.keep(blueprint)
        finally:
            self._repairs = tuple(upkeep.repairs)
            upkeep.presences.end(presence)
            shutil.rmtree(stack.workspace.work_dir, ignore_errors=True)
        self._survey = guard.told(self._survey)
        return upkeep.refused or guard.failure() or record.named(failure)

    def _surveyed(self, project: str) -> Failure | None:
        """Why nothing may be touched, where a pre-flight is due; the engine has not been started yet."""
        if not self._request.survey:
            return None
        from tradai_iac.runner.survey import survey  # boto3 takes half a second that other runs do not need

        verdict = survey(self._request, project, lambda: passphrase(self._request))
        self._survey = verdict.survey(self._request)
        return verdict.failure

    def _upkept(self, stack: Stack, record: Record, upkeep: Upkeep) -> Failure | None:
        """The operation; where a dead run is in the way, what it left is put right and it is done once more."""
        failure = self._attempt(stack, record, upkeep)
        if failure and failure.kind == "Lock" and not (upkeep.refused or self._interrupt.requested):
            failure = upkeep.unlock() or self._attempt(stack, record, upkeep)
        if upkeep.unsettled and not self._interrupt.requested:
            self._begin_anew()
            failure = upkeep.settle(lambda urns: self._reread(stack, urns)) or self._attempt(stack, record, upkeep)
        return failure

    def _attempt(self, stack: Stack, record: Record, upkeep: Upkeep) -> Failure | None:
        self._begin_anew()
        if refused := upkeep.look():
            return refused
        if upkeep.unsettled:
            return None
        return self._unplanned() or self._part(stack, record) or self._operate(stack, record, self._targets(record))

    def _part(self, stack: Stack, record: Record) -> Failure | None:
        """What comes before a destroy that the operator asked for: a person's word; then protections, and contents."""
        confirmed = self._request.confirmed
        if self._request.operation != "destroy" or confirmed is None:
            return None
        recorded = record.get()
        if refused := unconfirmed(recorded, BLUEPRINTS[self._request.blueprint], confirmed):
            return refused
        return self._unprotect(stack, record, list(obstacles(recorded).targets)) or self._empty(recorded)

    def _unprotect(self, stack: Stack, record: Record, targets: list[str]) -> Failure | None:
        if not targets:
            return None
        self._journal.log(f"taking away what refuses the deletion of {len(targets)} resources")
        failure = self._operate(stack, record, targets, "up", may_create=False)
        record.again()
        if failure is None:
            self._begin_anew()
        return failure

    def _empty(self, recorded: Checkpoint) -> Failure | None:
        """AWS deletes no bucket and no repository that holds something; that it goes was confirmed by name."""
        from tradai_iac.runner.contents import NotEmptiedError, empty, survey  # boto3 again
        from tradai_iac.runner.repair.clients import clients_for

        clients = clients_for(self._request)
        try:
            for content in survey(clients, recorded):
                self._journal.log(f"emptying {content}")
                empty(clients, content)
        except NotEmptiedError as error:
            return Failure(kind="Conflict", error=str(error), hint="It is tried again; see who still writes there.")
        return None

    def _unplanned(self) -> Failure | None:
        """Why the update is not the one that was planned; a repair may have changed the state meanwhile."""
        return self._planning.prepare() if self._planning else None

    def _begin_anew(self) -> None:
        """What an attempt that came to nothing has counted and complained of does not count."""
        self._tally, self._diagnosis = Tally(), Diagnosis()
        if self._planning:
            self._planning.begin_anew()
        self._looking.begin_anew()

    def _reread(self, stack: Stack, urns: list[str]) -> Failure | None:
        """Reads the real state of some resources; nothing else is touched."""
        try:
            stack.refresh(
                target=urns,
                color="never",
                on_output=self._journal.log,
                on_error=self._journal.log,
                on_event=self._on_diagnostic,
            )
        except auto.CommandError as error:
            return self._diagnosis.failure(str(error))
        return None

    def _targets(self, record: Record) -> list[str] | None:
        """What the run is limited to: where it lifts a protection, the resources that have it."""
        return list(obstacles(record.get()).targets) if self._request.lift_protection else None

    def _program(self, blueprint: Blueprint, layer: Layer, guard: Guard) -> Callable[[], None]:
        return bind(
            blueprint,
            layer,
            lambda: build_context(blueprint, self._request),
            self._request.config,
            lambda: self._tally.registered(),
            self._exports,
            guard,
            self._request.unknown,
        )

    def _operate(
        self,
        stack: Stack,
        record: Record,
        targets: list[str] | None,
        name: Operation | None = None,
        *,
        may_create: bool = True,
    ) -> Failure | None:
        name = name or self._request.operation
        if targets == []:
            return None
        try:
            self._call(stack, targets, name)
        except auto.StackNotFoundError as error:
            if not record.is_new() or (name != "destroy" and (not may_create or self._request.drift)):
                return self._diagnosis.failure(str(error))
            if name == "destroy":
                return None
            return self._create(stack) or self._operate(stack, record, targets, name, may_create=False)
        except auto.CommandError as error:
            return self._diagnosis.failure(str(error))
        return None

    def _create(self, stack: Stack) -> Failure | None:
        """Makes the stack; one that does not exist yet may be locked all the same."""
        try:
            stack.workspace.create_stack(stack.name)
        except auto.CommandError as error:
            return self._diagnosis.failure(str(error))
        return None

    def _call(self, stack: Stack, targets: list[str] | None, name: Operation) -> None:
        limit = {"target": targets} if targets else {}
        operation(stack, name)(
            **limit,
            **(self._planning.options if self._planning else {}),
            **self._looking.options,
            color="never",
            on_output=self._journal.log,
            on_error=self._journal.log,
            on_event=self._on_event,
        )

    def _on_event(self, event: Any) -> None:
        if self._looking.observe(event):
            observe(self._tally, event)
        if self._planning:
            self._planning.observe(event)
        self._on_diagnostic(event)
        self._tell("running")

    def _on_diagnostic(self, event: Any) -> None:
        if event.diagnostic_event and event.diagnostic_event.severity == "error":
            self._diagnosis.add(event.diagnostic_event.urn or "", event.diagnostic_event.message)

    def _tell(self, phase: Any, *, always: bool = False) -> None:
        now = time.time()
        if always or now - self._told >= _EVENT_SECONDS:
            self._told = now
            self._journal.append(
                Progress(
                    phase=phase,
                    resources=self._tally.counts(),
                    current=short_name(self._tally.current),
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
            resources=self._tally.counts(),
            outputs=plain,
            sealed=seal(secret, passphrase(self._request)) if secret else "",
            failure=failure,
            plan=self._plan,
            drift=self._drift,
            started_at=self._started,
            finished_at=time.time(),
            repairs=self._repairs,
            survey=self._survey,
        )


def run(journal: Journal, interrupt: Interrupt) -> RunResult:
    """Executes the journal's request."""
    return Run(journal, interrupt).execute()
