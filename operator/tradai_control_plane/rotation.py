"""When a generation is followed by the next: first it is trusted, later it signs, and its predecessor goes last of all.

Pure: the clock and whatever makes a key come from outside. Must never let one sign that somebody who is still at work
was not told of, nor forget one under which something may still stand.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from tradai_control_plane.base import Frozen
from tradai_control_plane.bundle import Bundle, Generation

#: How long a certificate of the task is good for; a task is replaced before (see `alive`).
LEAF: Final = timedelta(days=400)
#: The longest that a person's certificate is good for, and so the file with the authorities beside it.
LONGEST_CLIENT: Final = timedelta(hours=24)

Make = Callable[[datetime], Generation]


class Ages(Frozen):
    """`renew`: the age at which a generation gets its successor; `told`: for how long that is trusted before it signs;
    `kept`: for how long the predecessor is trusted after that."""

    renew: timedelta = timedelta(days=365)
    told: timedelta = LONGEST_CLIENT
    kept: timedelta = LEAF


class Makers(Frozen):
    """How each kind of key is made."""

    authority: Make
    service_account: Make
    at_rest: Make


def turned(bundle: Bundle, now: datetime, make: Makers, ages: Ages = Ages()) -> Bundle:  # noqa: B008 - frozen
    """The bundle as it has to be from now on; the same where nothing is due."""
    return Bundle(
        authorities=_turned(bundle.authorities, now, make.authority, ages),
        service_accounts=_turned(bundle.service_accounts, now, make.service_account, ages),
        # what was written under a key is read by it for ever: none is forgotten
        at_rest=_turned(bundle.at_rest, now, make.at_rest, ages.model_copy(update={"kept": timedelta.max})),
    )


def announced(bundle: Bundle, now: datetime, make: Makers) -> Bundle:
    """The same with a successor of everything, whatever its age: trusted from now on, it signs when it is due."""
    return Bundle(
        authorities=_with_next(bundle.authorities, now, make.authority),
        service_accounts=_with_next(bundle.service_accounts, now, make.service_account),
        at_rest=_with_next(bundle.at_rest, now, make.at_rest),
    )


def _turned(known: tuple[Generation, ...], now: datetime, make: Make, ages: Ages) -> tuple[Generation, ...]:
    if not known:
        return (_signs(make(now), now),)
    if now - known[-1].made >= ages.renew:
        known = _with_next(known, now, make)
    if known[-1].signs_since is None and now - known[-1].made >= ages.told:
        known = (*known[:-1], _signs(known[-1], now))
    return _without_forgotten(known, now, ages.kept)


def _with_next(known: tuple[Generation, ...], now: datetime, make: Make) -> tuple[Generation, ...]:
    """One that waits already is the next."""
    waits = bool(known) and known[-1].signs_since is None
    return known if waits else (*known, make(now))


def _signs(generation: Generation, now: datetime) -> Generation:
    return generation.model_copy(update={"signs_since": now})


def _without_forgotten(known: tuple[Generation, ...], now: datetime, kept: timedelta) -> tuple[Generation, ...]:
    """Without those whose successor has signed for so long that nothing of theirs can still be good."""

    def stays(index: int) -> bool:
        after = known[index + 1].signs_since if index + 1 < len(known) else None
        return after is None or now - after < kept

    return tuple(each for index, each in enumerate(known) if stays(index))
