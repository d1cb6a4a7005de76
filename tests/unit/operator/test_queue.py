"""The line for memory: never over the budget, in turns, and nobody waits for ever."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradai_operator.schedule.budget import VARIABLE, budget_mib
from tradai_operator.schedule.places import DEFAULT_WEIGHT
from tradai_operator.schedule.queue import Taken, Ticket, admit, line

BUDGET = 1000


def ticket(environment: str, number: int, weight: int = 300, layers: int = 1) -> Ticket:
    return Ticket(environment, tuple(f"l{number}-{n}" for n in range(layers)), weight, number)


@st.composite
def lines(draw: st.DrawFn) -> tuple[list[Ticket], list[Taken]]:
    environments = st.sampled_from("abcdef")
    weights = st.integers(1, 1500)
    drawn = draw(st.lists(st.tuples(environments, weights, st.integers(1, 3)), max_size=12))
    waiting = [ticket(environment, n, weight, layers) for n, (environment, weight, layers) in enumerate(drawn)]
    running: list[Taken] = []
    for n, (environment, weight) in enumerate(draw(st.lists(st.tuples(environments, weights), max_size=5))):
        if sum(run.weight for run in running) + weight <= BUDGET:
            running.append(Taken(environment, f"r{n}", weight))
    return draw(st.permutations(waiting)), running


@given(lines())
def test_never_over_the_budget_but_one_alone(drawn: tuple[list[Ticket], list[Taken]]) -> None:
    waiting, running = drawn
    admitted = admit(waiting, running, BUDGET)
    total = sum(run.weight for run in running) + sum(one.weight for one in admitted)
    assert total <= BUDGET or (len(admitted) == 1 and not running)


@given(lines())
def test_who_is_admitted_is_the_head_of_the_line_and_the_next_would_not_fit(
    drawn: tuple[list[Ticket], list[Taken]],
) -> None:
    waiting, running = drawn
    admitted, queue = admit(waiting, running, BUDGET), line(waiting, running)
    assert sorted(queue, key=lambda one: one.number) == sorted(waiting, key=lambda one: one.number)
    assert queue[: len(admitted)] == admitted
    if len(admitted) < len(queue):
        used = sum(run.weight for run in running) + sum(one.weight for one in admitted)
        assert used + queue[len(admitted)].weight > BUDGET


@given(lines())
def test_somebody_begins_wherever_nothing_runs(drawn: tuple[list[Ticket], list[Taken]]) -> None:
    waiting, _ = drawn
    assert bool(admit(waiting, [], BUDGET)) is bool(waiting)


@given(lines(), st.integers(1, 1500), st.data())
def test_nobody_waits_for_ever_however_many_come(
    drawn: tuple[list[Ticket], list[Taken]], weight: int, data: st.DataObject
) -> None:
    """Newcomers of other environments arrive with every run that ends; ours begins within a bounded count of ends."""
    waiting, running = drawn
    ours = ticket("ours", 100, weight)
    waiting, running = [*waiting, ours], list(running)
    ahead = len(waiting) + len(running)
    for step in range(3 * ahead + 3):
        for one in admit(waiting, running, BUDGET):
            if one == ours:
                return
            waiting.remove(one)
            running += [Taken(one.environment, layer, one.weight // len(one.layers)) for layer in one.layers]
        if running:
            running.remove(data.draw(st.sampled_from(running)))
        waiting.append(ticket(f"new-{step}", 200 + step, data.draw(st.integers(1, 1500))))
    raise AssertionError("ours never began")


def test_environments_take_turns() -> None:
    greedy = [ticket("greedy", number) for number in range(4)]
    later = [ticket("b", 10), ticket("c", 11)]
    assert [one.environment for one in line([*greedy, *later], [])] == [
        "greedy",
        "b",
        "c",
        "greedy",
        "greedy",
        "greedy",
    ]
    running = [Taken("greedy", "x", 300)]
    assert [one.environment for one in line([*greedy, *later], running)][:2] == ["b", "c"]


def test_a_heavy_run_is_not_overtaken_by_light_ones() -> None:
    heavy, light = ticket("heavy", 1, weight=900), ticket("light", 2, weight=100)
    running = [Taken("x", "x", 300)]
    assert admit([light, heavy], running, BUDGET) == ()
    assert admit([light, heavy], [], BUDGET) == (heavy, light)


def test_what_is_larger_than_everything_runs_alone() -> None:
    huge = ticket("huge", 1, weight=5000)
    assert admit([huge, ticket("b", 2)], [], BUDGET) == (huge,)
    assert admit([huge], [Taken("x", "x", 1)], BUDGET) == ()
    assert admit([replace(huge, number=3), ticket("b", 2)], [], BUDGET) == (ticket("b", 2),)


def test_runs_elsewhere_do_not_take_this_machines_memory() -> None:
    assert budget_mib({}, 1000, 1, local=False) is None
    assert budget_mib({VARIABLE: "4096"}, 1000, 1, local=False) == 4096


@pytest.mark.parametrize(
    ("environment", "memory", "cores", "budget"),
    [
        pytest.param({VARIABLE: "2048"}, 1, 1, 2048, id="what is set counts"),
        pytest.param({}, 4096, 16, 2816, id="three quarters less the operator's own"),
        pytest.param({}, 1_000_000, 2, 16 * DEFAULT_WEIGHT, id="no more than the cores can bear"),
        pytest.param({VARIABLE: ""}, 64, 1, DEFAULT_WEIGHT, id="one run always fits"),
    ],
)
def test_the_budget(environment: dict[str, str], memory: int, cores: int, budget: int) -> None:
    assert budget_mib(environment, memory, cores) == budget


@pytest.mark.parametrize("text", ["0", "-1", "4G", "many"])
def test_a_budget_that_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=VARIABLE):
        budget_mib({VARIABLE: text}, 1000, 1)
