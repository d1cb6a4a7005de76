"""Kills at every step of creations and replacements, over an AWS that shows late: one of each, and the state has it."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.fakes.requests import request_of
from tests.unit.runner.late_aws import TABLE, VPC, Clock, Engine, LateAws
from tests.unit.runner.objects import Objects
from tests.unit.runner.states import PROJECT
from tradai_runner.lock.registry import RunRegistry
from tradai_runner.repair.intent import read_intent
from tradai_runner.repair.rows import FINDS
from tradai_runner.repair.settle import Settled, Settler

#: The sum of all steps of a run that replaces.
STEPS = 6
#: As long as a service may take to agree with itself, less what passes while an engine works.
LATEST = 50.0


class Play:
    """One stack: runs that repair what was left, and go on until they are killed."""

    def __init__(self, type_: str, first: bool, folder: str) -> None:
        self.clock, self.store = Clock(), Objects()
        #: For how long a creation is tried before AWS takes it, in seconds.
        self.slow = 0.0
        self.aws = LateAws(type_, self.clock)
        self.engine = Engine(self.aws, self.store, self.clock, first)
        base = {"layer": "foundation", "environment": "dev", "operation": "up", "account_id": "1"}
        self.request = request_of(run_id="r", region="eu-central-1", backend_url="s3://b", **base)
        self.registry = RunRegistry(Path(folder))
        assert FINDS[type_].agrees > LATEST

    def run(self, round_: int, kill: int | None = None) -> bool:
        """Whether it came to its end."""
        if self._unsettled() and self._put_off(self._settler().settle(self.engine.refresh)):
            return False
        if not self._up(round_, kill):
            return False
        if not self.engine.refused:
            return True
        done = self._settler().take_over(self.engine.refused, self.engine.refresh)
        return not self._put_off(done) and bool(done.repairs) and self._up(round_) and not self.engine.refused

    def _unsettled(self) -> bool:
        return bool(self.engine.pending()) or read_intent(self.store, PROJECT, "dev") is not None

    def _up(self, round_: int, kill: int | None = None) -> bool:
        for number, step in enumerate(self.engine.up(round_), 1):
            self.clock.pass_(1 + (self.slow if step == "noted that it is created" else 0))
            if number == kill:
                return False
        return True

    def _settler(self) -> Settler:
        return Settler(
            self.request, PROJECT, self.store, self.registry, lambda: self.aws, self.clock, pause=self.clock.pass_
        )

    def _put_off(self, done: Settled) -> bool:
        """Whether the next run goes on with it; no person is ever needed."""
        assert done.failure is None or done.failure.kind == "Unseen", done.failure
        return done.failure is not None


attempts = st.lists(
    st.tuples(
        st.integers(1, STEPS),
        st.integers(1, 2),
        st.floats(0, LATEST, allow_nan=False),
        st.sampled_from([0.0, 1.0, 7.0, 20.0, 100.0, 1000.0]),
        st.sampled_from([0.0, 400.0]),
    ),
    max_size=5,
)


#: Back to an earlier round, whose own still waits for its deletion: AWS refuses the name, or the run dies first.
REFUSED = [(3, 2, 0.0, 0.0, 0.0), (2, 1, 0.0, 0.0, 0.0), (1, 1, 0.0, 0.0, 0.0), (2, 2, 0.0, 0.0, 0.0)]
UNMADE = [(3, 2, 0.0, 0.0, 0.0), (2, 1, 0.0, 0.0, 0.0), (1, 1, 0.0, 0.0, 0.0), (1, 2, 0.0, 0.0, 0.0)]
#: As above, with time for the repair to come through.
REFUSED_LATER = [(3, 2, 0.0, 0.0, 0.0), (3, 1, 0.0, 1000.0, 0.0), (2, 2, 0.0, 0.0, 0.0)]
UNMADE_LATER = [(3, 2, 0.0, 0.0, 0.0), (3, 1, 0.0, 1000.0, 0.0), (1, 2, 0.0, 0.0, 0.0)]
#: A deletion that was done and is shown late: of one that makes room, and of one whose name then comes back.
DELETED = [(3, 2, 50.0, 1000.0, 0.0), (2, 1, 0.0, 0.0, 0.0)]
DYING = [(3, 2, 50.0, 1000.0, 0.0), (3, 1, 0.0, 1000.0, 0.0), (2, 1, 0.0, 0.0, 0.0), (3, 2, 0.0, 0.0, 0.0)]
#: A network that was deleted is shown, and has left the state; its successor is not shown yet.
OUTLIVED = [
    (1, 2, 2.0, 7.0, 0.0),
    (4, 2, 0.0, 1000.0, 0.0),
    (6, 1, 24.0, 100.0, 0.0),
    (6, 2, 24.0, 0.0, 0.0),
    (2, 1, 41.0, 1.0, 0.0),
]
#: A creation that was tried again for minutes before AWS took it, and a kill right after that.
SLOW = [(2, 1, 30.0, 0.0, 400.0)]


@settings(max_examples=150, derandomize=True)
@example(TABLE, False, REFUSED, 3)
@example(TABLE, False, UNMADE, 3)
@example(TABLE, False, REFUSED_LATER, 3)
@example(TABLE, False, UNMADE_LATER, 3)
@example(TABLE, True, DELETED, 2)
@example(TABLE, False, DYING, 2)
@example(VPC, False, OUTLIVED, 1)
@example(VPC, False, SLOW, 1)
@example(TABLE, False, SLOW, 1)
@given(st.sampled_from([TABLE, VPC]), st.booleans(), attempts, st.integers(1, 3))
def test_however_often_it_is_killed_and_however_late_aws_shows_it_there_is_one_and_the_state_has_it(
    type_: str, first: bool, killed: list[tuple[int, int, float, float, float]], last: int
) -> None:
    with TemporaryDirectory() as folder:
        play = Play(type_, first, folder)
        for kill, round_, late, later, slow in killed:
            play.aws.late, play.slow = late, slow
            play.run(round_, kill)
            play.clock.pass_(later)
        for _ in range(40):
            if play.run(last):
                break
            play.clock.pass_(30)
        assert [thing.id for thing in play.aws.standing] == [each["id"] for each in play.engine.resources()]
        assert [thing.round for thing in play.aws.standing] == [last]
        assert play.engine.pending() == []
