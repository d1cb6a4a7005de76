"""kill -9 of the engine before every one of its writes to the state bucket, in an update and in a destroy.

Its state port dies with it, so that nothing is left which the bucket does not have. Every checkpoint is a write here
(`Sync`), so that the rows are known; where ends may wait, `test_state_ports_in_trouble` plays one row a kind.
"""

import pytest

from tests.faults.budget import timed
from tests.faults.proxy import Call, Trigger
from tests.faults.sample import abreast, converged, gone, manifest
from tests.faults.site import Site

#: How many writes an engine does for the sample's store (counted by the first row, and held against this).
WRITES = 20
ABREAST = 4


def writes_of(layer: str, stage: str, nth: int, site: Site) -> Trigger:
    """Kills engine and port at their nth write for that stack; what AWS has done by then stays done.

    The state that the run itself makes before, with nothing in it, is a row of `test_killed_runners`.
    """

    def matches(call: Call) -> bool:
        made = "if-none-match" in call.headers and call.key.startswith(".pulumi/stacks/")
        return call.writes and not made and call.key.startswith(".pulumi/") and f"sample-{layer}/{stage}" in call.key

    return Trigger(matches, nth, "before", lambda call: site.lose_memory(stage))


@pytest.fixture(scope="module")
def working(site: Site) -> Site:
    site.start()
    return site


def test_as_many_rows_as_an_engine_writes(working: Site) -> None:
    stage = "eph-e00"
    with timed("engine: none is killed"), working.proxy.under(seen := writes_of("store", stage, 10**6, working)):
        working.deployed.apply(manifest(stage, durability="Sync"))
        converged(working, stage)
        assert len(seen.seen) == WRITES, seen.seen


@pytest.mark.timeout(900)
@pytest.mark.parametrize("wave", abreast(range(1, WRITES + 1), ABREAST), ids=lambda wave: f"{wave[0]}-{wave[-1]}")
def test_killed_engines_leave_nothing_that_is_not_put_right(working: Site, wave: tuple[int, ...]) -> None:
    stages = {nth: f"eph-e{nth:02}" for nth in wave}
    ups = [writes_of("store", stages[nth], nth, working) for nth in wave]
    with timed(f"engine: up, writes {wave[0]} to {wave[-1]}"), working.proxy.under(*ups):
        for stage in stages.values():
            working.deployed.apply(manifest(stage, durability="Sync"))
        for stage in stages.values():
            converged(working, stage)
    assert all(trigger.fired.is_set() for trigger in ups)
    downs = [writes_of("work", stages[nth], nth, working) for nth in wave]
    with timed(f"engine: destroy, writes {wave[0]} to {wave[-1]}"), working.proxy.under(*downs):
        for stage in stages.values():
            working.deployed.kubectl("delete", "tradaienv", stage, "-n", "tradai", "--wait=false")
        for stage in stages.values():
            gone(working, stage)
    assert all(trigger.fired.is_set() for trigger in downs)
