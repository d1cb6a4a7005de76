"""Settles what a dead run left half done: decide about each entry, mend the state under its lock, read anew.

Everything is decided before anything is written, and the state file is backed up beside it. Must never touch a state
that somebody else holds.
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from tradai_iac.failure import Failure, classify
from tradai_runner.bucket.keys import backup_key, state_key, unsaved_key
from tradai_runner.bucket.store import Store
from tradai_runner.contract import Repair, RunRequest
from tradai_runner.journal.progress import short_name
from tradai_runner.lock.registry import RunRegistry
from tradai_runner.lock.stack import HeldError, hold
from tradai_runner.repair.answer import Absent, Present
from tradai_runner.repair.collision import ours
from tradai_runner.repair.decide import WAIT_SECONDS, Decider, longest_for
from tradai_runner.repair.find import Asker, Clients
from tradai_runner.repair.intent import Intent, drop_intent, read_intent, write_intent
from tradai_runner.repair.judge import seconds, settles, unread
from tradai_runner.repair.kinds import CREATING, DELETING, HARMLESS, KNOWN
from tradai_runner.repair.looks import Looks, drop_looks, read_looks
from tradai_runner.repair.lookup import UndecidedError, asked
from tradai_runner.repair.opened import begun_at, close_runs, completed, opened_runs
from tradai_runner.repair.pending import (
    Pending,
    Verdict,
    creating_of,
    mend,
    pending_of,
    resources_of,
    with_creations,
    with_resources,
    written,
)
from tradai_runner.repair.roots import rooted
from tradai_runner.repair.rows import FINDS
from tradai_runner.state.checkpoint import Interrupted
from tradai_runner.state.missing import Stack
from tradai_runner.state.notes import UnfitStateError
from tradai_runner.state.reading import Reading, read_stack

_OVERTAKEN: Final = Failure(
    kind="Lost",
    error="the state of this layer was changed while a repair held its lock: a run that died may have saved only now",
    hint="What it saved stays, and nothing was written over it. The next run goes on from there.",
)
#: Reads the real state of these URNs into the state, by the engine.
Refresh = Callable[[list[str]], Failure | None]


@dataclass(frozen=True)
class Settled:
    """What was repaired, or why it could not be."""

    repairs: tuple[Repair, ...] = ()
    failure: Failure | None = None


@dataclass(frozen=True)
class Settler:
    """Settles one stack for one request; `now` is the time in seconds since the epoch, `pause` lets some of it pass.

    `seen` is what was interrupted when the run first looked: an engine that was stopped then has forgotten all of it
    but the creations.
    """

    request: RunRequest
    project: str
    store: Store
    registry: RunRegistry
    clients: Callable[[], Clients]
    now: Callable[[], float]
    seen: Sequence[Interrupted] = ()
    pause: Callable[[float], None] = time.sleep

    def settle(self, refresh: Refresh) -> Settled:
        """What a dead run left. Never raises for what a cloud may do wrong."""
        return self._done(self._mend, refresh, close=True)

    def take_over(self, creations: Sequence[Mapping[str, Any]], refresh: Refresh) -> Settled:
        """Creations (as the state would have them) that AWS refused since something is there: what is ours is taken in.

        Nothing is repaired where none is. Never raises, as above.
        """
        return self._done(lambda: self._take(creations), refresh)

    def _done(self, mend_: Callable[[], Intent | None], refresh: Refresh, *, close: bool = False) -> Settled:
        """`close`: what runs left that never said that all of theirs is there was looked up, too."""
        stack = self.request.environment
        try:
            runs = opened_runs(self.store, self.project, stack) if close else ()
            with hold(self.store, self.project, stack, self.registry):
                intent = mend_()
            if intent is None:
                return Settled()
            targets = self._standing(intent.settle)
            if targets and (failure := self._shown(targets, intent.deleted) or refresh(targets)):
                return Settled(failure=failure)
            drop_intent(self.store, self.project, stack)
            close_runs(self.store, self.project, stack, runs)
        except UndecidedError as error:
            return Settled(failure=error.failure)
        except (HeldError, UnfitStateError) as error:
            return Settled(failure=error.failure)
        except (ClientError, BotoCoreError) as error:
            return Settled(failure=classify(str(error)))
        return Settled(repairs=intent.repairs)

    def _shown(self, urns: Sequence[str], deleted: Mapping[str, float]) -> Failure | None:
        """Waits until AWS shows them for sure; why that is left to the next run, where it takes long."""
        found = [raw for raw in resources_of(self._body()) if raw["urn"] in urns]
        wait = settles(found, FINDS, self.now(), longest_for(self.request.endpoint_url), deleted)
        if wait > WAIT_SECONDS:
            return unread(found[0]["urn"], wait)
        if wait:
            self.pause(wait)
        return None

    def _mend(self) -> Intent:
        """The state as far as it can be mended without the engine; says what is left to it."""
        stack = self.request.environment
        runs = opened_runs(self.store, self.project, stack)
        if runs and not self.seen and self._never_was(runs):
            return Intent(run_id=self.request.run_id)
        before = self._reading()
        whole = completed(self.store, self.project, stack, before.body, runs)
        body = whole.body
        entries = pending_of(body)
        since = begun_at(self.store, self.project, stack, runs)
        creating = {entry.urn: replace(entry, since=since) for entry in entries if entry.kind == CREATING}
        _refuse_unknown(entries)
        verdicts = self._verdicts(body, creating)
        earlier = read_intent(self.store, self.project, stack) or Intent(run_id="")
        earlier = earlier.model_copy(update={"settle": tuple(dict.fromkeys([*earlier.settle, *whole.changed]))})
        kinds = self._kinds(entries)
        intent = self._intent(earlier, kinds, verdicts, seconds(written(body)))
        write_intent(self.store, self.project, stack, intent)
        unsure = {*earlier.settle, *(urn for urn, kind in kinds.items() if kind == DELETING)} - set(creating)
        mended = mend(body, verdicts, unsure, self._stamp())
        taken = [urn for urn, verdict in verdicts.items() if isinstance(verdict, Present)]
        self._write(before, with_resources(mended, rooted(resources_of(mended), taken, whole.spare)))
        return intent

    def _take(self, creations: Sequence[Mapping[str, Any]]) -> Intent | None:
        """The state with what is ours of them, None where nothing is; raises UndecidedError as `_ours`."""
        before = self._reading()
        body = before.body
        verdicts = self._ours(creations, resources_of(body))
        if not verdicts:
            return None
        lines = tuple(self._line(urn, _taken(verdict)) for urn, verdict in verdicts.items())
        intent = Intent(run_id=self.request.run_id, settle=tuple(verdicts), repairs=lines)
        write_intent(self.store, self.project, self.request.environment, intent)
        taken = [raw for raw in creations if raw["urn"] in verdicts]
        self._write(before, mend(with_creations(body, taken), verdicts))
        return intent

    def _ours(
        self, creations: Sequence[Mapping[str, Any]], resources: Sequence[Mapping[str, Any]]
    ) -> dict[str, Present]:
        """What AWS has of them that this stack made; raises UndecidedError where one only bears our tag."""
        asker, verdicts = Asker(self.clients()), dict[str, Present]()
        for entry in map(creating_of, creations):
            row = FINDS.get(entry.type)
            found = asked(entry, row, asker) if row else None
            said = ours(entry, row, found, resources) if row and isinstance(found, list) else None
            if isinstance(said, Failure):
                raise UndecidedError(said)
            if said:
                verdicts[entry.urn] = said
        return verdicts

    def _write(self, before: Reading, after: Mapping[str, Any]) -> None:
        """The state, and a copy of it as it was; nothing where it stays as it is.

        Raises UndecidedError where another is there by now: a killed run's port sends its last state whenever it can.
        """
        if after == before.body:
            return
        key = backup_key(self.project, self.request.environment, self.request.run_id)
        self.store.put(key, json.dumps(before.body).encode())
        state = state_key(self.project, self.request.environment)
        if not self.store.replace(state, _text(after), before.digest):
            raise UndecidedError(_OVERTAKEN)

    def _verdicts(self, body: Mapping[str, Any], creating: Mapping[str, Pending]) -> dict[str, Verdict]:
        if not creating:
            if read_looks(self.store, self.project, self.request.environment) != Looks():
                drop_looks(self.store, self.project, self.request.environment)
            return {}
        decider = Decider(
            self.store,
            self.project,
            self.request.environment,
            Asker(self.clients()),
            self.request.clear_pending,
            longest_for(self.request.endpoint_url),
            self.now,
            self.pause,
        )
        return decider.verdicts(body, list(creating.values()))

    def _kinds(self, entries: Sequence[Pending]) -> dict[str, str]:
        """URN → what was interrupted of it, as far as the state knows the resource."""
        seen = (*self.seen, *(Interrupted(entry.kind, entry.urn) for entry in entries))
        return {found.urn: found.kind for found in seen if found.kind in KNOWN}

    def _intent(
        self, earlier: Intent, kinds: Mapping[str, str], verdicts: Mapping[str, Verdict], began: float | None
    ) -> Intent:
        """What this repair will have done, and what an earlier one began."""
        imported = [urn for urn, verdict in verdicts.items() if isinstance(verdict, Present)]
        lines = {repair.urn: repair for repair in earlier.repairs}
        lines |= {urn: self._line(urn, _reread(kind)) for urn, kind in kinds.items()}
        lines |= {urn: self._line(urn, _sentence(verdict)) for urn, verdict in verdicts.items()}
        begun = self.now() if began is None else min(began, self.now())
        return Intent(
            run_id=self.request.run_id,
            deleted={**earlier.deleted, **{urn: begun for urn, kind in kinds.items() if kind == DELETING}},
            settle=tuple(dict.fromkeys([*earlier.settle, *kinds, *imported])),
            repairs=tuple(lines.values()),
        )

    def _line(self, urn: str, sentence: str) -> Repair:
        return Repair(at=self.now(), urn=urn, what=f"{short_name(urn)}: {sentence}")

    def _stamp(self) -> str:
        return datetime.fromtimestamp(self.now(), UTC).isoformat()

    def _standing(self, urns: Sequence[str]) -> list[str]:
        """Those of the URNs that the state has; the engine refuses to look for any other."""
        there = {resource["urn"] for resource in resources_of(self._body())} if urns else set()
        return [urn for urn in urns if urn in there]

    def _never_was(self, runs: Sequence[str]) -> bool:
        """Whether these have only noted that they would begin to make the stack."""
        stack = self.request.environment
        reading = read_stack(self.store, Stack(self.project, stack), known=self.request.stood)
        if reading.found or reading.failure:
            return False
        return not any(self.store.get(unsaved_key(self.project, stack, run)) for run in runs)

    def _body(self) -> dict[str, Any]:
        return dict(self._reading().body)

    def _reading(self) -> Reading:
        """The state under its lock; raises UndecidedError for one that is gone or damaged by now."""
        reading = read_stack(self.store, Stack(self.project, self.request.environment), known=True)
        if reading.failure:
            raise UndecidedError(reading.failure)
        return reading


def _refuse_unknown(entries: Sequence[Pending]) -> None:
    for entry in entries:
        if entry.kind not in {CREATING, *KNOWN, *HARMLESS}:
            raise UndecidedError(
                Failure(
                    kind="Unresolved",
                    error=f"the state has an interrupted operation of an unknown kind: {entry.kind}",
                    urn=entry.urn,
                    hint="The state was written by another engine: settle it with `pulumi refresh` of that version.",
                )
            )


def _sentence(verdict: Verdict) -> str:
    if isinstance(verdict, Absent):
        return f"its interrupted creation was cleared: {verdict.why}"
    return f"made by a run that died, taken into the state as {verdict.id}"


def _taken(verdict: Present) -> str:
    return f"AWS had it already, made by this stack; taken into the state as {verdict.id}"


def _reread(kind: str) -> str:
    return f"read again, because a run died while {kind} it"


def _text(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, indent=4).encode()
