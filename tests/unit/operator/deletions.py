"""An environment in the midst of its deletion, which several files of tests begin with."""

from tests.fakes.bodies import body, deleted
from tests.fakes.drive import Drive
from tests.fakes.world import World


async def in_its_first_destroy() -> Drive:
    """Built, deleted, and the first of its layers is being destroyed."""
    drive = Drive(World(), body())
    await drive.build()
    await drive.put(deleted(drive.body))
    assert set(drive.world.executor.live) == {"edge"}
    return drive
