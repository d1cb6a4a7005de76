"""What the operator stands on fails for a while: AWS, the state backend, the API server, etcd. Nothing is lost."""

import pytest

from tests.faults.budget import timed
from tests.faults.proxy import Held, Trigger, failing_backend, shaky, slow
from tests.faults.sample import converged, gone, manifest
from tests.faults.site import BUCKET, Site
from tradai_runner.bucket.keys import state_key

SEEDS = (1, 20261121)
#: As long as an engine would try by itself.
_OUTAGE_SECONDS = 30.0


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
def test_a_run_waits_for_a_state_backend_that_fails_and_is_slow_for_a_while(working: Site) -> None:
    stage, outage = "eph-b0", failing_backend()
    begun = Trigger(
        lambda call: call.method == "PUT" and call.key == state_key("sample-store", stage),
        4,
        "before",
        lambda _: working.proxy.rules.append(outage),
    )
    with timed("the state backend fails in mid-run"), working.proxy.under(begun, slow(0.1)):
        working.deployed.apply(manifest(stage))
        working.until("the backend to fail", begun.fired.is_set)
        working.outage(_OUTAGE_SECONDS)
        working.proxy.rules.remove(outage)
        converged(working, stage)
    kept = working.deployed.clients("s3").list_objects_v2(Bucket=BUCKET, Prefix=f".tradai/runs/sample-store/{stage}/")
    results = [each["Key"] for each in kept["Contents"] if each["Key"].endswith("result.json")]
    assert len(results) == 1, "it was one run, which waited"


@pytest.mark.timeout(600)
@pytest.mark.parametrize("server", ["kube-apiserver", "etcd"])
def test_the_control_plane_goes_away_in_mid_run(working: Site, server: str) -> None:
    stage = f"eph-{server[:2]}1"
    run = Held(lambda call: call.operation == "CreateQueue" and stage in call.body.decode())
    with timed(f"{server} is killed in mid-run"), working.proxy.under(run):
        working.deployed.apply(manifest(stage))
        working.until("a run to be half through", run.reached.is_set)
        working.end(server)
        run.free.set()
        if server == "kube-apiserver":
            working.outage(_OUTAGE_SECONDS)
        working.again()
        converged(working, stage)
        working.deployed.apply(manifest(stage, note="second"))
        converged(working, stage, note="second")
        assert working.operators[-1].alive, "the same operator goes on"
