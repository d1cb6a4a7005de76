"""The figures of functions, from what was measured."""

import json

import pytest

from tools.bench.lambda_figures import HEADROOM, OVERHEAD_MS, Cost, figures, headroom, variables
from tradai_blueprints.tradai.config.lambdas import LAMBDAS

BARE = Cost("bare", 128, 30, 0.2, (0.001,) * 3, 20, "{}")


def cost(peak: float = 70, warm: float = 0.003) -> Cost:
    return Cost("f", 128, 30, 0.6, (warm,) * 3, peak, "")


def told(of: Cost, name: str) -> float:
    (figure,) = [each for each in figures(of, BARE) if each.name == name]
    return figure.value


def test_overhead_is_what_the_bare_handler_does_not_take() -> None:
    assert told(cost(), "handler overhead without AWS calls") == pytest.approx(2)
    assert told(cost(), "cold start against the bare handler's") == pytest.approx(3)


@pytest.mark.parametrize(("peak", "holds"), [(76, True), (77, False)])
def test_memory_needs_its_headroom(peak: float, holds: bool) -> None:
    (figure,) = [each for each in figures(cost(peak), BARE) if each.name == "memory headroom"]
    assert figure.holds is holds
    assert figure.target == HEADROOM


@pytest.mark.parametrize(("warm", "holds"), [(0.001 + OVERHEAD_MS / 1000 - 1e-6, True), (0.0061, False)])
def test_a_slow_border_misses_its_target(warm: float, holds: bool) -> None:
    (figure,) = [each for each in figures(cost(warm=warm), BARE) if "overhead" in each.name]
    assert figure.holds is holds


def test_headroom_may_be_less_than_nothing() -> None:
    assert headroom(256, 128) == -100


@pytest.mark.parametrize("function", [row.name for row in LAMBDAS if not row.inline])
def test_each_function_is_given_all_its_variables(function: str) -> None:
    given = variables(function)
    assert "ENVIRONMENT" in given
    assert all(given.values())


def test_samples_are_told_as_json() -> None:
    assert json.loads(json.dumps(cost().as_json()))["warm_s"] == [0.003] * 3
