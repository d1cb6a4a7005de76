"""When keys follow each other: nothing signs that nobody was told of, nothing is forgotten that may still be in use."""

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradai_control_plane.bundle import Bundle, Generation, signing
from tradai_control_plane.rotation import LEAF, LONGEST_CLIENT, Ages, Makers, announced, turned

NOW = datetime(2027, 1, 1, tzinfo=UTC)
NUMBERS = count()


def made(now: datetime) -> Generation:
    return Generation(made=now, key=f"key-{next(NUMBERS)}")


MAKE = Makers(authority=made, service_account=made, at_rest=made)
KINDS = ("authorities", "service_accounts", "at_rest")


def at(days: float) -> datetime:
    return NOW + timedelta(days=days)


def test_the_first_of_each_kind_signs_at_once() -> None:
    bundle = turned(Bundle(), NOW, MAKE)
    for kind in KINDS:
        (only,) = getattr(bundle, kind)
        assert only.signs_since == NOW


def test_doing_it_twice_changes_nothing() -> None:
    bundle = turned(Bundle(), NOW, MAKE)
    assert turned(bundle, at(0.1), MAKE) is not bundle
    assert turned(bundle, at(0.1), MAKE) == bundle


def test_one_that_is_old_enough_gets_a_successor_that_is_only_trusted() -> None:
    bundle = turned(turned(Bundle(), NOW, MAKE), at(365), MAKE)
    first, second = bundle.authorities
    assert second.signs_since is None
    assert bundle.authority == first


@pytest.mark.parametrize(("days", "signs"), [(365.5, 0), (366, 1)])
def test_a_successor_signs_once_everybody_can_know_of_it(days: float, signs: int) -> None:
    bundle = turned(turned(Bundle(), NOW, MAKE), at(365), MAKE)
    later = turned(bundle, at(days), MAKE)
    assert later.authority.key == bundle.authorities[signs].key


def test_a_predecessor_goes_when_nothing_of_its_can_be_good_any_more() -> None:
    first = turned(Bundle(), NOW, MAKE)
    second = turned(turned(first, at(365), MAKE), at(366), MAKE)
    kept = turned(second, at(366) + LEAF - timedelta(hours=1), MAKE)
    assert first.authority in kept.authorities
    gone = turned(second, at(366) + LEAF, MAKE)
    assert first.authority not in gone.authorities
    assert first.at_rest[0] in gone.at_rest, "what was written under a key is read by it for ever"


def test_somebody_may_announce_a_successor_at_any_age_but_not_two_at_once() -> None:
    bundle = announced(turned(Bundle(), NOW, MAKE), at(1), MAKE)
    assert [each.signs_since for each in bundle.authorities] == [NOW, None]
    assert announced(bundle, at(1.1), MAKE) == bundle
    assert turned(bundle, at(2), MAKE).authority == bundle.authorities[1].model_copy(update={"signs_since": at(2)})


def test_where_none_signs_it_is_said() -> None:
    with pytest.raises(LookupError, match="never turned"):
        signing(())


@given(st.lists(st.floats(min_value=0.01, max_value=500), min_size=1, max_size=12))
def test_whoever_signed_a_day_ago_is_trusted_whenever_the_step_comes(waits: list[float]) -> None:
    """People's certificates are good for a day, the task's for as long as the task: whoever signed them is known."""
    now, bundle = NOW, turned(Bundle(), NOW, MAKE)
    for wait in waits:
        before, now = bundle, now + timedelta(days=wait)
        bundle = turned(bundle, now, MAKE)
        for kind in KINDS:
            signed, known = signing(getattr(before, kind)), getattr(bundle, kind)
            assert signed.key in {each.key for each in known}, "the last task's own is still trusted by the next"
            new = signing(known)
            was = {each.key: each for each in getattr(before, kind)}
            assert new.key in was, "nobody signs whom the task before was not told of"
            assert new.key == signed.key or now - was[new.key].made >= LONGEST_CLIENT


def test_ages_are_what_others_rely_on() -> None:
    ages = Ages()
    assert ages.kept >= LEAF and ages.told >= LONGEST_CLIENT
