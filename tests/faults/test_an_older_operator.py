"""An older operator dies in the midst of its work, and one of today goes on: nothing is lost, left behind or taken.

What it has begun is built or taken down to its end, its runs being at work still or dead; what waits for an approval
is asked once more, since a plan is bound to more than it was. Trees that are older still change nothing: each has
noted less in the status.
"""

from collections import Counter
from dataclasses import dataclass

import pytest

from tests.e2e.environment import condition
from tests.faults import older
from tests.faults.budget import timed
from tests.faults.sample import converged, gone, in_aws, manifest
from tests.faults.site import BUCKET, Site

SLOW = "400ms"


@dataclass(frozen=True)
class Old:
    """An operator of an older tree that works on a site; `number` tells its environments from those of others."""

    site: Site
    number: int
    variables: dict[str, str]

    def stage(self, letter: str) -> str:
        """A name for an environment of its own."""
        return f"eph-{letter}{self.number}"


@pytest.fixture(scope="module", params=list(older.TREES))
def old(site: Site, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Old:
    folder = tmp_path_factory.mktemp("older")
    return Old(site, list(older.TREES).index(request.param), older.variables(older.TREES[request.param], folder))


def digest_of(site: Site, stage: str) -> str:
    """What approves the plan that waits, empty while none does."""
    status = site.deployed.status(stage)
    waits = condition(status, "ApprovalRequired") == "True"
    return str(status["plan"]["digest"]) if waits else ""


def taken_over(site: Site, stage: str) -> None:
    """A place is noted of the guards, whoever was asked for them."""
    place = f"{BUCKET} {site.proxy.url}"
    site.until("the place to be noted", lambda: place in site.deployed.status(stage).get("guards", {}).get("place", ""))


def runs(site: Site, stage: str) -> list[str]:
    """The layers of its updates."""
    asked = [journal.request() for journal in site.journals() if journal.request().environment == stage]
    return sorted(each.layer for each in asked if each.operation == "up")


@pytest.mark.timeout(900)
@pytest.mark.parametrize("run", ["goes on", "dies too"])
def test_its_first_build_comes_to_its_end(old: Old, run: str) -> None:
    site, stage = old.site, old.stage("b" if run == "goes on" else "d")
    with timed(f"an older operator dies while it builds, its run {run}"):
        first = site.start(**old.variables)
        site.slow(SLOW)
        site.deployed.apply(manifest(stage))
        site.until("something to be made", lambda: in_aws(site, stage))
        first.kill()
        assert site.runners(stage), "it was to be in the midst of a run"
        if run == "dies too":
            assert site.kill_run(stage)
        site.slow("0ms")
        last = site.start()
        converged(site, stage)
        taken_over(site, stage)
        if run == "goes on":
            assert runs(site, stage) == ["store", "work"], "the run that went on was adopted, and none was begun twice"
        last.kill()


def deleted(site: Site, stage: str) -> Counter[str]:
    """Somebody deletes it; gives what AWS has had of it."""
    site.deployed.ready(stage)
    before = in_aws(site, stage)
    site.deployed.kubectl("delete", "tradaienv", stage, "-n", "tradai", "--wait=false")
    return before


def approve(site: Site, stage: str, but: str = "") -> str:
    """Approves the plan that waits, once it is another than `but`; gives its digest."""
    digest: str = site.until("a plan to wait", lambda: (found := digest_of(site, stage)) != but and found)
    site.deployed.tradai("approve", stage, digest)
    return digest


@pytest.mark.timeout(900)
@pytest.mark.parametrize("run", ["goes on", "dies too"])
@pytest.mark.parametrize("approval", ["Never", "OnDestructive"])
def test_its_deletion_comes_to_its_end_and_leaves_nothing(old: Old, approval: str, run: str) -> None:
    site, stage = old.site, old.stage(f"{approval[0].lower()}{run[0]}")
    with timed(f"an older operator dies while it destroys under {approval}, its run {run}"):
        first = site.start(**old.variables)
        declared = manifest(stage)
        declared["spec"]["approval"] = approval
        site.deployed.apply(declared)
        before = deleted(site, stage)
        approved = approve(site, stage) if approval != "Never" else ""
        site.slow(SLOW)
        site.until("something to be gone", lambda: in_aws(site, stage) != before)
        first.kill()
        assert in_aws(site, stage), "it was to be in the midst of it"
        if run == "dies too":
            assert site.kill_run(stage)
        site.slow("0ms")
        last = site.start()
        if approved:
            approve(site, stage, but=approved)
        gone(site, stage)
        last.kill()


@pytest.mark.timeout(900)
@pytest.mark.parametrize("answered", [False, True], ids=["nobody has answered yet", "the answer came too late"])
def test_a_deletion_that_waits_is_asked_once_more_and_takes_what_is_approved_then(old: Old, answered: bool) -> None:
    site, stage = old.site, old.stage("l" if answered else "w")
    with timed("an older operator dies while a deletion waits for its approval"):
        first = site.start(**old.variables)
        declared = manifest(stage)
        declared["spec"] |= {"approval": "OnDestructive", "deletionPolicy": "All"}
        site.deployed.apply(declared)
        before = deleted(site, stage)
        asked: str = site.until("its plan to wait", lambda: digest_of(site, stage))
        first.kill()
        if answered:
            site.deployed.tradai("approve", stage, asked)
        last = site.start()
        site.until("it to be asked once more", lambda: digest_of(site, stage) not in {"", asked})
        assert in_aws(site, stage) == before, "an answer to another question destroys nothing"
        taken_over(site, stage)
        approve(site, stage)
        site.deployed.gone(stage)
        left = in_aws(site, stage)
        kinds = sorted(name.partition(" ")[0] for name in left)
        assert kinds == ["aws:dynamodb/table:Table", "aws:s3/bucket:Bucket"], "the data stays"
        assert left <= before
        assert not site.locks_of(stage)
        last.kill()
