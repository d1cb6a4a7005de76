"""Parts of the operator end together, and what ended the first of them is told."""

import asyncio

import pytest

from tradai_operator.adapters.process.together import together


async def forever(told: list[str], name: str) -> None:
    try:
        await asyncio.Event().wait()
    finally:
        told.append(name)


async def test_when_one_ends_the_others_are_cancelled_after_the_end_was_bounded() -> None:
    told: list[str] = []
    await together(asyncio.sleep(0), forever(told, "watch"), ending=lambda: told.append("bounded"))
    assert told == ["bounded", "watch"]


async def test_what_a_part_raised_is_raised() -> None:
    async def breaks() -> None:
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        await together(forever([], "watch"), breaks(), ending=lambda: None)


@pytest.mark.parametrize("error", [None, ValueError("kopf broke")])
async def test_a_part_that_another_one_takes_along_is_not_what_ended_it(error: Exception | None) -> None:
    """kopf, asked to stop, cancels tasks that others have begun, and ends a moment later."""
    begun: list[asyncio.Task[None]] = []

    async def watches() -> None:
        begun.append(asyncio.create_task(forever([], "inner")))
        await begun[0]

    async def kopf() -> None:
        while not begun:  # noqa: ASYNC110 - what begins there tells no event
            await asyncio.sleep(0)
        begun[0].cancel()
        for _ in range(5):
            await asyncio.sleep(0)
        if error:
            raise error

    ending: list[str] = []
    whole = together(watches(), kopf(), ending=lambda: ending.append("bounded"))
    if error:
        with pytest.raises(ValueError, match="kopf broke"):
            await whole
    else:
        await whole
    assert ending == ["bounded"]
