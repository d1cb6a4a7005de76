"""A person's own `pulumi up`, with the layer's program, beside runs: by their lock, over it, and after them.

Begins are in the bucket before they are acknowledged, so that the person's engine is shown whatever may stand. Must
never be told by the operator.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

import pytest

from tests.faults.budget import timed
from tests.faults.errors import Answer
from tests.faults.person import PROJECT, Person, Ran, writer
from tests.faults.proxy import RESET, Call, Rule, Trigger
from tests.faults.sample import converged, deleted, failure, in_aws, in_state, kept, manifest
from tests.faults.site import Site
from tradai_runner.bucket.keys import state_key

DURABILITIES = ("Sync", "Group")


@dataclass(frozen=True)
class Moment:
    """In a run of the store: before or after something passes by."""

    name: str
    when: str
    matches: Callable[[Call, str], bool]

    def trigger(self, stage: str, action: Callable[[Call], object]) -> Trigger:
        """Acts then, once, while what passes by waits."""
        return Trigger(lambda call: self.matches(call, stage), 1, self.when, action)

    def lost(self, stage: str, dies: Trigger) -> Rule:
        """What was passing by when its sender died does not arrive."""
        done = threading.Event()

        def rule(call: Call, after: bool) -> Answer | None:
            due = dies.fired.is_set() and not done.is_set() and after == (self.when == "after")
            if not due or not self.matches(call, stage):
                return None
            done.set()
            return RESET

        return rule


def _makes_the_table(call: Call, stage: str) -> bool:
    return call.operation == "CreateTable" and stage.encode() in call.body


def _begins_the_block(call: Call, stage: str) -> bool:
    """The block is the bucket's: that the bucket was made has no save of its own where ends are grouped."""
    saves = call.method == "PUT" and call.key == state_key(PROJECT, stage)
    return saves and b"bucketPublicAccessBlock:BucketPublicAccessBlock" in call.body


NOT_MADE = Moment("begun and not made", "before", _makes_the_table)
MADE = Moment("made and not told", "after", _makes_the_table)
ENDED = Moment("ended and not saved", "before", _begins_the_block)
MOMENTS = (NOT_MADE, MADE, ENDED)

#: Stage, durability, moment.
Row = tuple[str, str, Moment]


def rows(letter: str) -> list[Row]:
    """Every combination."""
    combined = product(DURABILITIES, MOMENTS)
    return [(f"eph-{letter}{number:02}", durability, moment) for number, (durability, moment) in enumerate(combined)]


def named(row: Row) -> str:
    return f"{row[1]}, {row[2].name}"


@dataclass
class Played:
    """A person beside one run, and how each of their commands ended."""

    person: Person
    told: list[Ran] = field(default_factory=list)

    def over(self) -> None:
        """They take the lock away and go on."""
        self.told += [self.person.cancel(), self.person.up()]


@pytest.fixture(scope="module")
def working(site: Site) -> Site:
    site.start()
    return site


def begun(site: Site, stage: str, durability: str, note: str = "first") -> None:
    site.deployed.apply(manifest(stage, durability=durability, note=note))


def repaired(site: Site, stage: str) -> list[str]:
    """What runs of the store have put right."""
    results = [j.result() for j in site.journals() if j.request().environment == stage and j.request().layer == "store"]
    return [repair.urn for result in results if result for repair in result.repairs if repair.urn]


def said(site: Site, stage: str) -> str:
    """Why the store has failed."""
    (store,) = (layer for layer in site.deployed.status(stage)["layers"] if layer["name"] == "store")
    error: str = store["failure"]["error"]
    return error


