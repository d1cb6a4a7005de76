"""What the state bucket has of one environment: looked at before the first run or release, told of guards that change.

Must never go on with what is not known: no run, and nothing released.
"""

from tradai_operator.model import Environment, EnvironmentStatus
from tradai_operator.reconcile import adoption
from tradai_operator.reconcile.act import owner_of
from tradai_operator.reconcile.chronicle import shelf_of
from tradai_operator.reconcile.ports import Clock, Markers, MarkersError
from tradai_operator.reconcile.settings import Settings


class Estate:
    """One environment's; `again_at` is when the bucket is asked again, None where nothing is open."""

    def __init__(self, markers: Markers, clock: Clock, settings: Settings) -> None:
        self._markers = markers
        self._clock = clock
        self._settings = settings
        self._why = ""
        self.again_at: float | None = None

    async def settle(self, env: Environment, status: EnvironmentStatus) -> tuple[EnvironmentStatus, str]:
        """The status with what is known, and why that is not enough: empty where it is."""
        if not env.held or env.abandoned:
            return status, ""
        if self.again_at is None or self._clock.now() >= self.again_at:
            status = await self._asked(env, status)
        status = adoption.settled(env, status)
        return status, self._why if adoption.look_due(env, status) or env.deleting else ""

    async def _asked(self, env: Environment, status: EnvironmentStatus) -> EnvironmentStatus:
        self._why, self.again_at = "", None
        try:
            if adoption.look_due(env, status):
                status = await self._looked(env, status)
            status = adoption.settled(env, status)
            return await self._noted(adoption.held(env, status), status)
        except (MarkersError, ValueError) as error:
            self._why = f"what of it stands is not known, since the state bucket does not tell: {error}"
            self.again_at = self._clock.now() + adoption.AGAIN_SECONDS
        return status

    async def _looked(self, env: Environment, status: EnvironmentStatus) -> EnvironmentStatus:
        touched = adoption.seen_by(env, status)
        projects = self._projects(env, env.spec.declaration.layer_names)
        states = [layer for layer in projects if layer not in touched]
        found = await self._markers.look(shelf_of(env, self._settings), projects, states)
        return adoption.adopted(env, status, found, owner_of(env, self._settings))

    async def _noted(self, env: Environment, status: EnvironmentStatus) -> EnvironmentStatus:
        """Before the resource goes, the bucket knows what is to be kept of it."""
        if not adoption.note_due(env, status):
            return status
        shelf, mine = shelf_of(env, self._settings), owner_of(env, self._settings)
        projects = self._projects(env, adoption.seen_by(env, status))
        found = await self._markers.look(shelf, projects, ()) if projects else {}
        fresh = {layer: adoption.marked(seen.owner, mine) for layer, seen in found.items()}
        for layer, owner in fresh.items():
            if owner:
                await self._markers.mark(shelf, projects[layer], owner)
        return adoption.noted(env, status)

    def _projects(self, env: Environment, layers: tuple[str, ...]) -> dict[str, str]:
        return {layer: env.spec.declaration.stack_project(layer) for layer in layers}
