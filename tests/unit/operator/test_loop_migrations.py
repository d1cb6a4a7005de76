"""A permission to change what never changes is used up by the run that it permitted."""

import re

import pytest

from tests.fakes.bodies import annotated, body, changed
from tests.fakes.drive import PERSISTENT, Drive
from tests.fakes.world import World
from tradai_operator.model import EnvironmentStatus
from tradai_operator.model.approval_status import MIGRATIONS

KEY = "table-key:deployments"


@pytest.fixture
async def drive() -> Drive:
    """A Ready environment whose next runs may change a table's key once."""
    found = Drive(World(), body())
    await found.build()
    await found.put(annotated(found.body, migrate=KEY))
    assert not found.world.executor.live, "a permission is no change"
    return found


async def change(drive: Drive, *strategies: str) -> tuple[str, ...]:
    """Another spec; the names that the run which comes of it is given."""
    await drive.put(changed(drive.body, layers={"persistent": {"config": {"strategyRepositories": [*strategies]}}}))
    return given(drive)


def given(drive: Drive, layer: str = "persistent") -> tuple[str, ...]:
    return drive.world.executor.started[drive.world.executor.live[layer]].migrations


async def migrate(drive: Drive, *names: str) -> None:
    """The run goes well, and needed those permissions."""
    drive.world.executor.succeed("persistent", PERSISTENT, migrated=names)
    await drive.turn()


async def again(drive: Drive) -> tuple[str, ...]:
    """The next attempt at a failed layer, and what it is given."""
    drive.world.clock.time += 3600
    await drive.turn()
    return given(drive)


async def test_the_run_that_needed_it_uses_it_up(drive: Drive) -> None:
    assert await change(drive, "a") == (KEY,)
    await migrate(drive, KEY)
    assert await change(drive, "b") == (), "the annotation stands as before, and permits nothing any more"


async def test_a_run_that_did_not_need_it_leaves_it(drive: Drive) -> None:
    await change(drive, "a")
    await migrate(drive)
    assert await change(drive, "b") == (KEY,)


async def test_anything_new_behind_it_permits_it_once_more(drive: Drive) -> None:
    await change(drive, "a")
    await migrate(drive, KEY)
    await drive.put(annotated(drive.body, migrate=f"{KEY}@2"))
    assert await change(drive, "b") == (KEY,), "the runner is told its name alone"
    await migrate(drive, KEY)
    assert await change(drive, "c") == ()


async def test_one_of_two_is_used_up_and_the_other_stands(drive: Drive) -> None:
    await drive.put(annotated(drive.body, migrate=f"{KEY}, bucket-name:logs"))
    assert await change(drive, "a") == (KEY, "bucket-name:logs")
    await migrate(drive, KEY)
    assert await change(drive, "b") == ("bucket-name:logs",)


async def test_taking_it_away_and_writing_the_same_again_permits_nothing(drive: Drive) -> None:
    await change(drive, "a")
    await migrate(drive, KEY)
    await drive.put(annotated(drive.body, migrate=""))
    await drive.put(annotated(drive.body, migrate=KEY))
    assert await change(drive, "b") == ()


async def test_an_operator_that_starts_anew_does_not_give_it_again(drive: Drive) -> None:
    await change(drive, "a")
    await migrate(drive, KEY)
    reborn = Drive(drive.world, drive.body)
    assert await change(reborn, "b") == ()


async def test_a_preview_needs_it_and_does_not_use_it_up(drive: Drive) -> None:
    await drive.put(changed(drive.body, approval="Always"))
    assert await change(drive, "a") == (KEY,)
    drive.world.executor.plan("persistent", "replaces a table", migrated=(KEY,))
    await drive.turn()
    await drive.put(annotated(drive.body, approve=drive.status["plan"]["digest"], approved_by="jane"))
    assert drive.world.executor.order[-1] == ("up", "persistent")
    assert given(drive) == (KEY,)
    await migrate(drive, KEY)
    assert await change(drive, "b") == ()


async def test_a_run_that_failed_under_it_is_tried_again_with_it(drive: Drive) -> None:
    await change(drive, "a")
    drive.world.executor.fail("persistent", "Throttled", migrated=(KEY,))
    await drive.turn()
    assert await again(drive) == (KEY,), "its change may be half done"
    await migrate(drive, KEY)
    assert await change(drive, "b") == ()


async def test_a_run_that_failed_under_it_gives_it_to_no_other_change(drive: Drive) -> None:
    await change(drive, "a")
    drive.world.executor.fail("persistent", "Throttled", migrated=(KEY,))
    await drive.turn()
    assert await change(drive, "b") == ()


async def test_once_the_change_has_come_through_the_permission_of_its_failed_runs_is_used_up(drive: Drive) -> None:
    await change(drive, "a")
    drive.world.executor.fail("persistent", "Throttled", migrated=(KEY,))
    await drive.turn()
    await again(drive)
    await migrate(drive)
    await drive.put(annotated(drive.body, reconcile="persistent@1"))
    assert given(drive) == (), "the same inputs once more are another run"


async def test_a_run_that_was_lost_may_have_used_it(drive: Drive) -> None:
    await change(drive, "a")
    drive.world.executor.lose("persistent")
    await drive.turn()
    assert await again(drive) == (KEY,), "the same once more"
    drive.world.executor.lose("persistent")
    await drive.turn()
    assert await change(drive, "b") == (), "and nothing else"


async def test_a_run_that_never_came_to_its_program_leaves_it(drive: Drive) -> None:
    await change(drive, "a")
    drive.world.executor.fail("persistent", "Immutable", "cidrBlock would change")
    await drive.turn()
    assert await change(drive, "b") == (KEY,)


async def test_what_is_written_during_a_run_is_for_the_next_one(drive: Drive) -> None:
    await change(drive, "a")
    await drive.put(annotated(drive.body, migrate=f"{KEY}@2"))
    await migrate(drive, KEY)
    assert await change(drive, "b") == (KEY,)


async def test_another_layers_run_takes_nothing_from_it(drive: Drive) -> None:
    scaled = {"compute": {"config": {"services": {"backend-api": {"desiredCount": 3}}}}}
    await drive.put(changed(drive.body, layers=scaled))
    assert given(drive, "compute") == (KEY,)
    drive.world.executor.lose("compute")
    await drive.turn()
    assert await change(drive, "a") == (KEY,)


async def test_more_words_than_are_remembered_permit_nothing_twice(drive: Drive) -> None:
    words = [f"{KEY}@{number}" for number in range(MIGRATIONS + 10)]
    for number, word in enumerate(words):
        await drive.put(annotated(drive.body, migrate=word))
        assert await change(drive, f"s{number}") == (KEY,)
        await migrate(drive, KEY)
    assert len(drive.status["migrations"]) == MIGRATIONS
    await drive.put(annotated(drive.body, migrate=",".join(words[-MIGRATIONS:])))
    assert await change(drive, "last") == ()


async def test_a_status_of_a_version_that_did_not_note_it_is_read(drive: Drive) -> None:
    drive.status.pop("migrations", None)
    reborn = Drive(drive.world, drive.body)
    assert await change(reborn, "a") == (KEY,)
    assert EnvironmentStatus.parse(drive.status).migrations == ()


async def test_the_status_says_which_word_was_used_by_what(drive: Drive) -> None:
    await change(drive, "a")
    run = drive.layer("persistent")["run"]["id"]
    await migrate(drive, KEY)
    (noted,) = drive.status["migrations"]
    assert re.fullmatch("sha256:.*", noted.pop("inputsDigest"))
    assert noted == {"word": KEY, "layer": "persistent", "run": run, "used": True}
