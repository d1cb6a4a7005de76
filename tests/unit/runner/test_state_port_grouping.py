"""What a state says to be under way, and whether a save may wait: pure, over states as the engine writes them."""

import json

import pytest

from tests.unit.runner.port_states import (
    BEGUN,
    NOTHING,
    ONCE,
    QUEUE,
    TABLE,
    TYPES,
    body,
    urn,
    written,
)
from tradai_runner.stateport import grouping


@pytest.mark.parametrize(
    ("before", "after", "there"),
    [
        (NOTHING, BEGUN, True),
        (NOTHING, [("updating", urn("a"))], True),
        (NOTHING, [("deleting", urn("a"))], True),
        (NOTHING, [("reading", urn("a"))], False),
        (BEGUN, NOTHING, False),
        (BEGUN, BEGUN, False),
        ([("updating", urn("a", TABLE))], NOTHING, False),
        ([("deleting", urn("a"))], NOTHING, False),
        ([("deleting", urn("a", TABLE))], NOTHING, True),
        ([("creating", urn("a", ONCE))], NOTHING, True),
        ([("creating", urn("a", "aws:iam/rolePolicy:RolePolicy"))], NOTHING, False),
        ([("creating", urn("a", "aws:sns/topicSubscription:TopicSubscription"))], NOTHING, True),
        ([("deleting", urn("a"))] * 2, [("deleting", urn("a"))], False),
        ([("deleting", urn("a"))], [("deleting", urn("a"))] * 2, True),
        (BEGUN, [("creating", urn("b"))], True),
        ([("creating", "not a urn")], NOTHING, True),
    ],
)
def test_what_begins_is_there_first_and_what_is_found_again_may_wait(
    before: list[tuple[str, str]], after: list[tuple[str, str]], there: bool
) -> None:
    states = [grouping.begun(body("", *pending)) for pending in (before, after)]
    assert None not in states
    assert grouping.has_to_be_there(states[0], states[1], TYPES) is there


@pytest.mark.parametrize(
    "text",
    [
        b"{}",
        b"1",
        json.dumps(json.loads(body("a")), indent=4).encode(),
        json.dumps(json.loads(body("a"))).encode(),
        body("", ("creating", urn("a"))).replace(b'"resource"', b'"recource"'),
        body("", ("creating", urn("a")))[:-40],
        body("", ("creating", urn("a")))[:-1],
        body("", ("creating", urn("a"))) + b"}",
        body("a").replace(b'"id":"a"', b'"id":"a","pending_operations":[1]'),
    ],
)
def test_a_state_in_a_form_that_is_not_the_engines_waits_for_nothing(text: bytes) -> None:
    begun = grouping.begun(text)
    assert begun is None
    assert grouping.has_to_be_there(grouping.begun(body()), begun, TYPES)
    assert grouping.has_to_be_there(begun, grouping.begun(body()), TYPES)


def test_a_property_that_is_called_as_the_pending_operations_are_is_none() -> None:
    state = json.loads(body("", ("creating", urn("a"))))
    state["checkpoint"]["latest"]["pending_operations"][0]["resource"]["inputs"] = {
        "a": {"b": [1], "pending_operations": [{"type": "creating", "resource": {"urn": "x"}}]},
        "pending_operations": [{"type": "creating", "resource": {"urn": "x"}}],
        "text": ',"pending_operations":[]',
    }
    state["checkpoint"]["latest"]["metadata"] = {"integrity_error": {"command": "up"}}
    assert grouping.begun(written(state)) == {("creating", urn("a")): 1}


#: Written by the engine (3.255.0) at the begin of a creation, cut down to what matters.
OF_THE_ENGINE = (
    rb'{"version":3,"checkpoint":{"stack":"organization/sample-work/dev","latest":{"manifest":'
    rb'{"time":"2026-11-30T01:56:22.463030388Z","magic":"2f23","version":"v3.255.0"},"secrets_providers":'
    rb'{"type":"passphrase","state":{"salt":"v1:gA="}},"resources":[{"urn":'
    rb'"urn:pulumi:dev::sample-work::pulumi:pulumi:Stack::sample-work-dev","custom":false,'
    rb'"type":"pulumi:pulumi:Stack"}],"pending_operations":[{"resource":{"urn":'
    rb'"urn:pulumi:dev::sample-work::aws:sqs/queue:Queue::a","custom":true,"type":"aws:sqs/queue:Queue",'
    rb'"inputs":{"text":"\"pending_operations\":[]"}},"type":"creating"}],"metadata":{}}}}'
)


def test_a_state_of_the_engine_itself_says_what_is_under_way() -> None:
    assert grouping.begun(OF_THE_ENGINE) == {("creating", "urn:pulumi:dev::sample-work::aws:sqs/queue:Queue::a"): 1}
    state = json.loads(OF_THE_ENGINE)
    assert written(state) == OF_THE_ENGINE
    del state["checkpoint"]["latest"]["pending_operations"]
    assert grouping.begun(written(state)) == {}


@pytest.mark.parametrize(
    ("type_", "custom", "waits"),
    [
        ("tradai:Component", False, True),
        ("pulumi:pulumi:Stack", False, True),
        ("pulumi:providers:aws", True, True),
        (QUEUE, True, False),
        ("another:x/y:Z", True, False),
    ],
)
@pytest.mark.parametrize("kind", ["creating", "updating", "deleting"])
def test_of_what_is_nothing_in_aws_neither_begin_nor_end_is_waited_for(
    kind: str, type_: str, custom: bool, waits: bool
) -> None:
    state = json.loads(body("", (kind, urn("a", type_))))
    entry = state["checkpoint"]["latest"]["pending_operations"][0]
    entry["resource"] |= {"type": type_, "custom": custom}
    assert grouping.has_to_be_there(grouping.begun(body()), grouping.begun(written(state)), TYPES) is not waits
    if waits:
        assert not grouping.has_to_be_there(grouping.begun(written(state)), grouping.begun(body()), TYPES)
