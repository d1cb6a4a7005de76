"""What makes a state file one that no engine can work on: each flaw with its URN and its repair, and nothing else."""

import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.runner.objects import Objects
from tests.unit.runner.states import PROJECT, SECRET, resource, state, urn
from tradai_runner.bucket.keys import state_key
from tradai_runner.state.integrity import UnreadableError, flaw
from tradai_runner.state.missing import Stack
from tradai_runner.state.reading import read_stack

QUEUE, TOPIC = "aws:sqs/queue:Queue", "aws:sns/topic:Topic"
PROVIDER = resource("pulumi:providers:aws", "default", id="p-1")
REFERENCE = f"{PROVIDER['urn']}::p-1"
ROOT = {"urn": urn("pulumi:pulumi:Stack", "root"), "type": "pulumi:pulumi:Stack", "custom": False}


def whole() -> list[dict[str, Any]]:
    """A stack as the engine writes it: root, provider, a queue, and a topic that depends on it."""
    queue = resource(QUEUE, "a", id="a", parent=ROOT["urn"], provider=REFERENCE)
    topic = resource(
        TOPIC,
        "t",
        id="t",
        parent=ROOT["urn"],
        provider=REFERENCE,
        dependencies=[queue["urn"]],
        propertyDependencies={"policy": [queue["urn"]], "name": None},
        deletedWith=queue["urn"],
    )
    return deepcopy([ROOT, PROVIDER, queue, topic])


def twice(found: list[dict[str, Any]]) -> None:
    found.append(deepcopy(found[-1]))


def turned(found: list[dict[str, Any]]) -> None:
    found[2], found[3] = found[3], found[2]


def without(place: int) -> Callable[[list[dict[str, Any]]], None]:
    return lambda found: found.__delitem__(place)


def changed(place: int, **more: Any) -> Callable[[list[dict[str, Any]]], None]:
    return lambda found: found[place].update(more)


FLAWS = [
    pytest.param(twice, urn(TOPIC, "t"), "is in the state 2 times", "Remove all but the one", id="twice"),
    pytest.param(turned, urn(TOPIC, "t"), "comes after it", "Move the one that it needs", id="before what it needs"),
    pytest.param(without(2), urn(TOPIC, "t"), "is not in the state", "Put that entry back", id="needs what is gone"),
    pytest.param(without(0), urn(QUEUE, "a"), "parent", "Put that entry back", id="without its parent"),
    pytest.param(without(1), urn(QUEUE, "a"), "the provider", "provider's entry back", id="without its provider"),
    pytest.param(changed(1, id="p-2"), urn(QUEUE, "a"), "the provider", "Point it", id="another provider's id"),
    pytest.param(changed(3, deletedWith="urn:x"), urn(TOPIC, "t"), "deletedWith", "reference away", id="deleted with"),
    pytest.param(changed(3, replaceWith=["urn:x"]), urn(TOPIC, "t"), "replaceWith", "reference", id="replaced with"),
    pytest.param(
        changed(3, dependencies=[], deletedWith="", propertyDependencies={"policy": ["urn:x"]}),
        urn(TOPIC, "t"),
        "dependency urn:x is not in the state",
        "Put that entry back",
        id="a property needs what is gone",
    ),
    pytest.param(changed(2, urn=""), "", "has no urn", "give it one", id="without a urn"),
    pytest.param(changed(2, type=""), urn(QUEUE, "a"), "has no type", "give it one", id="without a type"),
    pytest.param(changed(2, custom=False), urn(QUEUE, "a"), "has an id", "mark it as custom", id="an id of nothing"),
]


@pytest.mark.parametrize(("spoil", "subject", "what", "repair"), FLAWS)
def test_each_flaw_is_found_with_its_urn_and_its_repair(
    spoil: Callable[[list[dict[str, Any]]], None], subject: str, what: str, repair: str
) -> None:
    entries = whole()
    spoil(entries)
    found = flaw(state(entries, []))
    assert found is not None
    assert found.urn == subject
    assert what in found.what and repair in found.repair


@pytest.mark.parametrize(("spoil", "subject", "what", "_repair"), FLAWS)
def test_a_damaged_state_is_a_failure_of_its_own_that_prints_no_value(
    spoil: Callable[[list[dict[str, Any]]], None], subject: str, what: str, _repair: str
) -> None:
    entries = whole()
    entries[2]["inputs"] = {"password": SECRET, "plain": "hunter2hunter2"}
    spoil(entries)
    store: Any = Objects({state_key(PROJECT, "dev"): json.dumps(state(entries, [])).encode()})
    failure = read_stack(store, Stack(PROJECT, "dev")).failure
    assert failure is not None
    assert (failure.kind, failure.urn) == ("StateDamaged", subject)
    assert what in failure.error and "tradai state restore dev foundation" in failure.hint
    assert failure.state and "hunter2" not in failure.model_dump_json()


@pytest.mark.parametrize("doomed", [1, 2])
def test_replaced_ones_that_wait_for_their_deletion_are_no_flaw(doomed: int) -> None:
    entries = whole()
    for _ in range(doomed):
        entries.append({**deepcopy(entries[3]), "delete": True})
    assert flaw(state(entries, [])) is None


def test_what_is_replaced_may_have_lost_its_provider() -> None:
    entries = whole()
    entries[2] |= {"provider": f"{PROVIDER['urn']}::gone", "pendingReplacement": True}
    assert flaw(state(entries, [])) is None


@pytest.mark.parametrize(
    "body", [{"checkpoint": {}}, {"checkpoint": {"latest": None}}, state([], []), state(whole(), [])]
)
def test_what_the_engine_takes_is_no_flaw(body: dict[str, Any]) -> None:
    assert flaw(body) is None


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        1,
        {},
        {"checkpoint": 1},
        {"checkpoint": {"latest": []}},
        {"checkpoint": {"latest": {"resources": {"a": 1}}}},
    ],
)
def test_what_is_no_state_file_is_said_to_be_none(body: Any) -> None:
    with pytest.raises(UnreadableError):
        flaw(body)


@given(st.permutations(range(1, 6)))
def test_of_all_orders_just_those_are_whole_in_which_each_stands_after_what_it_needs(order: list[int]) -> None:
    needs = {1: [], 2: [1], 3: [1], 4: [2, 3], 5: [4]}
    entries = [
        resource(QUEUE, str(number), id=str(number), dependencies=[urn(QUEUE, str(each)) for each in needs[number]])
        for number in order
    ]
    sound = all(order.index(each) < order.index(number) for number in order for each in needs[number])
    assert (flaw(state(entries, [])) is None) == sound
