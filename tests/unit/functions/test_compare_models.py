"""The verdict on two models, and the statistic behind it."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compare_models.evidence import Evidence, of_holdout, of_shadow_tests, together
from compare_models.logic import LEAST_DAYS, LEAST_TRADES, CompareModels, compared
from compare_models.statistic import paired, upper_tail
from shared.entry import RefusedError, parsed
from shared.mlflow import Point, Run
from shared.shadow_tests import Both, ShadowTest

RETURN = st.floats(-0.2, 0.2, allow_nan=False).map(lambda value: round(value, 6))
PAIRS = st.lists(st.tuples(RETURN, RETURN), min_size=2, max_size=90)
#: 60 days on which the challenger is better by a tenth of a percent, with some noise.
BETTER = [(0.001 * (day % 5), 0.001 * (day % 5) + 0.001 + 0.0005 * (-1) ** day) for day in range(60)]


def evidence(pairs: Sequence[tuple[float, float]], trades: int = 100, **more: Any) -> Evidence:
    days = {f"day-{at:04}": pair for at, pair in enumerate(pairs)}
    return Evidence(days=days, champion_trades=trades, challenger_trades=trades, **more)


def p_value(pairs: Sequence[tuple[float, float]]) -> float:
    return paired([challenger for _, challenger in pairs], [champion for champion, _ in pairs]).p_value


@pytest.mark.parametrize(
    ("t", "freedom", "above"),
    [
        (0.0, 5, 0.5),
        (1.0, 1, 0.25),
        (math.sqrt(2), 2, (1 - math.sqrt(0.5)) / 2),
        (1.699127, 29, 0.05),
        (2.462021, 29, 0.01),
        (-1.699127, 29, 0.95),
        (1.644854, 10**7, 0.05),
        (12.706205, 1, 0.025),
    ],
)
def test_the_tail_of_students_distribution_is_as_tables_have_it(t: float, freedom: int, above: float) -> None:
    assert upper_tail(t, freedom) == pytest.approx(above, abs=2e-7)


@given(st.floats(-50, 50), st.floats(-50, 50), st.integers(1, 400))
def test_the_tail_falls_as_the_value_grows(one: float, other: float, freedom: int) -> None:
    low, high = sorted((one, other))
    assert 0 <= upper_tail(high, freedom) <= upper_tail(low, freedom) + 1e-12 <= 1 + 1e-12


@given(PAIRS)
def test_of_two_models_at_most_one_is_better(pairs: list[tuple[float, float]]) -> None:
    assert p_value(pairs) + p_value([(one, other) for other, one in pairs]) == pytest.approx(1)


@given(PAIRS, st.randoms())
def test_the_order_of_days_changes_nothing(pairs: list[tuple[float, float]], random: Any) -> None:
    mixed = random.sample(pairs, len(pairs))
    assert p_value(mixed) == p_value(pairs)


@given(PAIRS, st.floats(0.001, 1000))
def test_the_unit_of_the_returns_changes_nothing(pairs: list[tuple[float, float]], unit: float) -> None:
    scaled = [(champion * unit, challenger * unit) for champion, challenger in pairs]
    assert p_value(scaled) == pytest.approx(p_value(pairs), abs=1e-6)


@given(st.lists(RETURN, min_size=LEAST_DAYS, max_size=90))
def test_equal_models_are_a_tie_and_a_tie_is_no(returns: list[float]) -> None:
    answer = compared("m", "1", "2", evidence([(each, each) for each in returns]))
    assert (answer.verdict, answer.challenger_wins) == ("not_better", False)


@given(st.lists(RETURN, min_size=LEAST_DAYS, max_size=90))
def test_what_differs_by_rounding_alone_is_a_tie(returns: list[float]) -> None:
    assert not compared("m", "1", "2", evidence([(each, each * (1 + 1e-15)) for each in returns])).challenger_wins


@given(PAIRS, st.floats(0, 0.1))
def test_a_challenger_that_returns_more_each_day_looks_no_worse(pairs: list[tuple[float, float]], more: float) -> None:
    assert p_value([(champion, challenger + more) for champion, challenger in pairs]) <= p_value(pairs) + 1e-6


@given(PAIRS, st.integers(2, 5))
def test_the_same_evidence_more_often_makes_no_yes_a_no(pairs: list[tuple[float, float]], times: int) -> None:
    once, often = p_value(pairs), p_value(pairs * times)
    assert often <= once + 1e-9 if once < 0.5 else often >= once - 1e-9


def test_a_clear_difference_wins() -> None:
    answer = compared("m", "1", "2", evidence(BETTER))
    assert (answer.verdict, answer.challenger_wins, answer.days) == ("better", True, 60)
    assert answer.mean_difference == pytest.approx(0.001)
    assert answer.p_value is not None and answer.p_value < 1e-9


def test_the_same_difference_the_other_way_round_does_not() -> None:
    answer = compared("m", "1", "2", evidence([(new, old) for old, new in BETTER]))
    assert (answer.verdict, answer.challenger_wins) == ("not_better", False)


@given(st.integers(0, LEAST_DAYS - 1))
def test_too_few_days_are_not_enough_however_good_they_are(days: int) -> None:
    answer = compared("m", "1", "2", evidence(BETTER[:days]))
    assert (answer.verdict, answer.challenger_wins, answer.p_value) == ("not_enough", False, None)
    assert f"{days} days" in answer.reason


@pytest.mark.parametrize("who", ["champion", "challenger"])
def test_too_few_trades_of_either_are_not_enough(who: str) -> None:
    champion, challenger = (LEAST_TRADES - (who == each) for each in ("champion", "challenger"))
    known = Evidence(days=evidence(BETTER).days, champion_trades=champion, challenger_trades=challenger)
    answer = compared("m", "1", "2", known)
    assert (answer.verdict, answer.challenger_wins) == ("not_enough", False)
    assert f"29 trades of the {who}" in answer.reason


def test_without_a_champion_the_challenger_has_to_beat_not_trading() -> None:
    def first(a_day: float) -> str:
        return compared("m", None, "1", evidence([(0.0, a_day + 0.01 * (-1) ** day) for day in range(60)])).verdict

    assert [first(0.01), first(0.0), first(-0.01)] == ["better", "not_better", "not_better"]


def test_the_champion_itself_is_not_better_than_itself() -> None:
    assert compared("m", "2", "2", evidence(BETTER)).verdict == "not_better"


RUN = Run(metrics={"holdout_trades": 40.0, "holdout_trades_champion": 35.0}, tags={"champion_version": "1"})


def points(values: Mapping[int, float], at: int = 1) -> list[Point]:
    return [Point(step=step, timestamp=at, value=value) for step, value in values.items()]


def test_a_hold_out_has_the_days_that_both_have() -> None:
    found = of_holdout(RUN, "1", points({20000: 0.1, 20001: 0.2}), points({20001: 0.3, 20002: 0.4}))
    assert (dict(found.days), found.lacks) == ({"2024-10-05": (0.3, 0.2)}, [])
    assert (found.champion_trades, found.challenger_trades) == (35, 40)


def test_a_day_that_was_logged_twice_has_its_later_value() -> None:
    twice = [*points({20000: 0.5}, at=9), *points({20000: 0.1}, at=3)]
    assert of_holdout(RUN, "1", twice, points({20000: 0.0})).days == {"2024-10-04": (0.0, 0.5)}


def test_a_hold_out_against_another_champion_is_none() -> None:
    found = of_holdout(RUN, "3", points({20000: 0.1}), points({20000: 0.1}))
    assert not found.days
    assert "against champion 1, and it is 3" in found.lacks[0]


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, -1.5])
def test_what_is_no_return_is_no_day(value: float) -> None:
    found = of_holdout(RUN, "1", points({20000: value}), points({20000: 0.1}))
    assert not found.days
    assert "holdout_return has no day" in found.lacks[0]


@pytest.mark.parametrize("value", [None, math.nan, math.inf, -1.0])
def test_a_missing_count_is_no_count_and_named(value: float | None) -> None:
    metrics = {"holdout_trades_champion": 35.0} | ({} if value is None else {"holdout_trades": value})
    run = RUN.model_copy(update={"metrics": metrics})
    found = of_holdout(run, "1", points({20000: 0.1}), points({20000: 0.1}))
    assert found.challenger_trades == 0
    answer = compared("m", "1", "2", found)
    assert answer.verdict == "not_enough" and "holdout_trades" in answer.reason


def shadow(of: tuple[str, str], returns: Mapping[str, tuple[float, float]]) -> ShadowTest:
    return ShadowTest(
        test_id="t",
        model_name="m",
        status_created_at="completed#2026",
        champion_version=of[0],
        challenger_version=of[1],
        returns={day: Both(champion=champion, challenger=new) for day, (champion, new) in returns.items()},
        trades=Both(champion=3, challenger=4),
    )


def test_shadow_tests_of_other_versions_are_left_aside_and_a_shadow_day_counts_before_a_hold_outs() -> None:
    tests = [shadow(("1", "2"), {"d1": (0.1, 0.2), "d2": (math.nan, 0.0)}), shadow(("1", "9"), {"d3": (0.0, 9.0)})]
    whole = together([Evidence(days={"d1": (0.5, 0.5), "d0": (0.0, 0.1)}), *of_shadow_tests(tests, "1", "2")])
    assert dict(whole.days) == {"d1": (0.1, 0.2), "d0": (0.0, 0.1)}
    assert (whole.champion_trades, whole.challenger_trades) == (3, 4)


@given(st.lists(st.one_of(st.floats(), st.none()), max_size=5), st.lists(st.floats(), max_size=5))
def test_no_figures_of_any_kind_make_a_win_of_too_little(counts: list[float | None], values: list[float]) -> None:
    metrics = {name: value for name, value in zip(RUN.metrics, counts, strict=False) if value is not None}
    run = RUN.model_copy(update={"metrics": metrics})
    found = of_holdout(run, "1", points(dict(enumerate(values))), points(dict(enumerate(values))))
    assert not compared("m", "1", "2", found).challenger_wins


@pytest.mark.parametrize("name", ["", "a'b", "a\\b", "../x", "a\x00b", "x" * 129, 7])
def test_a_name_that_no_model_can_have_is_refused_by_its_field(name: object) -> None:
    event = {"request": {"model_name": name, "job_id": "j"}, "task_arn": "t"}
    with pytest.raises(RefusedError, match=r"request\.model_name"):
        parsed(CompareModels, event)
