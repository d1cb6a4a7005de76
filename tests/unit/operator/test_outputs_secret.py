"""The Secret with the secret outputs: ours where we made it; one of that name that somebody else made is left alone."""

from tests.fakes.bodies import body
from tests.fakes.drive import PERSISTENT, Drive
from tests.fakes.world import World

THEIRS = {"mine": "somebody else's", "persistent.x": "theirs"}


async def built(theirs: dict[str, str] | None) -> Drive:
    drive = Drive(World(), body())
    if theirs:
        drive.world.cluster.secrets["tradai", "dev-outputs"] = dict(theirs)
    await drive.turn(2)
    drive.world.executor.succeed("persistent", PERSISTENT, cognito_m2m_client_secret="s3cr3t")
    await drive.turn()
    return drive


async def test_a_foreign_secret_of_that_name_is_left_alone_and_said_so() -> None:
    drive = await built(THEIRS)
    assert drive.world.cluster.secrets["tradai", "dev-outputs"] == THEIRS
    assert ("tradai", "dev-outputs") not in drive.world.cluster.made
    said = drive.status["outputsWithheld"]
    assert "Secret dev-outputs was not made by this resource" in said
    assert "tradai.io/reconcile=persistent@" in said
    assert [event.reason for event in drive.world.cluster.events].count("OutputsWithheld") == 1
    assert drive.layer("persistent")["state"] == "Ready", "nothing is held up by it"


async def test_it_is_written_once_the_other_is_out_of_the_way() -> None:
    drive = await built(THEIRS)
    del drive.world.cluster.secrets["tradai", "dev-outputs"]
    drive.body["metadata"]["annotations"] = {"tradai.io/reconcile": "persistent@1"}
    await drive.turn()
    drive.world.executor.succeed("persistent", PERSISTENT, cognito_m2m_client_secret="s3cr3t")
    await drive.turn()
    secret = drive.world.cluster.secrets["tradai", "dev-outputs"]
    assert secret["persistent.cognito_m2m_client_secret"] == "s3cr3t"
    assert not drive.status.get("outputsWithheld")


async def test_our_own_is_taken_on() -> None:
    drive = await built(None)
    assert drive.world.cluster.made["tradai", "dev-outputs"] == "dev"
    assert not drive.status.get("outputsWithheld")
