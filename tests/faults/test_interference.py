"""Somebody else comes in between while a run goes on: another lock holder, a person, a second operator."""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from getpass import getuser
from socket import gethostname

import pytest

from tests.faults.budget import timed
from tests.faults.proxy import slow
from tests.faults.sample import converged, gone, in_aws, manifest
from tests.faults.site import BUCKET, Site
from tradai_runner.bucket.keys import locks_prefix

SECRET = ("secret", "tradai-state", "-n", "tradai")


@pytest.fixture(scope="module")
def working(site: Site) -> Site:
    site.start()
    return site


@pytest.fixture(scope="module")
def somebody() -> Iterator[subprocess.Popen[bytes]]:
    """A living process that is no run of ours."""
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3600)"])
    yield process
    process.kill()
    process.wait(30)


def lock(site: Site, stage: str, pid: int, host: str) -> str:
    """Puts the engine's lock of somebody on the store's stack; gives its key."""
    key = f"{locks_prefix('sample-store', stage)}0f3c.json"
    mark = {"pid": pid, "username": getuser(), "hostname": host, "timestamp": datetime.now(UTC).isoformat()}
    site.deployed.clients("s3").put_object(Bucket=BUCKET, Key=key, Body=json.dumps(mark).encode())
    return key


def kind_of(site: Site, stage: str) -> str | None:
    layers = site.deployed.status(stage).get("layers", [])
    return next((layer["failure"]["kind"] for layer in layers if layer.get("failure")), None)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("host", ["here", "elsewhere"])
def test_a_lock_of_the_living_or_of_strangers_is_left_alone(
    working: Site, somebody: subprocess.Popen[bytes], host: str
) -> None:
    stage = f"eph-l{host[0]}"
    with timed(f"a lock held by somebody {host}"):
        key = lock(working, stage, somebody.pid, gethostname() if host == "here" else "elsewhere")
        working.deployed.apply(manifest(stage))
        working.until("the run to be refused", lambda: kind_of(working, stage) == "Lock")
        status = working.deployed.status(stage)
        assert f"process {somebody.pid}" in json.dumps(status)
        assert key in working.locks()
        assert not in_aws(working, stage), "nothing is made under somebody's lock"
        working.deployed.clients("s3").delete_object(Bucket=BUCKET, Key=key)
        working.deployed.tradai("retry", stage)
        converged(working, stage)


def begun(site: Site, stage: str) -> None:
    """An environment whose first run has just begun; its calls are slow from then on."""
    site.deployed.apply(manifest(stage))
    site.until("an engine", lambda: site.engines(stage))


@pytest.mark.timeout(600)
def test_the_spec_changes_in_mid_run(working: Site) -> None:
    with timed("the spec is changed twice in mid-run"), working.proxy.under(slow(0.1)):
        begun(working, "eph-c0")
        working.deployed.apply(manifest("eph-c0", queues=4, note="second"))
        working.deployed.apply(manifest("eph-c0", queues=2, note="third"))
        converged(working, "eph-c0", queues=2, note="third")


@pytest.mark.timeout(600)
def test_the_resource_is_deleted_in_mid_run(working: Site) -> None:
    with timed("the resource is deleted in mid-run"), working.proxy.under(slow(0.1)):
        begun(working, "eph-c1")
        working.deployed.kubectl("delete", "tradaienv", "eph-c1", "-n", "tradai", "--wait=false")
        gone(working, "eph-c1")


@pytest.mark.timeout(600)
def test_the_namespace_is_deleted_in_mid_run(working: Site) -> None:
    with timed("the namespace is deleted in mid-run"), working.proxy.under(slow(0.1)):
        kubectl = working.deployed.kubectl
        kubectl("create", "namespace", "team")
        for name in ("tradai-state", "tradai-secrets"):
            body = json.loads(kubectl("get", "secret", name, "-n", "tradai", "-o", "json"))
            body["metadata"] = {"name": name, "namespace": "team"}
            kubectl("create", "-f", "-", stdin=json.dumps(body))
        working.deployed.apply(manifest("eph-c2", namespace="team"))
        working.until("an engine", lambda: working.engines("eph-c2"))
        kubectl("delete", "namespace", "team", "--wait=false")
        gone(working, "eph-c2", "team")
        working.until("the namespace to be gone", lambda: not kubectl("get", "ns", "team", "--ignore-not-found"))


@pytest.mark.timeout(600)
def test_the_passphrase_is_deleted_in_mid_run(working: Site) -> None:
    with timed("the Secret is deleted in mid-run, and comes back"):
        body = json.loads(working.deployed.kubectl("get", *SECRET, "-o", "json"))
        begun(working, "eph-c3")
        working.deployed.kubectl("delete", *SECRET)
        working.until(
            "the environment to say so",
            lambda: "does not exist" in working.deployed.status("eph-c3").get("message", ""),
        )
        body["metadata"] = {"name": "tradai-state", "namespace": "tradai"}
        working.deployed.apply(body)
        converged(working, "eph-c3")


@pytest.mark.timeout(600)
def test_the_passphrase_is_gone_when_the_resource_is_deleted(working: Site) -> None:
    with timed("the Secret goes before its environment"):
        body = json.loads(working.deployed.kubectl("get", *SECRET, "-o", "json"))
        begun(working, "eph-c4")
        working.deployed.kubectl("delete", *SECRET)
        working.deployed.kubectl("delete", "tradaienv", "eph-c4", "-n", "tradai", "--wait=false")
        gone(working, "eph-c4")
        body["metadata"] = {"name": "tradai-state", "namespace": "tradai"}
        working.deployed.apply(body)


@pytest.mark.timeout(600)
def test_a_lock_that_an_engine_left_with_its_runner_is_removed(working: Site) -> None:
    with timed("runner and engine die together, and leave their lock"):
        begun(working, "eph-c5")
        working.until("a lock", lambda: any("/eph-c5/" in key for key in working.locks()))
        assert working.kill_run("eph-c5")
        assert any("/eph-c5/" in key for key in working.locks())
        converged(working, "eph-c5")
        said = [repair["what"] for repair in working.deployed.status("eph-c5")["repairs"]]
        assert any("removed the lock of a run that died" in what for what in said)


@pytest.mark.timeout(600)
def test_of_two_operators_one_works_and_the_other_takes_over(working: Site) -> None:
    with timed("two operators, and the one that leads is killed in mid-run"):
        first = working.operators[-1]
        second = working.start(TRADAI_METRICS_ADDRESS="127.0.0.1:0")
        begun(working, "eph-c6")
        first.kill()
        converged(working, "eph-c6")
        assert second.alive
        requests = [json.loads(path.read_text()) for path in working.root.glob("journal/*/*/*/request.json")]
        mine = sorted(asked["layer"] for asked in requests if asked["environment"] == "eph-c6")
        assert mine == ["store", "work"], "the run that went on was adopted, and none was begun twice"
