"""Refuses a program that would change what never changes (002 "Immutable Values"), before anything is registered.

The program's registrations only begin once its function has returned: until then they are tasks that nobody has
started. Must never let one of them start when it refuses.
"""

import asyncio
from collections.abc import Callable, Collection, Sequence
from typing import Any, Final, Protocol

import pulumi
from pulumi.runtime import settings
from pydantic.alias_generators import to_camel

from tradai_iac.failure import Failure
from tradai_iac.immutable import Change, Immutable, Known, changes
from tradai_runner.contract import PreflightResult
from tradai_runner.state.checkpoint import NO_CLOUD


class ImmutableChangeError(pulumi.RunError):
    """The program would change what never changes; the engine shows it as a sentence, without a traceback."""


class UnfitStateError(pulumi.RunError):
    """The state is not one to work on: another's, or one that has to be put right first."""


class UnplannedError(pulumi.RunError):
    """The stack has resources, so that what changes has to be planned before it is done."""


class Counted(Protocol):
    """What of a program is held against AWS before its first registration: its quotas, its names."""

    failure: Failure | None
    warnings: tuple[str, ...]

    @property
    def reason(self) -> str:
        """The reason of a pre-flight that it refuses."""

    def register(self) -> None:
        """Notes what the program registers from here on."""

    def check(self, recorded: Sequence[Known]) -> None:
        """Judges what is new beside what the state has."""


_UNPLANNED: Final = "the layer stands already, so that its changes have to be planned first"


class Guard:
    """Watches one program: `register` before it, `check` after its last line.

    `recorded` gives what the state has of the stack; it is asked once the program is through, so that reading
    the state costs no time of its own. `permitted` are names of migrations. `unfit` says, at the same moment, why
    nothing may be registered now; `immutable` are the blueprint's rows; `only_if_new` refuses every program whose
    stack has resources already; `counted` are held against AWS before the first registration. `migrated` are the
    permitted migrations that a program which was let through needs.
    """

    def __init__(
        self,
        recorded: Callable[[], Sequence[Known]],
        permitted: Collection[str],
        unfit: Callable[[], str | None] = lambda: None,
        *,
        immutable: Sequence[Immutable] = (),
        only_if_new: bool = False,
        counted: Sequence[Counted] = (),
    ) -> None:
        self._recorded = recorded
        self._immutable = immutable
        self._types = frozenset(rule.type for rule in immutable)
        self._properties = frozenset(rule.property for rule in immutable)
        self._only_if_new = only_if_new
        self._stands = False
        self._permitted = permitted
        self._unfit = unfit
        self._counted = counted
        self._registered: dict[tuple[str, str], dict[str, Any]] = {}
        self.refused: tuple[Change, ...] = ()
        self.migrated: tuple[str, ...] = ()

    def register(self) -> None:
        """Notes what the program registers from here on."""
        pulumi.runtime.register_stack_transformation(self._note)
        for each in self._counted:
            each.register()

    def _note(self, args: pulumi.ResourceTransformationArgs) -> None:
        if args.type_ in self._types:
            inputs = {to_camel(name): value for name, value in args.props.items()}
            self._registered[(args.type_, args.name)] = {
                name: value for name, value in inputs.items() if name in self._properties and value is not None
            }

    def check(self) -> None:
        """Raises ImmutableChangeError, UnfitStateError or UnplannedError; stops every registration that waits."""
        if why := self._unfit():
            _stop_what_waits(unfit := UnfitStateError(why))
            raise unfit
        recorded = self._recorded()
        self._stands = self._only_if_new and any(not known.type.startswith(NO_CLOUD) for known in recorded)
        needed = changes(self._immutable, recorded, self._registered, ())
        self.refused = tuple(change for change in needed if change.migration not in self._permitted)
        for each in self._counted:
            each.check(recorded)
        if error := self._objection():
            _stop_what_waits(error)
            raise error
        self.migrated = tuple(dict.fromkeys(change.migration for change in needed))

    def _objection(self) -> pulumi.RunError | None:
        if self._stands:
            return UnplannedError(_UNPLANNED)
        if refusing := self._refusing():
            return UnfitStateError(refusing[1].error)
        return ImmutableChangeError("; ".join(map(str, self.refused))) if self.refused else None

    def _refusing(self) -> tuple[str, Failure] | None:
        """The first that refuses, with its reason: what fails the run is what its pre-flight tells."""
        return next(((each.reason, each.failure) for each in self._counted if each.failure), None)

    def completed(self, result: PreflightResult | None) -> PreflightResult | None:
        """What a pre-flight found, with what the program's own needs add to it."""
        if result is None:
            return None
        if refusing := self._refusing():
            reason, failure = refusing
            text = f"{failure.error}. {failure.hint}"
            return result.model_copy(update={"ok": False, "reason": reason, "message": text})
        warnings = [warning for each in self._counted for warning in each.warnings]
        if not (warnings and result.ok):
            return result
        text = "; ".join((result.message, *warnings))
        return result.model_copy(update={"reason": "PreflightWarned", "message": text})

    def failure(self) -> Failure | None:
        """Why the run was refused, None where it was not."""
        if self._stands:
            return Failure(kind="Plan", error=_UNPLANNED, hint="It is being planned now, automatically.")
        if refusing := self._refusing():
            return refusing[1]
        if not self.refused:
            return None
        names = ",".join(dict.fromkeys(change.migration for change in self.refused))
        return Failure(
            kind="Immutable",
            error="; ".join(map(str, self.refused)),
            hint="These values cannot change after the first deployment: undo the change of the program. A planned "
            f"migration is permitted by name: annotation tradai.io/migrate: {names} and `tradai retry`, "
            "or by hand `tradai infra up --migrate NAME`. A name permits one change: where it stands there already, "
            f"write something new behind it, like {self.refused[0].migration}@2.",
        )


def _stop_what_waits(error: pulumi.RunError) -> None:
    """The engine waits for what is stopped here, and is told why before it hears of the stopping."""
    settings.SETTINGS.rpc_manager.unhandled_exception = error
    running = asyncio.current_task()
    for task in asyncio.all_tasks():
        if task is not running:
            task.cancel()
