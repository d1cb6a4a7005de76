"""Faults at a bad moment, as the random sequences found them: what a run has made is never lost."""

import pytest

from tests.fakes.bodies import body, with_secrets
from tests.fakes.drive import FOUNDATION, PERSISTENT, Drive
from tests.fakes.world import World

STATE = ("tradai", "tradai-state")
OUTPUTS = ("tradai", "dev-outputs")


@pytest.fixture
def drive() -> Drive:
    return Drive(World(), body())


@pytest.mark.parametrize("restarted", [False, True])
async def test_a_run_that_ends_while_the_passphrase_is_gone_still_publishes_its_secrets(
    drive: Drive, restarted: bool
) -> None:
    await drive.turn(2)
    del drive.world.cluster.secrets[STATE]
    if restarted:
        drive = Drive(drive.world, drive.body)
        del drive.world.cluster.secrets[STATE]
    drive.loop.notice_secret()
    drive.world.executor.succeed("persistent", PERSISTENT, cognito_m2m_client_secret="s3cr3t")
    drive.world.executor.succeed("foundation", FOUNDATION)
    await drive.turn()
    with_secrets(drive.world.cluster)
    drive.loop.notice_secret()
    await drive.turn()
    assert drive.layer("persistent")["state"] == "Ready"
    assert drive.world.cluster.secrets[OUTPUTS] == {"persistent.cognito_m2m_client_secret": "s3cr3t"}
