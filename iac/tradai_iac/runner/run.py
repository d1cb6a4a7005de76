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
from tradai_iac.runner.contextual import build_context
from tradai_iac.runner.contract import Failure, Progress, RunResult
from tradai_iac.runner.exports import Exports
from tradai_iac.runner.failure import Diagnosis, classify
from tradai_iac.runner.guard import Guard
from tradai_iac.runner.interrupt import Interrupt
from tradai_iac.runner.journal import RunJournal
from tradai_iac.runner.programs import bind
from tradai_iac.runner.progress import Tally, observe, short_name
from tradai_iac.runner.protection import obstacles
from tradai_iac.runner.record import Record
from tradai_iac.runner.seal import seal
from tradai_iac.runner.stack import Stack, open_stack, operation, passphrase

_EVENT_SECONDS = 0.25


class Run:
    """One request on its way; `execute` is called once."""

    def __init__(self, journal: RunJournal, interrupt: Interrupt) -> None:
        self._journal = journal
        self._interrupt = interrupt
        self._request = journal.request()
        self._tally = Tally()
        self._diagnosis = Diagnosis()
        self._exports = Exports()
        self._started = time.time()
        self._told = 0.0

    def execute(self) -> RunResult:
        """The result, which is also the journal's last word; the log goes to the state bucket after it."""
        self._tell("starting", always=True)
        try:
            failure = self._drive()
        except KeyError as error:
            failure = Failure(kind="Config", error=str(error.args[0]), hint="Correct the request.")
        except ValidationError as error:
            failure = Failure(kind="Config", error=str(error), hint="Correct the layer's config in the spec.")
        except Exception as error:  # a runner that dies without a result leaves its layer in doubt
            self._journal.log(traceback.format_exc())
            failure = classify(f"{type(error).__name__}: {error}")
        self._tell("finishing", always=True)
        result = self._result(failure)
        self._journal.finish(result)
        from tradai_iac.runner.archive import archive  # boto3 takes half a second that nobody shall wait for

        archive(self._journal, self._request, result)
        return result

    def _drive(self) -> Failure | None:
        blueprint = BLUEPRINTS[self._request.blueprint]
        layer = blueprint.layer(self._request.layer)
        project = blueprint.stack_project(layer.name)
        record = Record(self._request, project)
        guard = Guard(lambda: record.get().resources, self._request.migrations)
        stack = open_stack(self._request, project, self._program(blueprint, layer, guard))
        try:
            failure = self._operate(stack, self._targets(record))
            if failure and failure.kind == "Lock" and not self._interrupt.requested:
                record.again()
                failure = self._unlock(project) or self._operate(stack, self._targets(record))
        finally:
            shutil.rmtree(stack.workspace.work_dir, ignore_errors=True)
        return guard.failure() or failure

    def _targets(self, record: Record) -> list[str] | None:
        """What the run is limited to: where it lifts a protection, the resources that have it."""
        return list(obstacles(record.get()).targets) if self._request.lift_protection else None

    def _program(self, blueprint: Blueprint, layer: Layer, guard: Guard) -> Callable[[], None]:
        return bind(
            blueprint,
            layer,
            lambda: build_context(blueprint, self._request),
            self._request.config,
            self._tally.registered,
            self._exports,
            guard,
        )

    def _operate(self, stack: Stack, targets: list[str] | None, *, may_create: bool = True) -> Failure | None:
        if targets == []:
            return None
        try:
            self._call(stack, targets)
        except auto.StackNotFoundError as error:
            if self._request.operation == "destroy":
                return None
            if not may_create:
                return self._diagnosis.failure(str(error))
            stack.workspace.create_stack(stack.name)
            return self._operate(stack, targets, may_create=False)
        except auto.CommandError as error:
            return self._diagnosis.failure(str(error))
        return None

    def _call(self, stack: Stack, targets: list[str] | None) -> None:
        limit = {"target": targets} if targets else {}
        operation(stack, self._request.operation)(
            **limit,
            color="never",
            on_output=self._journal.log,
            on_error=self._journal.log,
            on_event=self._on_event,
        )

    def _on_event(self, event: Any) -> None:
        observe(self._tally, event)
        if event.diagnostic_event and event.diagnostic_event.severity == "error":
            self._diagnosis.add(event.diagnostic_event.urn or "", event.diagnostic_event.message)
        self._tell("running")

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

    def _unlock(self, project: str) -> Failure | None:
        """None once every lock was a dead one of ours and is gone, else who holds the stack."""
        from tradai_iac.runner.locks import remove_dead  # as above
        from tradai_iac.runner.store import open_store

        request = self._request
        store = open_store(request.backend_url, request.region, request.endpoint_url)
        if store is None:
            return Failure(kind="Lock", error="the stack is locked", hint="Wait, or remove the dead lock file.")
        removed, standing = remove_dead(store, project, request.environment)
        for lock in removed:
            self._journal.log(f"removed the lock that a dead run left behind: {lock}")
        if not standing:
            self._diagnosis = Diagnosis()
            return None
        holders = "; ".join(str(lock) for lock in standing)
        return Failure(kind="Lock", error=f"locked by {holders}", hint=classify("currently locked by").hint)

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
            started_at=self._started,
            finished_at=time.time(),
        )


def run(journal: RunJournal, interrupt: Interrupt) -> RunResult:
    """Executes the journal's request."""
    return Run(journal, interrupt).execute()
