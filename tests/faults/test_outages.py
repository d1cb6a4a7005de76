"""What the operator stands on fails for a while: AWS, the state backend, the API server, etcd. Nothing is lost."""

import pytest

from tests.faults.budget import timed
from tests.faults.proxy import Trigger, failing_backend, shaky
from tests.faults.sample import converged, gone, manifest
from tests.faults.site import Site

SEEDS = (1, 20261121)
_OUTAGE_SECONDS = 20.0


@pytest.fixture(scope="module")
def working(site: Site) -> Site:
    site.start()
    return site


def removed(site: Site, stage: str) -> None:
    site.deployed.kubectl("delete", "tradaienv", stage, "-n", "tradai", "--wait=false")


@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", SEEDS)
def test_a_third_of_all_aws_calls_fails(working: Site, seed: int) -> None:
    stage = f"eph-t{SEEDS.index(seed)}"
    before = working.proxy.spoiled, working.proxy.calls
    with timed(f"AWS throttles and fails 30 % of calls, seed {seed}"):
        with working.proxy.under(shaky(seed)):
            working.deployed.apply(manifest(stage))
            working.deployed.ready(stage, 600)
            spoiled, calls = working.proxy.spoiled - before[0], working.proxy.calls - before[1]
        assert calls > 100 and 0.15 < spoiled / calls < 0.45, (spoiled, calls)
        converged(working, stage)
        with working.proxy.under(shaky(seed + 1)):
            removed(working, stage)
            working.deployed.gone(stage)
        gone(working, stage)


@pytest.mark.timeout(900)
def test_the_state_backend_fails_for_a_while(working: Site) -> None:
    stage, outage = "eph-b0", failing_backend()
    with timed("the state backend fails in mid-run"):
        begun = Trigger(
            lambda call: call.writes and stage in call.key and call.key.endswith(".json.bak"),
            4,
            "before",
            lambda _: working.proxy.rules.append(outage),
        )
        with working.proxy.under(begun):
            working.deployed.apply(manifest(stage))
            working.until("the run to fail", lambda: failure(working, stage))
            working.proxy.rules.remove(outage)
            assert failure(working, stage) in {"Backend", "Network", "Provider", "Lost"}
            converged(working, stage)


def failure(site: Site, stage: str) -> str | None:
    kinds = [layer.get("failure", {}).get("kind") for layer in site.deployed.status(stage).get("layers", [])]
    return next((kind for kind in kinds if kind), None)


def moving(site: Site, stage: str) -> bool:
    """Whether a run has made something and goes on."""
    layers = site.deployed.status(stage).get("layers", [])
    return any(layer.get("run") and layer["resources"]["done"] > 1 for layer in layers)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("server", ["kube-apiserver", "etcd"])
def test_the_control_plane_goes_away_in_mid_run(working: Site, server: str) -> None:
    stage = f"eph-{server[:2]}1"
    with timed(f"{server} is killed in mid-run"):
        working.deployed.apply(manifest(stage))
        working.until("a run", lambda: moving(working, stage))
        working.end(server)
        if server == "kube-apiserver":
            working.outage(_OUTAGE_SECONDS)
        working.again()
        converged(working, stage)
        working.deployed.apply(manifest(stage, note="second"))
        converged(working, stage, note="second")
        assert working.operators[-1].alive, "the same operator goes on"
