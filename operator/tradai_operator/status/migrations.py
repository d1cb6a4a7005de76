"""What became of the permissions to change what never changes: a run that needed one uses it up.

Pure: (status, layer, end of its run) → status. Must never take a word for unused of which that is not known.
"""

from collections.abc import Collection

from tradai_operator.model import EnvironmentStatus, LayerStatus
from tradai_operator.model.approval_status import Migration


def migration_of(word: str) -> str:
    """The migration that a word permits: `table-key:runs@2` permits `table-key:runs` once more."""
    return word.partition("@")[0]


def spent(
    status: EnvironmentStatus, layer: LayerStatus, needed: Collection[str] | None, *, well: bool = False
) -> EnvironmentStatus:
    """An `up` of the layer has ended: `needed` are the migrations that its program needed, None where nobody knows.

    Until one went `well`, the change may be half done: then the same run, tried again, may go on with it.
    """
    if layer.run is None or layer.operation != "up":
        return status
    given = [word for word in layer.run.migrate.split(",") if word]
    taken = [word for word in given if needed is None or migration_of(word) in needed]
    mine = {found.word for found in status.migrations if found.layer == layer.name and not found.used}
    if not (taken or (well and mine)):
        return status
    over = {*taken, *mine} if well else set(taken)
    kept = tuple(found for found in status.migrations if not (found.word in over and found.layer == layer.name))
    noted = tuple(
        Migration(word=word, layer=layer.name, inputs_digest=layer.attempted_digest, run=layer.run.id, used=well)
        for word in sorted(over)
    )
    return status.model_copy(update={"migrations": (*kept, *noted)})
