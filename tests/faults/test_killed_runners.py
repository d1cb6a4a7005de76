"""kill -9 of the runner before and after every one of its writes, those of a repair included."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import pytest

from tests.faults.budget import timed
from tests.faults.proxy import Trigger
from tests.faults.sample import abreast, converged, gone, manifest
from tests.faults.site import Site
from tradai_runner.process.writes import ELSEWHERE as CONTAINERS
from tradai_runner.process.writes import POINTS

#: Point → operation in whose run it is passed, and at which of its writes the runner dies.
OWN = {
    "journal.process": ("up", (1,)),
    "journal.event": ("up", (1, 4)),
    "journal.log": ("up", (2, 9)),
    "journal.result": ("up", (1,)),
    "bucket.state.create": ("up", (1,)),
    "presence.note": ("up", (1,)),
    "presence.swept": ("up", (1,)),
    "bucket.preflight.put": ("up", (1,)),
    "bucket.preflight.delete": ("up", (1,)),
    "bucket.owner.put": ("up", (1,)),
    "bucket.stood.put": ("up", (1, 2)),
    "bucket.fence.put": ("up", (1,)),
    "bucket.run.put": ("up", (1, 2, 3)),
    "bucket.owner.delete": ("destroy", (1,)),
}
#: Passed only where an engine died in the middle of a creation before.
REPAIRING = (
    "bucket.lock.delete",
    "bucket.lock.put",
    "bucket.repair.put",
    "bucket.backup.put",
    "bucket.state.put",
    "bucket.repair.delete",
)
#: Points that no life of the sample passes, and who plays them instead.
PLAYED_ELSEWHERE = {
    "bucket.drift.put": "no life of the sample looks for drift; a look that dies is made again",
    "drift.row": "the same",
    "journal.drift": "the same",
    "run.secrets": "runners write it in containers alone (test_killed_far_from_home.py)",
    "journal.plan": "approval is Never here; a plan that is lost is planned again (tests/e2e/test_approval.py)",
    "bucket.fence.delete": "another operator leads: its fence was put before (tests/faults/test_killed_operators.py)",
}
ABREAST = 4


@dataclass(frozen=True)
class Row:
    """One environment whose runner dies once."""

    stage: str
    point: str
    when: str
    nth: int
    operation: str
    repairing: bool = False

    @property
    def crash(self) -> str:
        return f"runner@{self.stage}+{self.operation}:{self.point}:{self.when}:{self.nth}"


def rows() -> Iterator[Row]:
    own = [
        (name, when, nth, operation)
        for name, (operation, numbers) in OWN.items()
        for nth, when in product(numbers, ("before", "after"))
    ]
    for number, (name, when, nth, operation) in enumerate(own):
        yield Row(f"eph-r{number:02}", name, when, nth, operation)
    for number, (name, when) in enumerate(product(REPAIRING, ("before", "after"))):
        yield Row(f"eph-m{number:02}", name, when, 1, "up", repairing=True)


ROWS = tuple(rows())


def test_every_write_of_the_runner_is_a_row() -> None:
    points = {name for name, (who, _) in POINTS.items() if "runner" in who}
    assert points - {row.point for row in ROWS} == set(PLAYED_ELSEWHERE) | (CONTAINERS & points)


@pytest.fixture(scope="module")
def armed(site: Site) -> Site:
    site.start(*(row.crash for row in ROWS))
    return site


def interrupting(site: Site, row: Row) -> Trigger:
    """Kills the engine while the first layer's table is being made."""
    state = f".pulumi/stacks/sample-store/{row.stage}.json"
    return Trigger(
        lambda call: call.writes and call.key == state and b'"creating"' in call.body,
        1,
        "after",
        lambda call: site.kill_engine(row.stage),
    )


@pytest.mark.timeout(900)
@pytest.mark.parametrize("wave", abreast(ROWS, ABREAST), ids=lambda wave: f"{wave[0].stage}-{wave[-1].stage}")
def test_killed_runners_are_replaced(armed: Site, wave: tuple[Row, ...]) -> None:
    triggers = [interrupting(armed, row) for row in wave if row.repairing]
    with timed(f"runner: {', '.join(dict.fromkeys(row.point for row in wave))}"), armed.proxy.under(*triggers):
        for row in wave:
            armed.deployed.apply(manifest(row.stage))
        for row in wave:
            converged(armed, row.stage)
        for row in wave:
            armed.deployed.kubectl("delete", "tradaienv", row.stage, "-n", "tradai", "--wait=false")
        for row in wave:
            gone(armed, row.stage)
    assert all(trigger.fired.is_set() for trigger in triggers)
    assert [row.crash for row in wave if not armed.crashed(row.crash)] == []
    assert armed.operators[-1].alive
