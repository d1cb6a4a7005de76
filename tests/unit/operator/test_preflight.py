"""When a run looks before it touches anything, and how the Preflight condition reads what it saw."""

import pytest

from tests.fakes.bodies import body, changed
from tests.fakes.drive import PERSISTENT, Drive
from tests.fakes.world import World
from tradai_iac.failure import Failure
from tradai_runner.contract import PreflightResult, Update


@pytest.fixture
def drive() -> Drive:
    return Drive(World(), body())


def asked(drive: Drive) -> str:
    """What the present run of `persistent` has to look for."""
    return drive.world.executor.asked("persistent", Update).survey


def passed(drive: Drive) -> None:
    seen = PreflightResult(facts=asked(drive), ok=True, reason="PreflightPassed", message="all is fit")
    drive.world.executor._end("persistent", outcome="succeeded", outputs=PERSISTENT, survey=seen)


def refused(drive: Drive) -> None:
    failure = Failure(kind="Account", error="another account", hint="Change it.")
    seen = PreflightResult(
        facts=asked(drive), ok=False, reason="AccountMismatch", message="another account. Change it."
    )
    drive.world.executor._end("persistent", outcome="failed", failure=failure, survey=seen)


async def edit(drive: Drive, repository: str) -> None:
    await drive.put(changed(drive.body, layers={"persistent": {"config": {"strategyRepositories": [repository]}}}))


async def test_the_first_run_looks_and_the_next_does_not(drive: Drive) -> None:
    await drive.turn()
    assert asked(drive).startswith("sha256:")
    passed(drive)
    await drive.turn()
    assert (drive.condition("Preflight")["status"], drive.condition("Preflight")["reason"]) == (
        "True",
        "PreflightPassed",
    )
    await edit(drive, "m")
    assert asked(drive) == ""


async def test_what_was_refused_is_looked_at_again_and_said_with_its_hint(drive: Drive) -> None:
    await drive.turn()
    refused(drive)
    await drive.turn()
    condition = drive.condition("Preflight")
    assert (condition["status"], condition["reason"]) == ("False", "AccountMismatch")
    assert condition["message"] == "persistent: another account. Change it."
    assert [event.reason for event in drive.world.cluster.events].count("AccountMismatch") == 1
    await edit(drive, "m")
    assert asked(drive)
    passed(drive)
    await drive.turn()
    assert drive.condition("Preflight")["status"] == "True"


async def test_another_passphrase_or_role_is_looked_at_again(drive: Drive) -> None:
    await drive.turn()
    first = asked(drive)
    passed(drive)
    await drive.turn()
    drive.world.cluster.secrets["tradai", "tradai-state"] = {"passphrase": "another"}
    drive.loop.notice_secret()
    await drive.turn()
    assert asked(drive) not in {"", first}
    passed(drive)
    await drive.turn()
    aws = {"assumeRoleArn": "arn:aws:iam::123456789012:role/deploy"}
    await drive.put(changed(drive.body, aws=drive.body["spec"]["aws"] | aws))
    assert asked(drive)
