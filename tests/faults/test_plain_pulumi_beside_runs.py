"""A person's own engine on the stack of a run: beside it, over its lock, and after one that was lost.

Every one of them writes the state as an update does, and needs no program. Must never be told by the operator.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.budget import timed
from tests.faults.person import PROJECT, Person, Ran
from tests.faults.proxy import Call, Trigger
from tests.faults.sample import converged, deleted, failure, manifest
from tests.faults.site import Site
from tradai_runner.bucket.keys import state_key


@pytest.fixture(scope="module")
def working(site: Site) -> Site:
    site.start()
    return site


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project without a program."""
    (tmp_path / "Pulumi.yaml").write_text(f"name: {PROJECT}\nruntime: python\n")
    return tmp_path


def in_mid_run(stage: str, action: Callable[[Call], object]) -> Trigger:
    """Acts while something of the stack is under way: before the fourth save of its state."""
    key = state_key(PROJECT, stage)
    return Trigger(lambda call: call.method == "PUT" and call.key == key, 4, "before", action)


@pytest.mark.timeout(600)
def test_beside_a_run_it_is_refused_by_the_lock(working: Site, folder: Path) -> None:
    stage, told = "eph-q00", list[str]()
    person = Person(working, stage, folder)
    beside = in_mid_run(stage, lambda _: told.append(person.refresh().stderr))
    with timed("plain pulumi: beside a run"), working.proxy.under(beside):
        working.deployed.apply(manifest(stage))
        converged(working, stage)
    assert "locked" in told[0], told


@pytest.mark.timeout(600)
def test_over_the_lock_of_a_run_it_stops_the_run_and_nothing_is_forgotten(working: Site, folder: Path) -> None:
    stage, told = "eph-q01", list[Ran]()

    person = Person(working, stage, folder)

    def over(call: Call) -> None:
        told.extend((person.cancel(), person.refresh()))

    with timed("plain pulumi: over a run's lock"), working.proxy.under(in_mid_run(stage, over)):
        working.deployed.apply(manifest(stage))
        working.until("the run to fail", lambda: failure(working, stage) is not None)
        assert [each.returncode for each in told] == [0, 0], told
        assert failure(working, stage) == "Conflict"
        working.deployed.tradai("retry", stage)
        converged(working, stage)
        deleted(working, stage)


@pytest.mark.timeout(600)
def test_after_a_run_that_was_lost_it_finds_what_may_exist_and_nothing_is_made_twice(
    working: Site, folder: Path
) -> None:
    stage, told = "eph-q02", list[Ran]()

    person, dies = Person(working, stage, folder), in_mid_run(stage, lambda _: working.lose_run(stage))
    with timed("plain pulumi: after a run that was lost"), working.proxy.under(dies):
        working.deployed.apply(manifest(stage))
        working.until("the run to be lost", lambda: dies.fired.is_set() and not working.runners(stage))
        told.extend((person.cancel(), person.refresh()))
        assert [each.returncode for each in told] == [0, 0], told
        working.start()
        converged(working, stage)
        deleted(working, stage)