@pytest.mark.timeout(600)
@pytest.mark.parametrize("row", [row for row in rows("u") if row[2] is NOT_MADE], ids=named)
def test_beside_a_run_it_is_refused_and_after_it_both_go_on(working: Site, tmp_path: Path, row: Row) -> None:
    stage, durability, moment = row
    played = Played(Person.ready(working, stage, tmp_path))
    beside = moment.trigger(stage, lambda _: played.told.append(played.person.up()))
    with timed(f"plain pulumi up: beside {stage}"), working.proxy.under(beside):
        begun(working, stage, durability)
        converged(working, stage)
    assert played.told[0].returncode != 0
    assert "locked by 1 lock" in played.told[0].stdout + played.told[0].stderr
    assert writer(working, stage), "nothing but the run has written"
    _an_ordinary_one(working, played, durability)


def _an_ordinary_one(site: Site, played: Played, durability: str) -> None:
    """After the run: nothing to change for the person, and nothing in the way of the next run."""
    stage = played.person.stage
    before = (in_aws(site, stage), in_state(site, stage))
    done = played.person.up()
    assert done.returncode == 0, done.stdout + done.stderr
    assert (in_aws(site, stage), in_state(site, stage)) == before
    assert not [verb for verb in ("created", "updated", "replaced", "deleted") if f" {verb}" in done.stdout]
    assert writer(site, stage) is None, "the person has written the state"
    begun(site, stage, durability, note="second")
    converged(site, stage, note="second")
    assert writer(site, stage), "and a run has after them"
    assert repaired(site, stage) == []
    assert failure(site, stage) is None
    deleted(site, stage)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("row", rows("v"), ids=named)
def test_over_the_lock_of_a_run_it_stops_the_run_and_the_next_one_puts_it_right(
    working: Site, tmp_path: Path, row: Row
) -> None:
    stage, durability, moment = row
    played = Played(Person.ready(working, stage, tmp_path))
    with timed(f"plain pulumi up: over {stage}"), working.proxy.under(moment.trigger(stage, lambda _: played.over())):
        begun(working, stage, durability)
        working.until("the run to fail", lambda: failure(working, stage) is not None)
        _stopped(working, played)
        working.deployed.tradai("retry", stage)
        converged(working, stage)
    _put_right(working, stage)


def _stopped(site: Site, played: Played) -> None:
    """What the person wrote stays; what the run had is beside it, and that it never ended is noted."""
    stage = played.person.stage
    assert played.told[0].returncode == 0, played.told[0]
    assert failure(site, stage) == "Conflict"
    assert "by hand, with a plain `pulumi`" in said(site, stage)
    assert writer(site, stage) is None, played.told[1]
    assert kept(site, f".tradai/unsaved/{PROJECT}/{stage}/") == 1
    assert kept(site, f".tradai/repairs/{PROJECT}/{stage}.opened/") == 1


def _put_right(site: Site, stage: str, *, knew: bool = False) -> None:
    """`converged` has counted what AWS and the states have: one of each; `knew`: the state may have had all of them."""
    assert knew or repaired(site, stage), "what was under way was looked up"
    assert kept(site, f".tradai/repairs/{PROJECT}/{stage}.") == 0
    deleted(site, stage)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("row", rows("w"), ids=named)
def test_after_a_run_that_was_lost_it_needs_the_lock_and_the_next_run_puts_it_right(
    working: Site, tmp_path: Path, row: Row
) -> None:
    stage, durability, moment = row
    played = Played(Person.ready(working, stage, tmp_path))
    dies = moment.trigger(stage, lambda _: working.lose_run(stage))
    with timed(f"plain pulumi up: after {stage}"), working.proxy.under(dies, moment.lost(stage, dies)):
        begun(working, stage, durability)
        working.until("the run to be lost", lambda: dies.fired.is_set() and not working.runners(stage))
        assert "locked by 1 lock" in (locked := played.person.up()).stdout + locked.stderr
        played.over()
        assert played.told[0].returncode == 0, played.told[0]
        assert writer(working, stage) is None, played.told[1]
        working.start()
        converged(working, stage)
    _put_right(working, stage, knew=(durability, moment) == ("Sync", ENDED))
