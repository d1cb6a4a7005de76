"""Data and network of dev while all processes of ours are killed in turn: made, then destroyed, as if none had been."""

from collections.abc import Iterator

import pytest

from tests.documents.manifests import as_documented
from tests.e2e.inventory import PERSISTENT, inventory
from tests.faults.budget import timed
from tests.faults.proxy import Trigger, shaky
from tests.faults.sample import by_hand, failure, saves
from tests.faults.site import Site
from tests.faults.whole import as_if_nothing_had_been, until_moving

DATABASE_GOES = "tradai.io/confirm-destroy=instance/database"


@pytest.fixture(scope="module")
def dev(site: Site) -> Iterator[Site]:
    site.start()
    half = as_documented("dev")
    half["spec"]["layers"] |= {"compute": {"enabled": False}, "edge": {"enabled": False}}
    site.deployed.apply(half)
    yield site


@pytest.mark.timeout(1200)
def test_it_survives_killed_operators_engines_and_runners(dev: Site) -> None:
    dev.slow("50ms")  # so that each finds a run at work
    until_moving(dev, "persistent")
    with timed("whole: the operator is killed in mid-run"):
        dev.operators[-1].kill()
        dev.start()
    with timed("whole: an engine is killed in mid-run"):
        until_moving(dev, "foundation")
        assert dev.kill_engine("dev")
    with timed("whole: runner, engine and state port are killed together, and all that they remember is lost"):
        until_moving(dev, "foundation")
        dev.kill_port("dev")
        dev.kill_run("dev")
    with timed("whole: the state port alone is killed"):
        dev.until("a state port", lambda: dev.ports("dev"))
        assert dev.kill_port("dev")
    with timed("whole: somebody writes the state beside a run"):
        until_moving(dev, "foundation")
        written = Trigger(saves("tradai-foundation"), 1, "before", lambda _: by_hand(dev, "tradai-foundation", "dev"))
        with dev.proxy.under(written):
            dev.until("the state to be written by both", written.fired.is_set, 300)
            dev.until("the run to say so", lambda: failure(dev, "dev") == "Conflict")
        dev.deployed.tradai("retry", "dev")
    dev.slow("0ms")
    with timed("whole: AWS throttles and fails 30 % of calls"), dev.proxy.under(shaky(7)):
        dev.until("a third of two hundred calls to be spoiled", lambda: dev.proxy.spoiled > 60, 600)
    with timed("whole: everything becomes Ready"):
        dev.deployed.tradai("retry", "dev")
        dev.deployed.ready("dev", 900)
    as_if_nothing_had_been(dev, ("persistent", "foundation"))


@pytest.mark.timeout(1200)
def test_its_deletion_survives_a_killed_engine_and_a_killed_operator(dev: Site) -> None:
    before = inventory(dev.deployed.clients)
    with timed("whole: deleted, engine and operator killed meanwhile"):
        dev.deployed.kubectl("annotate", "tradaienv", "dev", "-n", "tradai", DATABASE_GOES)
        dev.deployed.kubectl("delete", "tradaienv", "dev", "-n", "tradai", "--wait=false")
        dev.until("an engine", lambda: dev.engines("dev"))
        dev.kill_engine("dev")
        dev.operators[-1].kill()
        dev.start()
        dev.until("dev to be gone", lambda: dev.deployed.get("dev") is None, 900)
    after = inventory(dev.deployed.clients)
    assert after["tables"] == before["tables"]
    rest = {kind: names for kind, names in after.items() if names and kind not in PERSISTENT and kind != "roles"}
    assert rest == {}
    assert dev.locks() == []
