"""A turn that fails of what nobody foresaw is told: Ready is not True, the class is named, an event says so once."""

from collections.abc import Iterator
from typing import Any, Final

import pytest
from structlog.testing import capture_logs

from tests.fakes.bodies import body, changed, deleted
from tests.fakes.drive import PERSISTENT, Drive
from tests.fakes.world import World
from tradai_operator.adapters.kubernetes.cluster import texts
from tradai_operator.model import keys
from tradai_operator.model.crd import custom_resource_definition
from tradai_operator.model.environment import NAME_LIMIT
from tradai_operator.reconcile.destroy_record import name_of

STATE: Final = ("tradai", "tradai-state")
_BUG: Final = "open sesame is in here"


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """A traceback with all its local values takes longer to draw than everything else here."""
    with capture_logs():
        yield


@pytest.fixture
async def drive() -> Drive:
    """Ready; from now on its turns fail, the first after a change of the spec."""
    drive = Drive(World(), body())
    await drive.build()
    return drive


async def guarded(drive: Drive, times: int = 1) -> None:
    for _ in range(times):
        drive.loop.notice(drive.body)
        await drive.loop._guarded_turn()


def spoil(drive: Drive, error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fails(*_: Any) -> None:
        raise error

    monkeypatch.setattr(drive.world.cluster, "secret", fails)
    drive.loop.notice_secret()
    drive.world.cluster.objects[drive.uid] = changed(drive.body, deletionPolicy="Soft")


@pytest.mark.parametrize("error", [ValueError(_BUG), KeyError(_BUG), RuntimeError(_BUG), TypeError(_BUG)])
async def test_it_becomes_a_condition_with_its_class_and_one_event_without_its_words(
    drive: Drive, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoil(drive, error, monkeypatch)
    await guarded(drive, 3)
    ready = drive.condition("Ready")
    assert (ready["status"], ready["reason"]) == ("False", type(error).__name__)
    assert drive.condition("Reconciling")["status"] == "True"
    assert "sesame" not in str(drive.status), "what an error stumbled over is nobody's to read"
    told = [event for event in drive.world.cluster.events if event.reason == type(error).__name__]
    assert [event.type for event in told] == ["Warning"]
    assert drive.status["observedGeneration"] == 1, "the spec of now was not decided upon"


async def test_once_it_is_over_the_environment_is_as_it_was(drive: Drive, monkeypatch: pytest.MonkeyPatch) -> None:
    spoil(drive, ValueError(_BUG), monkeypatch)
    await guarded(drive, 2)
    monkeypatch.undo()
    await guarded(drive)
    assert drive.condition("Ready")["status"] == "True"
    assert drive.status["observedGeneration"] == 2


async def test_a_deletion_says_it_too(drive: Drive, monkeypatch: pytest.MonkeyPatch) -> None:
    drive.world.cluster.objects[drive.uid] = deleted(drive.body)
    spoil(drive, ValueError(_BUG), monkeypatch)
    drive.restart()
    await guarded(drive)
    assert drive.status["phase"] == "DeleteRetrying"
    assert (drive.condition("Reconciling")["status"], drive.condition("Stalled")["status"]) == ("True", "False")


async def test_where_runs_live_may_be_silent_for_a_moment_and_is_told_of_after_a_while(
    drive: Drive, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoil(drive, OSError("no route to host"), monkeypatch)
    await guarded(drive, 3)
    assert drive.condition("Ready")["status"] == "True"
    await guarded(drive)
    assert drive.condition("Ready")["reason"] == "OSError"
    assert "no route to host" in drive.status["message"]


async def test_a_passphrase_that_was_changed_while_a_run_went_on_still_lets_its_outputs_be_read() -> None:
    drive = Drive(World(), body())
    await drive.turn(2)
    drive.world.executor.succeed("persistent", PERSISTENT, cognito_m2m_client_secret="s3cr3t")
    drive.world.cluster.secrets[STATE] = {"passphrase": "another one"}
    drive.loop.notice_secret()
    await drive.turn()
    assert drive.status["outputs"]["persistent"] == PERSISTENT, "its end was taken in"
    assert drive.world.cluster.secrets["tradai", "dev-outputs"] == {"persistent.cognito_m2m_client_secret": "s3cr3t"}


async def test_outputs_that_nothing_opens_are_said_to_be_lost_and_hold_nothing_up() -> None:
    drive = Drive(World(), body())
    await drive.turn(2)
    drive.world.executor.succeed("persistent", PERSISTENT, cognito_m2m_client_secret="s3cr3t")
    drive.world.cluster.secrets[STATE] = {"passphrase": "another one"}
    del drive.world.cluster.secrets["tradai-system", name_of(drive.uid)]
    drive.restart()
    await drive.turn()
    assert drive.status["outputs"]["persistent"] == PERSISTENT, "its end was taken in"
    assert f"{keys.RECONCILE}=persistent@" in drive.status["outputsWithheld"]


def test_a_value_of_a_secret_that_is_no_text_stands_beside_those_that_are() -> None:
    data = {"passphrase": "b3BlbiBzZXNhbWU=", "store.p12": "//4="}
    assert texts(data) == {"passphrase": "open sesame"}


async def test_a_key_that_holds_no_text_is_missing_in_words(drive: Drive) -> None:
    drive.world.cluster.secrets[STATE] = {"other": "text"}
    drive.loop.notice_secret()
    await drive.turn()
    assert drive.status["message"] == "Secret tradai-state in namespace tradai has no key passphrase that holds text"


async def test_outputs_that_are_no_text_are_json() -> None:
    drive = Drive(World(), body())
    await drive.turn(2)
    values: dict[str, Any] = {"ports": [1, None], "on": True, "name": "a"}
    drive.world.executor.succeed("persistent", PERSISTENT, **values)
    await drive.turn()
    secret = drive.world.cluster.secrets["tradai", "dev-outputs"]
    assert secret == {"persistent.ports": "[1, null]", "persistent.on": "true", "persistent.name": "a"}


def test_the_schema_refuses_a_name_that_is_too_long() -> None:
    root = custom_resource_definition()["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    assert root["properties"]["metadata"]["properties"]["name"]["maxLength"] == NAME_LIMIT


async def test_one_that_is_there_from_before_is_told_so_and_can_go() -> None:
    drive = Drive(World(), body("a" * (NAME_LIMIT + 1)))
    await guarded(drive, 2)
    assert drive.status["phase"] == "Invalid"
    assert "name: has more than 63 characters" in drive.status["message"]
    drive.world.cluster.objects[drive.uid] = deleted(drive.body)
    await guarded(drive)
    assert drive.uid not in drive.world.cluster.objects
