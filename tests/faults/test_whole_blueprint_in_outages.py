"""One whole dev environment around which all else fails in turn, and that stands in the end as if nothing had been."""

from collections.abc import Iterator

import pytest

from tests.documents.manifests import as_documented
from tests.faults.budget import timed
from tests.faults.proxy import Trigger, failing_backend
from tests.faults.site import Site
from tests.faults.whole import as_if_nothing_had_been, layer, until_moving

_OUTAGE_SECONDS = 20.0


@pytest.fixture(scope="module")
def dev(site: Site) -> Iterator[Site]:
    site.start()
    site.deployed.apply(as_documented("dev"))
    yield site


@pytest.mark.timeout(1800)
def test_a_whole_environment_survives_outages_of_all_that_it_needs(dev: Site) -> None:
    until_moving(dev, "persistent")
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
    assert "tradai/momentum-dev" in as_if_nothing_had_been(dev)["repositories"]
