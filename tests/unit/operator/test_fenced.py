"""What acts for the leader alone: each method of a fenced port, as its protocol names them, held against a clock."""

import inspect
from collections.abc import Callable
from typing import Any, Final
from unittest.mock import create_autospec

import pytest

from tests.fakes.lease import FakeLease, LeaseStore
from tests.fakes.requests import request_of
from tests.fakes.world import FakeClock
from tradai_operator.lead.fenced import FencedCluster, FencedExecutor, FencedStacks
from tradai_operator.lead.leader import Leader, NotLeadingError
from tradai_operator.ports import Cluster, Executor, Stacks

#: Fenced port → its protocol, and what of that changes nothing.
PORTS: Final[dict[Callable[..., Any], tuple[type, frozenset[str]]]] = {
    FencedCluster: (Cluster, frozenset({"environments", "secret", "secret_changed"})),
    FencedStacks: (Stacks, frozenset({"look"})),
    FencedExecutor: (Executor, frozenset({"handle", "observe", "changed"})),
}
METHODS: Final = [
    pytest.param(fence, protocol, name, name in looks, id=f"{protocol.__name__}.{name}")
    for fence, (protocol, looks) in PORTS.items()
    for name, made in vars(protocol).items()
    if inspect.isfunction(made) and not name.startswith("_")
]


def arguments(protocol: type, name: str) -> dict[str, Any]:
    """One for each that the protocol names, none of which is its default."""
    named = [word for word in inspect.signature(getattr(protocol, name)).parameters if word != "self"]
    special: dict[str, Any] = {"request": request_of(run_id="r7"), "status": {"phase": "Ready"}}
    return {word: special.get(word, f"the {word}") for word in named}


async def call(port: Any, name: str, given: dict[str, Any]) -> Any:
    answer = getattr(port, name)(**given)
    return await answer if inspect.isawaitable(answer) else answer


class Behind:
    """A port of that protocol, with a leader before it whose Lease a test lets run out."""

    def __init__(self, fence: Callable[..., Any], protocol: type) -> None:
        self.clock = FakeClock()
        self.leader = Leader(FakeLease(LeaseStore()), self.clock, "a")
        self.port = create_autospec(protocol, instance=True)
        if protocol is Executor:
            self.port.name = "fake"
        self.fenced = fence(self.port, self.leader)

    async def lead(self) -> None:
        await self.leader._take()


@pytest.mark.parametrize(("fence", "protocol", "name", "looks"), METHODS)
async def test_who_does_not_lead_may_look_and_do_nothing_else(
    fence: Callable[..., Any], protocol: type, name: str, looks: bool
) -> None:
    behind, given = Behind(fence, protocol), arguments(protocol, name)
    await behind.lead()
    behind.clock.time += 30.0
    if looks:
        await call(behind.fenced, name, given)
    else:
        with pytest.raises(NotLeadingError):
            await call(behind.fenced, name, given)
    assert getattr(behind.port, name).called is looks


@pytest.mark.parametrize(("fence", "protocol", "name", "looks"), METHODS)
async def test_a_leaders_words_and_the_answers_to_them_go_through(
    fence: Callable[..., Any], protocol: type, name: str, looks: bool
) -> None:
    behind, given = Behind(fence, protocol), arguments(protocol, name)
    await behind.lead()
    answer = await call(behind.fenced, name, given)
    inner = getattr(behind.port, name)
    assert answer is inner.return_value or answer is None
    said = inspect.signature(getattr(protocol, name)).bind(None, *inner.call_args.args, **inner.call_args.kwargs)
    heard = {word: value for word, value in said.arguments.items() if word != "self"}
    if name == "start":
        given["request"] = given["request"].model_copy(update={"fence": behind.leader.term})
        assert behind.leader.term > 0
    if name == "write_status":
        given["status"] = {"phase": "Ready", "term": behind.leader.term}
    assert heard == given
