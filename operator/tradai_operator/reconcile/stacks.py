"""Asks the state bucket what stands of one environment, and keeps what it said last.

Two things need it: a deletion, before anything is destroyed or let go, and a layer whose state is gone or damaged,
which is tried again once its state is another. Must never decide, nor ask where nothing may be asked.
"""

from dataclasses import replace
from typing import Final

from tradai_iac.runner.stood import OF_THE_STATE
from tradai_operator.model import Environment, EnvironmentStatus, LayerStatus
from tradai_operator.model.times import moment
from tradai_operator.reconcile.chronicle import shelf_of
from tradai_operator.reconcile.facts import StackFacts
from tradai_operator.reconcile.ports import ArchiveError, Clock, NoBucketError, States
from tradai_operator.reconcile.settings import Settings
from tradai_operator.status.outcomes import stood, with_layer

#: When a state that nobody can work on is looked at again: soon at first, for a person who puts it back, then ever
#: later up to this; `tradai state restore` asks for a run by itself.
FIRST_SECONDS: Final = 30.0
AGAIN_SECONDS: Final = 600.0


class Stacks:
    """One environment's."""

    def __init__(self, states: States, clock: Clock, settings: Settings) -> None:
        self._states = states
        self._clock = clock
        self._settings = settings
        self._wait = FIRST_SECONDS
        self.facts: StackFacts | None = None

    async def look(self, env: Environment, status: EnvironmentStatus) -> None:
        """Asks, but for layers that a destroy of ours took down."""
        names = env.spec.declaration.layer_names
        layers = {name: stood(status, name) for name in names if status.layer(name).state != "Destroyed"}
        facts = StackFacts(self._clock.now())
        try:
            self.facts = replace(facts, seen=await self._states.look(shelf_of(env, self._settings), layers))
        except ArchiveError as error:
            self.facts = replace(facts, failure=str(error), no_bucket=isinstance(error, NoBucketError))

    async def mended(self, env: Environment, status: EnvironmentStatus) -> EnvironmentStatus:
        """The status where a layer is due whose state is no longer the one that it failed of."""
        waiting = [layer for layer in status.layers if waits(layer)]
        if not waiting:
            self._wait = FIRST_SECONDS
        if not waiting or self._clock.now() < self._due():
            return status
        self._wait = min(AGAIN_SECONDS, self._wait * 2)
        await self.look(env, status)
        now = moment(self._clock.now())
        for layer in waiting:
            if self._is_another(layer):
                status = with_layer(status, layer.model_copy(update={"next_retry_at": now}))
        return status

    def next_look(self, status: EnvironmentStatus) -> float | None:
        """When the bucket is to be asked again, seconds since the epoch; None where nothing waits for it."""
        return self._due() if any(map(waits, status.layers)) else None

    def _due(self) -> float:
        return self.facts.looked_at + self._wait if self.facts else 0.0

    def _is_another(self, layer: LayerStatus) -> bool:
        seen = self.facts.seen.get(layer.name) if self.facts else None
        if seen is None or layer.failure is None:
            return False
        return seen.failure is None or seen.digest != layer.failure.state


def waits(layer: LayerStatus) -> bool:
    """Whether the layer stands still until its state is another."""
    failed = layer.state == "Failed" and layer.run is None and layer.next_retry_at is None
    return failed and layer.failure is not None and layer.failure.kind in OF_THE_STATE
