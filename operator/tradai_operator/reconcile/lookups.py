"""Looks for images beside the loop of an environment, and keeps what was seen last.

A slow registry costs the loop a moment and never more: the answer wakes it. Must never look twice at once for one
layer, nor decide when to look.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from tradai_iac.failure import Failure, classify
from tradai_iac.images.wanted import Registry, Resolution
from tradai_operator.decide.decision import Look
from tradai_operator.decide.facts import ImageFacts
from tradai_operator.ports import Clock, Images

#: Most looks are over by then, and the turn that asked for one goes on with its answer.
_TIMEOUT_SECONDS: Final = 2.0


class Lookups:
    """The looks of one environment."""

    def __init__(self, images: Images, clock: Clock, wake: Callable[[], None]) -> None:
        self._images = images
        self._clock = clock
        self._wake = wake
        self._seen: dict[str, ImageFacts] = {}
        self._under_way: dict[str, asyncio.Task[None]] = {}

    @property
    def facts(self) -> Mapping[str, ImageFacts]:
        """Layer → what was seen last."""
        return dict(self._seen)

    def forget(self) -> None:
        """What was seen counts no longer: a person asks to try again."""
        self._seen.clear()

    async def look(self, registry: Registry, looks: Sequence[Look]) -> bool:
        """Looks, and says whether there is news; where there is none yet, `wake` is called when there is."""
        begun = [self._begin(registry, look) for look in looks if look.layer not in self._under_way]
        if not begun:
            return False
        done, late = await asyncio.wait(begun, timeout=_TIMEOUT_SECONDS)
        for task in late:
            task.add_done_callback(lambda _: self._wake())
        return bool(done)

    def close(self) -> None:
        """Waits for no answer any more."""
        for task in self._under_way.values():
            task.cancel()

    def _begin(self, registry: Registry, look: Look) -> asyncio.Task[None]:
        task = asyncio.create_task(self._ask(registry, look))
        self._under_way[look.layer] = task
        return task

    async def _ask(self, registry: Registry, look: Look) -> None:
        try:
            answer = await self._images.resolve(registry, look.wanted)
        except Exception as error:  # an adapter's bug is a failure of this look, never the end of the loop
            answer = Resolution(failure=classify(f"{type(error).__name__}: {error}"))
        finally:
            del self._under_way[look.layer]
        self._seen[look.layer] = self._fact(look, answer)

    def _fact(self, look: Look, answer: Resolution) -> ImageFacts:
        before = self._seen.get(look.layer)
        same = before if before and before.wanted == look.wanted else None
        now = self._clock.now()
        if answer.failure is None:
            since = same.missing_since if same and same.missing_since is not None else now
            return ImageFacts(
                look.wanted, now, answer.found, answer.missing, missing_since=since if answer.missing else None
            )
        return ImageFacts(
            look.wanted,
            now,
            found=same.found if same else {},
            failure=answer.failure,
            failures=_in_a_row(same, answer.failure) + 1,
        )


def _in_a_row(before: ImageFacts | None, failure: Failure) -> int:
    """How many looks failed of that kind before: each kind has its own patience."""
    return before.failures if before and before.failure and before.failure.kind == failure.kind else 0
