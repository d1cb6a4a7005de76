"""One whole dev environment that suffers one of each fault in turn, and stands in the end as if nothing had been."""

from collections.abc import Iterator

import pytest

from tests.documents.manifests import as_documented
from tests.e2e.environment import STAGES
from tests.e2e.inventory import PERSISTENT, inventory
from tests.e2e.recorded import recorded
from tests.e2e.test_nothing_changes_twice import differences
from tests.faults.budget import timed
from tests.faults.proxy import Trigger, failing_backend, shaky
from tests.faults.site import Site

_OUTAGE_SECONDS = 20.0
DATABASE_GOES = "tradai.io/confirm-destroy=instance/database"
#: The sandbox has the state buckets of all environments.
OTHERS = {f"tradai-pulumi-state-{stage}" for stage in STAGES if stage != "dev"}


@pytest.fixture(scope="module")
def dev(site: Site) -> Iterator[Site]:
    site.start()
    site.deployed.apply(as_documented("dev"))
    yield site


def layer(site: Site, name: str) -> dict[str, object]:
    """One layer as the status has it."""
    layers = site.deployed.status("dev").get("layers", [])
    return next((found for found in layers if found["name"] == name), {"name": name, "state": "Unknown"})


def until_moving(site: Site, name: str) -> None:
    """A run of that layer has made something, or the layer is through."""

    def moving() -> bool:
        found = layer(site, name)
        done = found.get("resources", {"done": 0})
        return found["state"] == "Ready" or (bool(found.get("run")) and done["done"] > 3)  # type: ignore[index]

    site.until(f"{name} to move", moving, 600)


@pytest.mark.timeout(1800)
def test_a_whole_environment_survives_one_of_each_fault(dev: Site) -> None:
    until_moving(dev, "persistent")
    with timed("whole: the operator is killed in mid-run"):
        dev.operators[-1].kill()
        dev.start()
    with timed("whole: an engine is killed in mid-run"):
        until_moving(dev, "foundation")
        assert dev.kill_engine("dev")
    with timed("whole: runner and engine are killed together"):
        until_moving(dev, "foundation")
        dev.kill_run("dev")
    with timed("whole: AWS throttles and fails 30 % of calls"), dev.proxy.under(shaky(7)):
        dev.until("a third of two hundred calls to be spoiled", lambda: dev.proxy.spoiled > 60, 600)
    with timed("whole: the API server is down for 20 s"):
        dev.end("kube-apiserver")
        dev.outage(_OUTAGE_SECONDS)
        dev.again()
    with timed("whole: etcd is killed"):
        dev.end("etcd")
        dev.again()
    with timed("whole: images, up to the compute layer"):
        dev.deployed.push_images("dev")
        until_moving(dev, "compute")
    with timed("whole: the state backend fails"):
        outage = failing_backend()
        begun = Trigger(lambda call: call.writes and ".pulumi/stacks/" in call.key, 2, "before", lambda _: None)
        with dev.proxy.under(begun):
            dev.until("the state to be written", lambda: begun.fired.is_set() or layer(dev, "edge")["state"] == "Ready")
        with dev.proxy.under(outage):
            dev.outage(_OUTAGE_SECONDS)
    with timed("whole: the spec is changed, and everything becomes Ready"):
        changed = as_documented("dev")
        changed["spec"]["layers"]["persistent"] = {"config": {"strategyRepositories": ["momentum"]}}
        dev.deployed.apply(changed)
        dev.deployed.tradai("retry", "dev")
        dev.deployed.ready("dev", 900)
    there = inventory(dev.deployed.clients)
    there["buckets"] -= OTHERS
    assert differences(there, recorded(dev.deployed.clients, ["dev"])) == {}
    assert "tradai/momentum-dev" in there["repositories"]
    assert dev.locks() == []


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
