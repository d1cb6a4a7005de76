"""A person's own engine on the stack of a run: beside it, over its lock, and after one that was lost.

Every one of them writes the state as an update does, and needs no program. Must never be told by the operator.
"""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.budget import timed
from tests.faults.proxy import Call, Trigger
from tests.faults.sample import converged, failure, gone, manifest
from tests.faults.site import BUCKET, Site
from tradai_iac.runner.backend import engine_url, state_key

REFRESH = ("refresh", "--yes", "--skip-preview", "--clear-pending-creates")
CANCEL = ("cancel", "--yes")


@pytest.fixture(scope="module")
def working(site: Site) -> Site:
    site.start()
    return site


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project without a program."""
    (tmp_path / "Pulumi.yaml").write_text("name: sample-store\nruntime: python\n")
    return tmp_path


def plain(site: Site, folder: Path, stage: str, *words: str) -> "subprocess.CompletedProcess[str]":
    """A plain `pulumi` on the state bucket itself."""
    backend = engine_url(f"s3://{BUCKET}", "eu-central-1", site.proxy.url)
    env = os.environ | site.deployed.env | {"PULUMI_BACKEND_URL": backend, "PULUMI_SKIP_UPDATE_CHECK": "true"}
    command = ["pulumi", "--non-interactive", *words, "--stack", f"organization/sample-store/{stage}"]
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=120, check=False)


def in_mid_run(stage: str, action: Callable[[Call], object]) -> Trigger:
    """Acts while something of the stack is under way: before the fourth save of its state."""
    key = state_key("sample-store", stage)
    return Trigger(lambda call: call.method == "PUT" and call.key == key, 4, "before", action)


@pytest.mark.timeout(600)
def test_beside_a_run_it_is_refused_by_the_lock(working: Site, folder: Path) -> None:
    stage, told = "eph-q00", list[str]()
    beside = in_mid_run(stage, lambda _: told.append(plain(working, folder, stage, *REFRESH).stderr))
    with timed("plain pulumi: beside a run"), working.proxy.under(beside):
        working.deployed.apply(manifest(stage))
        converged(working, stage)
    assert "locked" in told[0], told


@pytest.mark.timeout(600)
def test_over_the_lock_of_a_run_it_stops_the_run_and_nothing_is_forgotten(working: Site, folder: Path) -> None:
    stage, told = "eph-q01", list[subprocess.CompletedProcess[str]]()

    def over(call: Call) -> None:
        told.extend(plain(working, folder, stage, *words) for words in (CANCEL, REFRESH))

    with timed("plain pulumi: over a run's lock"), working.proxy.under(in_mid_run(stage, over)):
        working.deployed.apply(manifest(stage))
        working.until("the run to fail", lambda: failure(working, stage) is not None)
        assert [each.returncode for each in told] == [0, 0], told
        assert failure(working, stage) == "Conflict"
        working.deployed.tradai("retry", stage)
        converged(working, stage)
        working.deployed.kubectl("delete", "tradaienv", stage, "-n", "tradai", "--wait=false")
        gone(working, stage)


@pytest.mark.timeout(600)
def test_after_a_run_that_was_lost_it_finds_what_may_exist_and_nothing_is_made_twice(
    working: Site, folder: Path
) -> None:
    stage, told = "eph-q02", list[subprocess.CompletedProcess[str]]()

    def lost(call: Call) -> None:
        working.end_operators()
        working.kill_port(stage)
        working.kill_run(stage)

    with timed("plain pulumi: after a run that was lost"), working.proxy.under(dies := in_mid_run(stage, lost)):
        working.deployed.apply(manifest(stage))
        working.until("the run to be lost", lambda: dies.fired.is_set() and not working.runners(stage))
        told.extend(plain(working, folder, stage, *words) for words in (CANCEL, REFRESH))
        assert [each.returncode for each in told] == [0, 0], told
        working.start()
        converged(working, stage)
        working.deployed.kubectl("delete", "tradaienv", stage, "-n", "tradai", "--wait=false")
        gone(working, stage)
