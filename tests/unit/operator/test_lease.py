"""Who may lead: the rules of the Lease, and leaders over a shared one with a clock that a test turns."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.cluster import FakeCluster
from tests.fakes.executor import FakeExecutor
from tests.fakes.lease import FakeLease, LeaseStore
from tests.fakes.world import FakeClock
from tradai_operator.lead.ending import StuckError
from tradai_operator.lead.fenced import FencedCluster, FencedExecutor
from tradai_operator.lead.leader import Leader, NotLeadingError
from tradai_operator.lead.lease import Candidate, LeaseRecord, Timing, next_term
from tradai_operator.ports import ClusterError, Ref, RefusedError
from tradai_runner.contract import Update

#: Sleeps are short, the clock is turned by hand.
QUICK = Timing(renew=0.002, look=0.002, retry=0.001, request=1.0, stop=0.01, back=0.005)
REF = Ref("tradai", "dev", "uid-1")
REQUEST = Update(run_id="r", layer="edge", environment="dev", account_id="1", region="r", backend_url="s3://b")


@dataclass
class Operator:
    leader: Leader
    lease: FakeLease
    clock: FakeClock
    log: list[str] = field(default_factory=list)

    async def gained(self) -> None:
        self.log.append(f"gained {self.leader.term}")

    async def lost(self) -> None:
        self.log.append("lost")


@asynccontextmanager
async def campaign(store: LeaseStore, clock: FakeClock, name: str) -> AsyncIterator[Operator]:
    lease = FakeLease(store)
    operator = Operator(Leader(lease, clock, name, QUICK), lease, clock)
    task = asyncio.create_task(operator.leader.run(operator.gained, operator.lost))
    try:
        yield operator
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - what is waited for sends no event
            await asyncio.sleep(0.001)


RECORD = LeaseRecord("other", 5, 10.0, version="7")


@pytest.mark.parametrize(
    ("record", "at_once"),
    [
        pytest.param(None, True, id="nobody ever held it"),
        pytest.param(LeaseRecord("", 5, 10.0, "7"), True, id="it was released"),
        pytest.param(LeaseRecord("me", 5, 10.0, "7"), True, id="it is our own"),
        pytest.param(LeaseRecord("dead", 5, 10.0, "7"), True, id="its holder is proven dead"),
        pytest.param(RECORD, False, id="somebody may hold it"),
    ],
)
def test_when_a_lease_may_be_taken_at_first_sight(record: LeaseRecord | None, at_once: bool) -> None:
    candidate = Candidate("me", Timing(), lambda holder: holder == "dead")
    assert (candidate.may_take_in(record, 100.0) == 0) is at_once


def test_a_lease_that_does_not_change_may_be_taken_after_its_expiry_by_our_own_clock() -> None:
    candidate = Candidate("me", Timing(), lambda _: False)
    assert candidate.may_take_in(RECORD, 100.0) == 10.0
    assert candidate.may_take_in(RECORD, 109.0) == 1.0
    renewed = LeaseRecord("other", 5, 10.0, version="8")
    assert candidate.may_take_in(renewed, 109.5) == 10.0, "it was renewed, whatever time its holder has"
    assert candidate.may_take_in(renewed, 119.5) == 0.0


def test_what_a_holder_with_other_settings_promised_counts() -> None:
    candidate = Candidate("me", Timing(), lambda _: False)
    assert candidate.may_take_in(LeaseRecord("other", 5, 60.0, "7"), 0.0) == 60.0
    assert candidate.may_take_in(LeaseRecord("other", 5, 1.0, "8"), 0.0) == 10.0


@given(before=st.integers(0, 2**30), now=st.floats(0, 4e9))
def test_terms_only_grow_also_where_the_lease_was_lost_or_an_old_one_restored(before: int, now: float) -> None:
    term = next_term(before, now)
    assert term > before
    assert term < 2**31
    assert next_term(0, now + 60) > int(now // 60), "a Lease made anew is above all that came before it"


def test_a_leader_gives_up_before_anybody_may_take_its_lease() -> None:
    timing = Timing()
    assert timing.deadline + timing.request < timing.expiry
    assert timing.renew + timing.request < timing.deadline, "one renewal may fail"
    assert timing.look + timing.expiry + timing.request < 15, "a standby takes over in time"


async def test_the_first_leads_at_once_and_the_second_stands_by() -> None:
    store, clock = LeaseStore(), FakeClock()
    async with campaign(store, clock, "a") as first:
        await until(lambda: first.log)
        async with campaign(store, clock, "b") as second:
            version = store.record.version if store.record else ""
            await until(lambda: store.record and int(store.record.version) > int(version) + 5)
            assert not second.log
            assert first.leader.leads
            assert not second.leader.leads
            with pytest.raises(NotLeadingError):
                _ = second.leader.term


async def test_a_graceful_end_hands_over_at_once_with_a_higher_term() -> None:
    store, clock = LeaseStore(), FakeClock()
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(campaign(store, clock, "a"))
        await until(lambda: first.log)
        async with campaign(store, clock, "b") as second:
            await stack.aclose()
            await until(lambda: second.log)
            assert first.log[-1] == "lost"
            assert second.leader.leads
            assert clock.time == FakeClock().time, "no time had to pass"
    (_, before), (_, after) = store.takers
    assert after == before + 1


async def test_a_leader_that_is_cut_off_stops_before_another_leads() -> None:
    store, clock = LeaseStore(), FakeClock()
    async with campaign(store, clock, "a") as first, campaign(store, clock, "b") as second:
        await until(lambda: first.log or second.log)
        old, new = (first, second) if first.log else (second, first)
        version = store.record.version if store.record else ""
        await until(lambda: store.record and store.record.version != version)
        old.lease.cut = True
        while not new.log:
            clock.time += 0.5
            assert not (old.leader.leads and new.leader.leads)
            if not old.leader.leads:
                await until(lambda: "lost" in old.log)
            await asyncio.sleep(0.01)
        assert old.log[-1] == "lost"
        old.lease.cut = False
        await asyncio.sleep(0.01)
        assert not old.leader.leads, "the new one leads on"
        assert new.leader.leads


async def test_whoever_stood_still_does_not_lead_the_moment_it_wakes_up() -> None:
    store, clock = LeaseStore(), FakeClock()
    async with campaign(store, clock, "a") as first:
        await until(lambda: first.log)
        clock.time += 30.0
        assert not first.leader.leads, "the clock went on, and no task of ours has run yet"


async def test_a_renewal_whose_answer_is_lost_is_no_end_of_leading() -> None:
    store, clock = LeaseStore(), FakeClock()
    async with campaign(store, clock, "a") as first:
        await until(lambda: first.log)
        first.lease.deaf = True
        version = int(store.record.version if store.record else 0)
        await until(lambda: store.record and int(store.record.version) > version + 3)
        first.lease.deaf = False
        await until(lambda: store.record and int(store.record.version) > version + 6)
        assert first.log == [f"gained {first.leader.term}"]


async def test_a_lease_that_another_took_is_given_up_at_once() -> None:
    store, clock = LeaseStore(), FakeClock()
    async with campaign(store, clock, "a") as first:
        await until(lambda: first.log)
        assert store.record
        store.record = LeaseRecord("b", store.record.term + 1, 10.0, "999")
        await until(lambda: first.log[-1] == "lost")
        assert not first.leader.leads
        assert store.record.holder == "b", "what is another's is not released"


async def test_who_cannot_begin_gives_the_lead_up_and_tries_again() -> None:
    store, clock = LeaseStore(), FakeClock()
    leader, began = Leader(FakeLease(store), clock, "a", QUICK), list[int]()

    async def gained() -> None:
        began.append(leader.term)
        if len(began) == 1:
            raise KeyError("a bug")

    async def lost() -> None:
        pass

    task = asyncio.create_task(leader.run(gained, lost))
    await until(lambda: len(began) == 2)
    assert leader.term == began[1] > began[0]
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_who_cannot_begin_leaves_the_lease_to_another_at_once() -> None:
    store, clock = LeaseStore(), FakeClock()
    timing = replace(QUICK, back=3600.0)
    unable = Leader(FakeLease(store), clock, "a", timing)

    async def refused() -> None:
        raise RefusedError("could not list environments: forbidden")

    async def nothing() -> None:
        pass

    task = asyncio.create_task(unable.run(refused, nothing))
    await until(lambda: store.takers)
    async with campaign(store, clock, "b") as second:
        await until(lambda: second.log)
        assert not unable.leads
        assert clock.time == FakeClock().time, "no time had to pass"
    assert [holder for holder, _ in store.takers] == ["a", "b"]
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_what_does_not_end_with_the_lead_ends_the_election_and_so_the_process() -> None:
    store, clock, stop = LeaseStore(), FakeClock(), asyncio.Event()
    leader, log = Leader(FakeLease(store), clock, "a", QUICK), list[str]()

    async def deaf() -> None:
        log.append("gained")
        while not stop.is_set():
            with suppress(asyncio.CancelledError):
                await stop.wait()

    async def lost() -> None:
        log.append("lost")

    task = asyncio.create_task(leader.run(deaf, lost))
    await until(lambda: log)
    clock.time += 30.0
    with pytest.raises(StuckError, match="beginning to lead"):
        await task
    assert not leader.leads
    stop.set()


async def test_an_operator_is_silent_only_where_nothing_of_its_election_goes_on() -> None:
    store, clock = LeaseStore(), FakeClock()
    idle = Leader(FakeLease(store), clock, "idle", QUICK)
    clock.time += 1000.0
    assert idle.silent == 0.0, "it waits for the API server, and stands for nothing yet"
    async with campaign(store, clock, "a") as first, campaign(store, clock, "b") as second:
        await until(lambda: store.takers and None not in {first.leader._stepped, second.leader._stepped})
        for cut in (False, True):
            first.lease.cut = second.lease.cut = cut
            clock.time += 1.0
            await until(lambda: first.leader.silent == second.leader.silent == 0.0)
    clock.time += 100.0
    assert first.leader.silent == second.leader.silent == 100.0


async def test_writes_and_starts_are_refused_to_who_does_not_lead_and_looks_are_free() -> None:
    store, clock = LeaseStore(), FakeClock()
    world, executor = FakeCluster(objects={"uid-1": {"metadata": {}}}), FakeExecutor()
    async with campaign(store, clock, "a") as first:
        cluster, runs = FencedCluster(world, first.leader), FencedExecutor(executor, first.leader)
        await until(lambda: first.log)
        await cluster.write_status(REF, {"phase": "Ready"})
        await runs.start("h", REQUEST, "", {})
        assert executor.started["h"].fence == first.leader.term > 0
        clock.time += 30.0
        for refused in (
            cluster.write_status(REF, {}),
            cluster.write_secret("n", "s", {}, None),
            cluster.delete(REF),
            runs.start("i", REQUEST, "", {}),
            runs.cancel("h"),
            runs.finish("h"),
        ):
            with pytest.raises(ClusterError):
                await refused
        assert len(await cluster.environments()) == 1
        assert (await runs.observe("h")).result is None
        assert runs.name == "fake"
        assert set(executor.started) == {"h"}
        assert [told["phase"] for told in world.statuses] == ["Ready"]
