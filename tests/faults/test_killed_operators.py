"""kill -9 of the operator before and after every one of its writes; another one takes over each time."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.faults.budget import timed
from tests.faults.sample import converged, gone, in_aws, manifest
from tests.faults.site import Site
from tradai_runner.process.writes import ELSEWHERE, POINTS

#: What a person does to an environment, by what the operator writes then.
#: create: from nothing to Ready; stop: deleted while a run is under way; delete: from Ready to gone;
#: keep: the same with a policy that leaves one layer standing; expire: its time is over; harden: a guard is raised.
STORIES = {
    "create": (
        ("cluster.finalizers", 1),
        ("cluster.secret", 1),
        ("cluster.status", 1),
        ("cluster.event", 1),
        ("run.secrets", 1),
        ("journal.request", 1),
        ("run.output", 1),
        ("journal.process", 1),
        ("run.swept", 1),
        ("bucket.history.put", 1),
        ("cluster.lease", 1),
        ("cluster.lease", 3),
        ("cluster.status", 4),
        ("cluster.secret", 2),
    ),
    "stop": (("run.cancelled", 1),),
    "delete": (("cluster.status", 1), ("cluster.secret.delete", 1), ("cluster.finalizers", 1)),
    "keep": (("cluster.record", 1),),
    "expire": (("cluster.delete", 1),),
    "harden": (("bucket.owner.put", 1),),
}

#: Points that no operator of the matrix passes, and who plays them instead.
PLAYED_ELSEWHERE = {"bucket.run.put": "the journal of a run in a container (test_killed_far_from_home.py)"}


@dataclass(frozen=True)
class Row:
    """One environment whose operator dies before a write, and after the same write."""

    stage: str
    story: str
    point: str
    nth: int

    def crash(self, when: str) -> str:
        """The one that takes over comes to the same write as its first of that kind."""
        return f"operator:{self.point}:{when}:{self.nth if when == 'before' else 1}"


def rows() -> Iterator[Row]:
    every = [(story, point, nth) for story, points in STORIES.items() for point, nth in points]
    for number, (story, point, nth) in enumerate(every):
        yield Row(f"eph-o{number:02}", story, point, nth)


ROWS = tuple(rows())


def test_every_write_of_the_operator_is_a_row() -> None:
    points = {name for name, (who, _) in POINTS.items() if "operator" in who}
    assert points - {row.point for row in ROWS} == set(PLAYED_ELSEWHERE) | (ELSEWHERE & points)


def prepared(site: Site, row: Row) -> None:
    """What comes before the story: an operator that nobody kills."""
    declared = manifest(row.stage)
    if row.story == "keep":
        declared["spec"]["deletionPolicy"] = "All"
    if row.story in {"create", "expire"}:
        return
    first = site.start()
    site.deployed.apply(declared)
    if row.story == "stop":
        site.until("a run", lambda: site.runners(row.stage))
    else:
        site.deployed.ready(row.stage)
    first.kill()


def told(site: Site, row: Row) -> None:
    """The story begins."""
    if row.story == "create":
        site.deployed.apply(manifest(row.stage))
    elif row.story == "expire":
        declared = manifest(row.stage)
        declared["spec"]["ttl"] = "1s"
        site.deployed.apply(declared)
    elif row.story == "harden":
        retain = '{"spec": {"deletionPolicy": "Retain"}}'
        site.deployed.kubectl("patch", "tradaienv", row.stage, "-n", "tradai", "--type=merge", "-p", retain)
    else:
        site.deployed.kubectl("delete", "tradaienv", row.stage, "-n", "tradai", "--wait=false")


@pytest.mark.timeout(600)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.story}-{row.point}-{row.nth}")
def test_a_killed_operator_is_replaced_by_one_that_goes_on(site: Site, row: Row) -> None:
    site.forget_crashes("operator")
    with timed(f"operator: {row.story}, {row.point} {row.nth}"):
        prepared(site, row)
        told(site, row)
        for when in ("before", "after"):
            site.dies_of(row.crash(when))
        last = site.start()
        judge(site, row)
        last.kill()


def _of(status: Any, *path: str) -> Any:
    for key in path:
        status = (status or {}).get(key)
    return status


def judge(site: Site, row: Row) -> None:
    """As if nobody had died."""
    if row.story == "create":
        converged(site, row.stage)
    elif row.story == "harden":
        noted = ("guards", "noted", "deletionPolicy")
        site.until("the markers to have it", lambda: _of(site.deployed.status(row.stage), *noted) == "Retain")
    elif row.story == "keep":
        site.deployed.gone(row.stage)
        kinds = sorted(name.partition(" ")[0] for name in in_aws(site, row.stage))
        assert kinds == ["aws:dynamodb/table:Table", "aws:s3/bucket:Bucket"]
        assert row.stage in {record.get("environment") for record in site.deployed.seen.records().values()}
    else:
        gone(site, row.stage)
    capsules = sum(name.startswith("tradai-capsule-") for name in site.deployed.seen.secrets("tradai-system"))
    body = site.deployed.kubectl("get", "tradaienv", "-n", "tradai", "-o", "name").split()
    assert capsules == len(body)
