"""The Lease on the real API server, with exactly the operator's rights."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from lightkube import AsyncClient, KubeConfig
from lightkube.resources.coordination_v1 import Lease

from tests.integration.conftest import RunningSandbox
from tradai_operator.adapters.kubernetes import lease as adapter
from tradai_operator.adapters.kubernetes.lease import KubeLease, identity
from tradai_operator.adapters.process.clock import SystemClock
from tradai_operator.lead.leader import Leader
from tradai_operator.lead.lease import LeaseRecord
from tradai_operator.ports import ClusterError, ConflictError

HOME = "tradai-system"
FIRST = LeaseRecord("first", 1, 10.0)


def client(sandbox: RunningSandbox, user: str) -> AsyncClient:
    return AsyncClient(config=KubeConfig.from_file(sandbox.layout.kubeconfig(user)))


@pytest.fixture
async def lease(sandbox: RunningSandbox) -> AsyncIterator[KubeLease]:
    admin = client(sandbox, "admin")
    lease = KubeLease(HOME, client(sandbox, "operator"))
    yield lease
    await lease.close()
    async for found in admin.list(Lease, namespace=HOME):
        await admin.delete(Lease, str(found.metadata.name if found.metadata else ""), namespace=HOME)
    await admin.close()


async def test_a_lease_is_created_read_and_renewed_and_shows_itself(sandbox: RunningSandbox, lease: KubeLease) -> None:
    assert await lease.read() is None
    made = await lease.write(FIRST, taken=True)
    assert (made.holder, made.term, made.expiry) == ("first", 1, 10.0)
    renewed = await lease.write(made, taken=False)
    assert renewed.version != made.version
    assert await lease.read() == renewed
    admin = client(sandbox, "admin")
    shown = (await admin.get(Lease, adapter.NAME, namespace=HOME)).spec
    await admin.close()
    assert shown is not None
    assert (shown.holderIdentity, shown.leaseDurationSeconds, shown.leaseTransitions) == ("first", 10, 1)
    assert shown.acquireTime is not None
    assert shown.renewTime is not None
    assert shown.renewTime >= shown.acquireTime


async def test_only_one_of_two_takes_what_both_have_read(lease: KubeLease) -> None:
    made = await lease.write(FIRST, taken=True)
    await lease.write(LeaseRecord("second", 2, 10.0, made.version), taken=True)
    with pytest.raises(ConflictError):
        await lease.write(LeaseRecord("third", 2, 10.0, made.version), taken=True)
    with pytest.raises(ConflictError):
        await lease.write(LeaseRecord("fourth", 2, 10.0), taken=True)
    found = await lease.read()
    assert found is not None
    assert found.holder == "second"


async def test_a_released_lease_has_no_holder(lease: KubeLease) -> None:
    made = await lease.write(FIRST, taken=True)
    await lease.write(LeaseRecord("", 1, 10.0, made.version), taken=False)
    found = await lease.read()
    assert found is not None
    assert (found.holder, found.term) == ("", 1)


async def test_the_operator_may_touch_its_own_lease_and_no_other(
    sandbox: RunningSandbox, lease: KubeLease, monkeypatch: pytest.MonkeyPatch
) -> None:
    await lease.write(FIRST, taken=True)
    monkeypatch.setattr(adapter, "NAME", "another")
    with pytest.raises(ClusterError, match="forbidden"):
        await lease.read()
    elsewhere = KubeLease("tradai", client(sandbox, "operator"))
    with pytest.raises(ClusterError, match="forbidden"):
        await elsewhere.write(FIRST, taken=True)
    await elsewhere.close()


async def test_two_leaders_on_the_real_thing_hand_over_when_one_ends(sandbox: RunningSandbox, lease: KubeLease) -> None:
    other = KubeLease(HOME, client(sandbox, "operator"))
    led: list[str] = []
    moved = asyncio.Event()

    def candidate(port: KubeLease, name: str) -> tuple[Leader, asyncio.Task[None]]:
        async def gained() -> None:
            led.append(name)
            moved.set()

        async def lost() -> None:
            led.append(f"{name} over")

        leader = Leader(port, SystemClock(), name)
        return leader, asyncio.create_task(leader.run(gained, lost))

    first, one = candidate(lease, "one")
    await asyncio.wait_for(moved.wait(), 20)
    moved.clear()
    second, two = candidate(other, "two")
    assert first.leads
    assert not second.leads
    term = first.term
    one.cancel()
    await asyncio.wait_for(moved.wait(), 20)
    assert led == ["one", "one over", "two"]
    assert second.leads
    assert not first.leads
    assert second.term > term
    two.cancel()
    await asyncio.gather(one, two, return_exceptions=True)
    await other.close()


def _kubeconfig(server: str) -> dict[str, Any]:
    return {
        "current-context": "it",
        "clusters": [{"name": "it", "cluster": {"server": server}}],
        "users": [{"name": "it", "user": {"token": "t"}}],
        "contexts": [{"name": "it", "context": {"cluster": "it", "user": "it"}}],
    }


async def test_a_server_that_does_not_answer_is_an_error_within_seconds() -> None:
    over = asyncio.Event()

    async def keep_silent(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await over.wait()
        writer.close()

    async with await asyncio.start_server(keep_silent, "127.0.0.1", 0) as silent:
        port = silent.sockets[0].getsockname()[1]
        lease = KubeLease(HOME, AsyncClient(config=KubeConfig.from_dict(_kubeconfig(f"http://127.0.0.1:{port}"))))
        with pytest.raises(ClusterError):
            await asyncio.wait_for(lease.read(), 20)
        await lease.close()
        over.set()


def test_a_holder_is_proven_dead_only_on_its_own_host() -> None:
    me = identity()
    host, place, pid, start = me.split("/")
    lease = KubeLease.__new__(KubeLease)
    assert not lease.is_dead(me), "we live"
    assert lease.is_dead(f"{host}/{place}/{pid}/{int(start) - 1}"), "the pid is another process's by now"
    assert lease.is_dead(f"{host}/{place}/4194305/{start}"), "there is no such process"
    assert not lease.is_dead(f"{host}/another/4194305/{start}"), "nobody here can tell"
    for odd in ("", "somebody", "a/b", f"{host}/{place}/x/y"):
        assert not lease.is_dead(odd)
