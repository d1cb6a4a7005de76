"""Any sequence of failures, questions, ends, outages and restarts: nothing is told twice, and nothing is lost."""

import asyncio
from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fakes.bodies import annotated, body, changed, deleted
from tests.fakes.drive import SETTINGS, Drive
from tests.fakes.world import World
from tradai_operator.model import Environment, EnvironmentStatus
from tradai_operator.ports import ClusterError
from tradai_operator.reconcile.loop import Loop
from tradai_operator.status.delivery import due_at
from tradai_operator.status.notices import KINDS, Notice, notices_of

TOPIC = "arn:aws:sns:eu-central-1:123456789012:approvals"
TURNS = 8
BUILT: list[tuple[str, Any]] = [("succeed", None), ("succeed", None), ("approve", None)] * 3

steps = st.one_of(
    st.tuples(st.just("fail"), st.sampled_from(["Program", "Unresolved", "Throttled", "Unconfirmed"])),
    st.tuples(st.just("succeed"), st.none()),
    st.tuples(st.just("approve"), st.none()),
    st.tuples(st.just("edit"), st.sampled_from(["one", "two"])),
    st.tuples(st.just("live"), st.sampled_from(["4h", "5h", "72h"])),
    st.tuples(st.just("ask again"), st.none()),
    st.tuples(st.just("pass"), st.sampled_from([30.0, 2000.0, 6000.0])),
    st.tuples(st.just("people"), st.booleans()),
    st.tuples(st.just("cluster"), st.booleans()),
    st.tuples(st.just("restart"), st.none()),
    st.tuples(st.just("delete"), st.none()),
)


class Story(Drive):
    """One environment, what is told of it, and how often a restart may have made it forget that."""

    def __init__(self) -> None:
        super().__init__(World(), body("eph-x", environment="eph-x", blueprint="sample", **_SPEC))
        self.forgotten: Counter[str] = Counter()
        self.kinds: set[str] = set()

    @property
    def told(self) -> list[str]:
        return [notice.digest for _, notice in self.world.notifier.told]

    @property
    def stands(self) -> bool:
        return self.uid in self.world.cluster.objects

    def seen(self) -> tuple[Notice, ...]:
        """What holds by the status that is written."""
        env = Environment.parse(self.body)
        return notices_of(env, env.status)

    async def play(self, what: str, how: Any) -> None:
        self.world.clock.time += 1
        self.world.executor.ended_at = self.world.clock.time
        await getattr(self, f"_{what.replace(' ', '_')}")(how)
        await self.settle()
        if self.stands and not (self.world.cluster.broken or self.world.notifier.error):
            self.nothing_is_lost()
        assert Counter(self.told) <= Counter(set(self.told)) + self.forgotten, "told twice"

    def nothing_is_lost(self) -> None:
        status = EnvironmentStatus.parse(self.body.get("status"))
        for notice in self.seen():
            self.kinds.add(notice.kind)
            at = due_at(status, notice)
            assert notice.digest in self.told if at is None else at > self.world.clock.time, notice.subject

    async def settle(self) -> None:
        """Turns, with moments for deliveries in between."""
        for _ in range(TURNS):
            if not self.stands:
                return
            try:
                await self.turn()
            except ClusterError:
                assert self.world.cluster.broken
            for _ in range(4):
                await asyncio.sleep(0)

    def change(self, new: dict[str, Any]) -> None:
        self.world.cluster.objects[self.uid] = new | {"status": self.body.get("status", {})}

    async def _fail(self, kind: str) -> None:
        for layer in list(self.world.executor.live):
            self.world.executor.fail(layer, kind)

    async def _succeed(self, _: None) -> None:
        executor = self.world.executor
        for layer, handle in list(executor.live.items()):
            if executor.started[handle].operation == "preview":
                data = ("bucket/data",) if "deletionTimestamp" in self.body["metadata"] else ()
                executor.plan(layer, content=handle, create=1, data=data)
            else:
                executor.succeed(layer, {"made": handle})

    async def _approve(self, _: None) -> None:
        if plan := self.body.get("status", {}).get("plan"):
            self.change(annotated(self.body, approve=plan["digest"], approved_by="jane"))

    async def _edit(self, note: str) -> None:
        self.change(changed(self.body, layers={"store": {"config": {"note": note}}}))

    async def _live(self, ttl: str) -> None:
        self.change(changed(self.body, ttl=ttl))

    async def _ask_again(self, _: None) -> None:
        self.change(annotated(self.body, retry=str(self.world.clock.time)))

    async def _pass(self, seconds: float) -> None:
        self.world.clock.time += seconds

    async def _people(self, answer: bool) -> None:
        self.world.notifier.error = "" if answer else "the topic refused"

    async def _cluster(self, answers: bool) -> None:
        self.world.cluster.broken = not answers

    async def _restart(self, _: None) -> None:
        """What was told and not noted yet is told once more, under the same name."""
        noted = EnvironmentStatus.parse(self.body.get("status")).notices
        known = {notice.digest for notice in noted if notice.delivered_at}
        self.forgotten += Counter(set(self.told) - known)
        self.loop._pipeline._notifications.close()
        self.loop = Loop(self.body, self.world.ports, SETTINGS)

    async def _delete(self, _: None) -> None:
        self.change(deleted(self.body))


_SPEC: dict[str, Any] = {"approval": "Always", "deletionPolicy": "Everything", "notify": {"topicArn": TOPIC}}


_CALM = (("cluster", True), ("people", True), ("pass", 1900.0))


async def played(sequence: list[tuple[str, Any]]) -> Story:
    """Ends with everybody answering, and time enough for what was put off."""
    story = Story()
    for what, how in (*sequence, *_CALM):
        if story.stands:
            await story.play(what, how)
    story.loop._pipeline._notifications.close()
    return story


@settings(max_examples=100, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.sampled_from([[], BUILT]), st.lists(steps, max_size=18))
def test_nothing_is_told_twice_and_nothing_is_lost(first: list[Any], sequence: list[tuple[str, Any]]) -> None:
    asyncio.run(played([*first, *sequence]))


TOLD_OF: dict[str, list[tuple[str, Any]]] = {
    "Stalled": [*BUILT, ("edit", "one"), ("succeed", None), ("approve", None), ("fail", "Program")],
    "Expiring": [*BUILT, ("live", "4h"), ("pass", 12000.0)],
    "Confirmation": [*BUILT, ("delete", None), ("succeed", None), ("approve", None)],
    "Approval": BUILT[:2],
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_steps_lead_to_every_kind(kind: str) -> None:
    assert kind in asyncio.run(played(TOLD_OF[kind])).kinds
