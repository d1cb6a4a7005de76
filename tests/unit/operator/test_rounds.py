"""One answer for all who ask at the same time: as few rounds as can be, and none that began before a question."""

import asyncio

import pytest

from tradai_operator.adapters.kubernetes.rounds import Rounds
from tradai_operator.ports import ClusterError


class Server:
    """Answers with the number of the round, when a test says so."""

    def __init__(self) -> None:
        self.began = 0
        self.answers: asyncio.Queue[Exception | None] = asyncio.Queue()

    async def __call__(self) -> int:
        self.began += 1
        number = self.began
        if error := await self.answers.get():
            raise error
        return number


async def asked(rounds: Rounds[int], times: int = 1) -> list[asyncio.Task[int]]:
    tasks = [asyncio.create_task(rounds.answer()) for _ in range(times)]
    for _ in range(3):
        await asyncio.sleep(0)
    return tasks


async def test_who_asks_at_once_shares_a_round_and_who_asks_meanwhile_the_next() -> None:
    rounds = Rounds(server := Server())
    first = await asked(rounds, 20)
    second = [*await asked(rounds, 10), *await asked(rounds, 10)]
    assert server.began == 1
    server.answers.put_nowait(None)
    server.answers.put_nowait(None)
    assert set(await asyncio.gather(*first)) == {1}
    assert set(await asyncio.gather(*second)) == {2}
    (third,) = await asked(rounds)
    server.answers.put_nowait(None)
    assert await third == 3


async def test_an_error_is_that_of_its_round_alone() -> None:
    rounds = Rounds(server := Server())
    first, second = await asked(rounds, 2), await asked(rounds, 2)
    server.answers.put_nowait(ClusterError("no answer"))
    server.answers.put_nowait(None)
    for task in first:
        with pytest.raises(ClusterError):
            await task
    assert [await task for task in second] == [2, 2]


async def test_who_gives_up_takes_the_answer_from_nobody() -> None:
    rounds = Rounds(server := Server())
    impatient, patient = await asked(rounds, 2)
    impatient.cancel()
    server.answers.put_nowait(None)
    assert await patient == 1
    with pytest.raises(asyncio.CancelledError):
        await impatient


async def test_nothing_is_kept_of_an_answer() -> None:
    rounds = Rounds(server := Server())
    (task,) = await asked(rounds)
    server.answers.put_nowait(None)
    await task
    assert rounds._under_way is rounds._next is None
