"""How far two samples are apart: properties, and values that were computed by hand or stand in tables."""

from bisect import bisect_right
from math import inf, isclose, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drift_monitor.measures import FLOOR, kolmogorov, ks, p_value, psi, shares

COUNTS = st.lists(st.integers(0, 10_000), min_size=1, max_size=20).filter(any)
TWO = st.integers(1, 15).flatmap(
    lambda size: st.tuples(*[st.lists(st.integers(0, 10_000), min_size=size, max_size=size).filter(any)] * 2)
)
SAMPLE = st.lists(st.integers(-1000, 1000), min_size=1, max_size=60).map(sorted)


def test_the_index_of_two_coins_is_what_it_is_by_hand() -> None:
    assert isclose(psi([50, 50], [75, 25]), 0.25 * log(1.5) - 0.25 * log(0.5))


@given(TWO)
def test_the_index_is_never_below_zero_and_never_infinite(two: tuple[list[int], list[int]]) -> None:
    assert 0 <= psi(*two) < 2 * log(1 / FLOOR) + 1 < inf


@given(TWO)
def test_the_index_is_the_same_both_ways_round(two: tuple[list[int], list[int]]) -> None:
    assert isclose(psi(*two), psi(two[1], two[0]), abs_tol=1e-12)


@given(COUNTS, st.integers(1, 50))
def test_the_index_of_equal_shares_is_zero_however_large_the_window(counts: list[int], times: int) -> None:
    assert isclose(psi(counts, [times * count for count in counts]), 0, abs_tol=1e-12)


@given(TWO, st.randoms())
def test_the_index_does_not_depend_on_the_order_of_bins(two: tuple[list[int], list[int]], chance: object) -> None:
    order = list(range(len(two[0])))
    chance.shuffle(order)  # type: ignore[attr-defined]
    assert isclose(psi(*two), psi(*([each[at] for at in order] for each in two)), abs_tol=1e-9)


@given(COUNTS)
def test_shares_are_of_one_and_none_is_empty(counts: list[int]) -> None:
    assert isclose(sum(shares(counts)), 1) and min(shares(counts)) > FLOOR / 2


def test_shares_of_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="nothing"):
        psi([0, 0], [1, 2])


def slowly(first: list[int], second: list[int]) -> float:
    """The distance by its definition, at every value there is."""
    return max(
        abs(bisect_right(first, value) / len(first) - bisect_right(second, value) / len(second))
        for value in {*first, *second}
    )


@given(SAMPLE, SAMPLE)
def test_the_distance_is_what_its_definition_says(first: list[int], second: list[int]) -> None:
    assert ks(first, second) == slowly(first, second)


@given(SAMPLE, SAMPLE)
def test_the_distance_is_between_0_and_1_and_the_same_both_ways_round(first: list[int], second: list[int]) -> None:
    assert 0 <= ks(first, second) <= 1
    assert ks(first, second) == ks(second, first)


@given(SAMPLE)
def test_a_sample_is_at_no_distance_from_itself(sample: list[int]) -> None:
    assert ks(sample, sample) == 0
    assert p_value(0, len(sample), len(sample)) == 1


@given(SAMPLE, SAMPLE, st.sampled_from([lambda x: x**3, lambda x: 7 * x - 3, lambda x: 2**x if x < 0 else x + 2]))
def test_the_distance_stays_where_both_are_seen_through_the_same_rising_lens(
    first: list[int], second: list[int], lens: object
) -> None:
    seen = [[lens(value) for value in sample] for sample in (first, second)]  # type: ignore[operator]
    assert ks(*seen) == ks(first, second)


def test_samples_that_do_not_meet_are_as_far_apart_as_can_be() -> None:
    assert ks([1, 2, 3], [4, 5]) == 1


@pytest.mark.parametrize(
    ("scaled", "probability"), [(1.22385, 0.1), (1.35810, 0.05), (1.48021, 0.025), (1.62762, 0.01), (1.94947, 0.001)]
)
def test_probabilities_are_those_of_the_tables(scaled: float, probability: float) -> None:
    assert isclose(kolmogorov(scaled), probability, rel_tol=1e-4)


@given(st.floats(0, 1), st.floats(0, 1), st.integers(1, 100_000), st.integers(1, 100_000))
def test_a_larger_distance_is_never_more_probable(one: float, other: float, n: int, m: int) -> None:
    less, more = sorted((one, other))
    assert 0 <= p_value(more, n, m) <= p_value(less, n, m) + 1e-12 <= 1 + 1e-12
