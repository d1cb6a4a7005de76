"""The passphrase that opens the state is never lost: an unproven one takes its place only once it has opened it."""

from typing import Any

import pytest

from tests.fakes.bodies import body, changed, deleted
from tests.fakes.drive import FOUNDATION, PERSISTENT, Drive
from tests.fakes.executor import PASSPHRASE
from tests.fakes.world import World
from tradai_iac.failure import Failure, FailureClass
from tradai_operator.model import Environment
from tradai_operator.reconcile.destroy_record import DestroyRecord, Given
from tradai_runner.contract import RunResult

WRONG = "wrong one"


def capsule(drive: Drive) -> dict[str, str]:
    return drive.world.cluster.secrets["tradai-system", f"tradai-capsule-{drive.uid}"]


def put_secret(drive: Drive, passphrase: str | None) -> None:
    if passphrase is None:
        drive.world.cluster.secrets.pop(("tradai", "tradai-state"), None)
    else:
        drive.world.cluster.secrets["tradai", "tradai-state"] = {"passphrase": passphrase}
    drive.loop.notice_secret()


@pytest.fixture
async def drive() -> Drive:
    """A Ready environment whose Secret has another passphrase by now, which a run was given and refused."""
    found = Drive(World(), body())
    await found.build()
    put_secret(found, WRONG)
    await found.turn()
    assert found.world.executor.live
    return found


async def refused(drive: Drive) -> None:
    for layer in list(drive.world.executor.live):
        drive.world.executor.fail(layer, "Passphrase", "it does not open the state")
    await drive.turn()


def given(drive: Drive, layer: str) -> list[str]:
    """All passphrases that the live run of a layer was given."""
    handle = drive.world.executor.live[layer]
    others = [value for name, value in sorted(drive.world.executor.secrets[handle].items())]
    return [drive.world.executor.passphrases[handle], *others]


async def test_an_unproven_passphrase_does_not_take_the_place_of_the_last_good_one(drive: Drive) -> None:
    assert capsule(drive)["passphrase"] == PASSPHRASE
    await refused(drive)
    assert capsule(drive)["passphrase"] == PASSPHRASE
    assert WRONG not in capsule(drive).get("given", ""), "what opens nothing is not kept"


async def test_a_passphrase_that_opened_the_state_is_the_one_from_then_on(drive: Drive) -> None:
    drive.world.executor.succeed("persistent", PERSISTENT)
    await drive.turn()
    assert capsule(drive)["passphrase"] == WRONG
    assert PASSPHRASE in capsule(drive)["given"], "another layer's state may still be under it"


async def test_a_deletion_tries_the_secrets_and_all_that_were_kept(drive: Drive) -> None:
    await refused(drive)
    drive.world.cluster.objects[drive.uid] = deleted(drive.body)
    await drive.turn()
    assert given(drive, "edge") == [WRONG, PASSPHRASE]


async def test_without_the_secret_it_tries_what_was_kept(drive: Drive) -> None:
    await refused(drive)
    put_secret(drive, None)
    drive.world.cluster.objects[drive.uid] = deleted(drive.body)
    await drive.turn()
    assert given(drive, "edge") == [PASSPHRASE]


async def test_the_message_says_what_was_tried_and_a_changed_secret_starts_it_again(drive: Drive) -> None:
    await refused(drive)
    drive.world.cluster.objects[drive.uid] = deleted(drive.body)
    await drive.turn()
    drive.world.executor.fail("edge", "Passphrase", "none opens the state")
    await drive.turn(2)
    assert not drive.world.executor.live
    message = drive.status["message"]
    assert "Passphrases tried: the one in Secret tradai-state, the one kept from a successful run." in message
    assert "When Secret tradai-state changes, it starts again." in message
    assert WRONG not in message
    assert PASSPHRASE not in message
    put_secret(drive, "a third")
    await drive.turn()
    assert given(drive, "edge") == ["a third", PASSPHRASE]


