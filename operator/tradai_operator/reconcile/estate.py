"""What the state bucket has of one environment: asked before the first run or a release, told of guards that change.

Three things ask: a resource that nobody has looked for yet, a deletion before anything is destroyed or let go, and a
layer whose state is gone or damaged, which is tried again once its state is another. Must never go on with what is not
known: no run, and nothing released.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from tradai_operator.decide import adoption, markers
from tradai_operator.decide.facts import StackFacts, StackSeen
from tradai_operator.decide.requests import owner_of
from tradai_operator.decide.settings import Settings
from tradai_operator.model import Environment, EnvironmentStatus, LayerStatus
from tradai_operator.model.times import moment
from tradai_operator.ports import Clock, NoBucketError, Stacks, StacksError
from tradai_operator.reconcile.history import place_of, shelf_of
from tradai_operator.status.outcomes import stood, with_layer
from tradai_runner.state.missing import OF_THE_STATE

#: When a state that nobody can work on is looked at again: soon at first, for a person who puts it back, then ever
#: later up to this; `tradai state restore` asks for a run by itself.
FIRST_SECONDS: Final = 30.0
AGAIN_SECONDS: Final = 600.0


class Estate:
    """One environment's; `facts` is what was said of all states last, `again_at` when it is to be asked again.

    `guessed`: that there is no bucket was said in an earlier turn, so that nothing may begin before it is asked again.
    So it is while this process has not held the status against the markers: it may be an old one that was put back.
    """

    def __init__(self, stacks: Stacks, clock: Clock, settings: Settings) -> None:
        self._stacks = stacks
        self._clock = clock
        self._settings = settings
        self._why = ""
        self._open_at: float | None = None
        self._mended_at: float | None = None
        self._wait = FIRST_SECONDS
        self._missing_at: tuple[str, float] | None = None
        self._compared = False
        self.facts: StackFacts | None = None
        self.guessed = False

    @property
    def again_at(self) -> float | None:
        """Seconds since the epoch, None where nothing is open."""
        return min((at for at in (self._open_at, self._mended_at) if at is not None), default=None)

    @property
    def sure(self) -> bool:
        """Whether something may begin on what was said so far."""
        return self._compared and not self.guessed

    @property
    def no_bucket(self) -> bool:
        """Whether the last answer was that there is no bucket."""
        return self._missing_at is not None

    def place(self, env: Environment) -> str:
        """Where the state bucket of the environment is."""
        return place_of(shelf_of(env, self._settings))

    async def consult(
        self, env: Environment, status: EnvironmentStatus, *, fresh: bool = False
    ) -> tuple[EnvironmentStatus, str]:
        """The status with what is known, and why that is not enough: empty where it is.

        `fresh`: nobody goes by what was said in an earlier turn.
        """
        self.guessed = False
        if not env.held or (env.deleting and env.abandoned):
            return status, ""
        place = self.place(env)
        if fresh or self._open_at is None or self._clock.now() >= self._open_at:
            status = await self._asked(env, status, place, fresh=fresh)
        status = await self._mended(env, adoption.placed(env, adoption.lifted(env, status), place))
        wanted = adoption.look_due(env, status, place) or env.deleting or not self._compared
        return status, self._why if wanted else ""

    async def look(self, env: Environment, status: EnvironmentStatus) -> None:
        """Asks for the states of all layers, but those that a destroy of ours took down."""
        names = [name for name in env.spec.declaration.layer_names if status.layer(name).state != "Destroyed"]
        known = [name for name in names if stood(status, name)]
        facts = StackFacts(self._clock.now())
        try:
            shelf, projects = shelf_of(env, self._settings), self._projects(env, names)
            self.facts = replace(facts, seen=await self._stacks.look(shelf, projects, names, known))
        except StacksError as error:
            self.facts = replace(facts, failure=str(error), no_bucket=isinstance(error, NoBucketError))

    async def _asked(
        self, env: Environment, status: EnvironmentStatus, place: str, *, fresh: bool
    ) -> EnvironmentStatus:
        self._why, self._open_at = "", None
        try:
            if adoption.look_due(env, status, place):
                self.guessed = not fresh and self._lacks(place)
                status = status if self.guessed else await self._looked(env, status, place)
            if adoption.look_due(env, status, place):  # there is no bucket, and nothing to be noted in it
                return status
            return await self._told(env, adoption.lifted(env, status), fresh=fresh)
        except (StacksError, ValueError) as error:
            self._why = f"the state bucket could not be read: {error}"
            self._open_at = self._clock.now() + adoption.AGAIN_SECONDS
        return status

    def _lacks(self, place: str) -> bool:
        """Whether that bucket was not there a moment ago: turns come as often as runs have something to say."""
        missing = self._missing_at
        return missing is not None and missing[0] == place and self._clock.now() < missing[1] + adoption.AGAIN_SECONDS

    async def _looked(self, env: Environment, status: EnvironmentStatus, place: str) -> EnvironmentStatus:
        self._missing_at = None
        touched = adoption.seen_by(env, status)
        projects = self._projects(env, env.spec.declaration.layer_names)
        states = [layer for layer in projects if layer not in touched]
        known = [layer for layer in states if stood(status, layer)]
        try:
            found = await self._stacks.look(shelf_of(env, self._settings), projects, states, known)
        except NoBucketError:  # it may come at any time, with what stands and its guards; a run says that it is missing
            self._missing_at, found = (place, self._clock.now()), {}
        if why := adoption.strayed(env, status, found, place, self._settings.cluster):
            raise StacksError(why)
        self._compared |= status.guards is None
        return status if self.no_bucket else adoption.adopted(env, status, found, owner_of(env, self._settings), place)

    async def _told(self, env: Environment, status: EnvironmentStatus, *, fresh: bool) -> EnvironmentStatus:
        """What a marker knows better holds; before the resource goes, the bucket knows what is to be kept of it."""
        if not (markers.marking_due(adoption.held(env, status), status) or (fresh and not self._compared)):
            return status
        projects = self._projects(env, env.spec.declaration.layer_names)
        found = await self._stacks.look(shelf_of(env, self._settings), projects, ())
        if not self._compared:
            mine = owner_of(env, self._settings)
            status = adoption.lifted(env, markers.recalled(env, status, found, mine))
            self._compared = True
        kept = adoption.held(env, status)
        return await self._noted(kept, status, found) if markers.marking_due(kept, status) else status

    async def _noted(
        self, env: Environment, status: EnvironmentStatus, found: Mapping[str, StackSeen]
    ) -> EnvironmentStatus:
        shelf, mine = shelf_of(env, self._settings), owner_of(env, self._settings)
        sure, permitted = not env.made_whole, env.annotations.lowered
        for layer, project in self._projects(env, adoption.seen_by(env, status)).items():
            if owner := markers.marked(found[layer].owner, mine, sure=sure, permitted=permitted):
                await self._stacks.mark(shelf, project, owner)
        return markers.noted(env, status)

    async def _mended(self, env: Environment, status: EnvironmentStatus) -> EnvironmentStatus:
        """The status where a layer is due whose state is no longer the one that it failed of."""
        waiting, self._mended_at = [layer for layer in status.layers if _waits(layer)], None
        if not waiting:
            self._wait = FIRST_SECONDS
            return status
        if self._clock.now() >= self._due():
            self._wait = min(AGAIN_SECONDS, self._wait * 2)
            await self.look(env, status)
            now = moment(self._clock.now())
            for layer in waiting:
                if self._is_another(layer):
                    status = with_layer(status, layer.model_copy(update={"next_retry_at": now}))
        self._mended_at = self._due()
        return status

    def _due(self) -> float:
        return self.facts.looked_at + self._wait if self.facts else 0.0

    def _is_another(self, layer: LayerStatus) -> bool:
        seen = self.facts.seen.get(layer.name) if self.facts else None
        if seen is None or layer.failure is None:
            return False
        return seen.failure is None or seen.digest != layer.failure.state

    def _projects(self, env: Environment, layers: tuple[str, ...] | list[str]) -> dict[str, str]:
        return {layer: env.spec.declaration.stack_project(layer) for layer in layers}


def _waits(layer: LayerStatus) -> bool:
    """Whether the layer stands still until its state is another."""
    failed = layer.state == "Failed" and layer.run is None and layer.next_retry_at is None
    return failed and layer.failure is not None and layer.failure.kind in OF_THE_STATE
