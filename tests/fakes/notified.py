"""An environment whose people are told of what waits for them: built, asked something, and turned on.

Must never look at what they were told.
"""

import asyncio
from typing import Any

from tests.fakes.bodies import body, changed
from tests.fakes.drive import Drive
from tests.fakes.world import World

TOPIC = "arn:aws:sns:eu-central-1:123456789012:approvals"
LOST = "deletes aws:ecr/repository:Repository momentum with its data"
STRATEGIES: dict[str, Any] = {"persistent": {"config": {"strategyRepositories": ["momentum"]}}}


async def standing(**notify: Any) -> Drive:
    found = Drive(World(), body(approval="OnDestructive", layers=STRATEGIES, notify=notify))
    await found.build()
    return found


async def ask(drive: Drive, content: str = "1") -> str:
    await drive.put(changed(drive.body, layers={}))
    drive.world.executor.plan("persistent", LOST, content=content)
    await settle(drive)
    digest: str = drive.status["plan"]["digest"]
    return digest


async def settle(drive: Drive) -> None:
    """Turns with a moment for deliveries in between."""
    for _ in range(3):
        await drive.turn()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    await drive.turn()