async def test_what_a_run_sealed_is_opened_though_the_secret_changed_meanwhile() -> None:
    drive = Drive(World(), body())
    await drive.turn(2)
    put_secret(drive, WRONG)
    drive.world.executor.succeed("persistent", PERSISTENT, cognito_m2m_client_secret="s3cr3t")
    drive.world.executor.succeed("foundation", FOUNDATION)
    await drive.turn()
    outputs = drive.world.cluster.secrets["tradai", "dev-outputs"]
    assert outputs["persistent.cognito_m2m_client_secret"] == "s3cr3t"


def ended(run: str, **more: Any) -> RunResult:
    return RunResult(run_id=run, layer="x", **({"operation": "up", "outcome": "succeeded"} | more))


def test_a_success_counts_for_what_its_own_run_was_given() -> None:
    kept = DestroyRecord({}, "a", (Given("c", ("r3",)), Given("b", ("r1", "r2"))))
    assert kept.after(ended("r2")).passphrases == ("b", "a", "c")
    assert kept.after(ended("r9")) == kept
    assert kept.after(ended("r2", operation="preview")) == kept


def test_what_is_known_once_stays_known_through_any_changes_of_the_secret() -> None:
    kept, parsed = DestroyRecord({}, "good"), Environment.parse(body())
    for number in range(50):
        kept = kept.taking(parsed, f"other-{number}", [f"r{number}"])
    assert kept.passphrase == "good"
    assert len(kept.given) == 50, "each may have made a state, for all that is known"
    for number in range(50):
        kept = kept.after(ended(f"r{number}", outcome="failed", failure=Failure(kind="Account", error="x")))
    assert kept.passphrases == ("good",)


def test_what_may_have_made_a_state_outlives_every_run_that_touches_nothing() -> None:
    kept, parsed = (
        DestroyRecord({}, "first").taking(Environment.parse(body()), "state", ["r0"]),
        Environment.parse(body()),
    )
    kept = kept.after(ended("r0", outcome="failed", failure=Failure(kind="Provider", error="half-way")))
    for number in range(1, 9):
        kept = kept.taking(parsed, f"other-{number}", [f"r{number}"])
        refused = ended(f"r{number}", outcome="failed", untouched=True, failure=Failure(kind="Backend", error="x"))
        kept = kept.after(refused)
    assert kept.passphrases == ("first", "state")
    kept = kept.taking(parsed, "state", ["r9"]).after(ended("r9", outcome="failed", untouched=True))
    assert kept.passphrases == ("first", "state"), "a later run that touched nothing disproves no earlier one"


@pytest.mark.parametrize("kind", ["Account", "Passphrase"])
def test_one_that_once_was_the_best_known_is_not_dropped_since_a_later_run_failed(kind: FailureClass) -> None:
    parsed = Environment.parse(body())
    kept = DestroyRecord({}, "old").taking(parsed, "new", ["r1"]).after(ended("r1"))
    kept = kept.taking(parsed, "old", ["r2"])
    kept = kept.after(ended("r2", outcome="failed", failure=Failure(kind=kind, error="x")))
    assert kept.passphrases == ("new", "old")


async def test_a_passphrase_whose_runs_did_not_begin_is_not_kept(drive: Drive, monkeypatch: pytest.MonkeyPatch) -> None:
    await refused(drive)

    async def refuses(*_: Any) -> None:
        raise OSError("no room")

    monkeypatch.setattr(drive.world.executor, "start", refuses)
    for number in range(9):
        put_secret(drive, f"other-{number}")
        await drive.turn()
    assert "given" not in capsule(drive)
    assert capsule(drive)["passphrase"] == PASSPHRASE


async def test_an_edit_keeps_the_guards_and_what_is_built_apart() -> None:
    drive = Drive(World(), body())
    await drive.build()
    await drive.put(changed(drive.body, deletionPolicy="Retain", suspend=True, layers={}))
    assert '"deletionPolicy": "Retain"' in capsule(drive)["spec"]
    assert '"suspend": false' in capsule(drive)["spec"]
