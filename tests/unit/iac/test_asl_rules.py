"""What is refused in a state machine, and that the refusal names the state."""

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser

from tests.unit.iac.workflow_definitions import NAMES, definition
from tradai_iac.core.asl_rules import faults

LAMBDA = "arn:aws:states:::lambda:invoke"
CALL = {"Type": "Task", "Resource": LAMBDA, "Parameters": {"FunctionName": "f"}, "TimeoutSeconds": 9, "Next": "Done"}


def machine(**states: Any) -> dict[str, Any]:
    """A task, a choice and two ends, with what a test changes; a state that is None goes."""
    usual: dict[str, Any] = {
        "Call": {**CALL, "Next": "Fork", "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Broken"}]},
        "Fork": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.a", "BooleanEquals": True, "Next": "Done"}],
            "Default": "Broken",
        },
        "Done": {"Type": "Succeed"},
        "Broken": {"Type": "Fail", "Error": "Broken", "Cause": "It broke."},
    }
    kept = {name: state for name, state in {**usual, **states}.items() if state is not None}
    return {"StartAt": "Call", "TimeoutSeconds": 60, "States": kept}


def choice(**test: Any) -> dict[str, Any]:
    return {"Type": "Choice", "Choices": [{**test, "Next": "Done"}], "Default": "Broken"}


def call(**changes: Any) -> dict[str, Any]:
    """`Call` with other fields; one that is None goes."""
    usual: dict[str, Any] = machine()["States"]["Call"]
    return {key: value for key, value in {**usual, **changes}.items() if value is not None}


def test_a_sound_machine_has_no_fault() -> None:
    assert faults(machine()) == ()


@pytest.mark.parametrize(
    ("document", "fault"),
    [
        pytest.param({}, "StartAt: Field required", id="nothing at all"),
        pytest.param({**machine(), "StartAt": "Gone"}, "StartAt: there is no state 'Gone'", id="start"),
        pytest.param({**machine(), "States": {}}, "States: ", id="no states"),
        pytest.param(machine(Call=call(Next="Gone")), "Call: leads to 'Gone'", id="next"),
        pytest.param(
            machine(Fork={**choice(Variable="$.a", IsPresent=True), "Default": "Gone"}), "Fork: leads", id="d"
        ),
        pytest.param(machine(Call=call(Catch=[{"ErrorEquals": ["E"], "Next": "Gone"}])), "Call: leads to", id="catch"),
        pytest.param(machine(Lonely={"Type": "Succeed"}), "Lonely: no way leads here", id="unreachable"),
        pytest.param(machine(Broken={"Type": "Pass", "Next": "Broken"}), "Broken: no way leads to an end", id="circle"),
        pytest.param(machine(Done={"Type": "Map"}), "Done: Input tag 'Map'", id="unknown type"),
        pytest.param(machine(Done={"Type": "Succeed", "Nxt": "Call"}), "Done: Nxt: Extra inputs", id="unknown field"),
        pytest.param(machine(Done={"Type": "Pass"}), "Done: Value error, either Next or End", id="no way on"),
        pytest.param(machine(Call=call(End=True)), "Call: Value error, either Next or End", id="two ways on"),
        pytest.param(machine(Call=call(Resource=None)), "Call: Resource: Field required", id="no resource"),
        pytest.param(machine(Call=call(Resource="lambda")), "Call: Resource: ", id="no ARN"),
        pytest.param(
            machine(Call=call(Parameters={})), "Call: Value error, .*takes the parameter FunctionName", id="fn"
        ),
        pytest.param(machine(Call=call(TimeoutSeconds=None)), "Call: TimeoutSeconds: Field required", id="no limit"),
        pytest.param(machine(Call=call(HeartbeatSeconds=9)), "Call: Value error, HeartbeatSeconds", id="heartbeat"),
        pytest.param(machine(Call=call(Retry=[{}])), "Call: Retry.0.ErrorEquals: Field required", id="retry"),
        pytest.param(
            machine(Call=call(Retry=[{"ErrorEquals": ["E"], "BackoffRate": 0.5}])), "Call: Retry.0.Back", id="b"
        ),
        pytest.param(machine(Call=call(Catch=[{"ErrorEquals": ["E"]}])), "Call: Catch.0.Next: Field required", id="to"),
        pytest.param(
            machine(Call=call(Catch=[{"ErrorEquals": [e], "Next": "Broken"} for e in ("States.ALL", "E")])),
            "Call: Value error, States.ALL stands alone, and last",
            id="all first",
        ),
        pytest.param(
            machine(Fork={"Type": "Choice", "Choices": [{"Variable": "$.a", "IsNull": True, "Next": "Done"}]}),
            "Fork: Default: Field required",
            id="no default",
        ),
        pytest.param(
            machine(Fork=choice(Variable="$.a", Equals=1)), "Fork: Choices.0: .*no such test: Equals", id="test"
        ),
        pytest.param(machine(Fork=choice(Variable="$.a")), "Fork: .*Variable and a comparison", id="no comparison"),
        pytest.param(machine(Fork=choice()), "Fork: .*a test is one comparison", id="empty test"),
        pytest.param(machine(Fork=choice(And=[])), "Fork: Choices.0.And: ", id="empty and"),
        pytest.param(machine(Fork=choice(Variable="a", IsNull=True)), "Fork: Choices.0.Variable: ", id="no path"),
        pytest.param(
            machine(Call=call(Parameters={"FunctionName.$": "f"})),
            r"Call: Parameters\.FunctionName\.\$: 'f' is neither",
            id="path",
        ),
        pytest.param(machine(Done={"Type": "Succeed", "Comment": "{{ x }}"}), "Done: Comment: unresolved", id="left"),
        pytest.param(machine(**{"x" * 81: {"Type": "Succeed"}}), "x+.*at most 80 characters", id="long name"),
    ],
)
def test_what_is_wrong_is_refused_and_its_state_is_named(document: dict[str, Any], fault: str) -> None:
    found = faults(document)
    assert [text for text in found if re.match(fault, text)], found


def test_every_fault_is_told_at_once() -> None:
    found = faults(machine(Call=call(Next="Gone"), Lonely={"Type": "Succeed"}))
    assert [text.split(":")[0] for text in found] == ["Call", "Fork", "Done", "Lonely"]


@pytest.mark.parametrize("name", NAMES)
def test_the_workflows_are_sound_to_us_and_to_another_parser(name: str) -> None:
    assert faults(definition(name)) == ()
    AmazonStateLanguageParser.parse(json.dumps(definition(name)))


def targets(node: Any) -> list[tuple[dict[str, Any], str]]:
    """Every place in a definition that names a state."""
    if isinstance(node, list):
        return [found for item in node for found in targets(item)]
    if not isinstance(node, dict):
        return []
    own = [(node, key) for key in ("StartAt", "Next", "Default") if isinstance(node.get(key), str)]
    return [*own, *(found for value in node.values() for found in targets(value))]


@settings(max_examples=60)
@given(st.sampled_from(NAMES), st.data())
def test_a_way_to_nowhere_is_refused_wherever_it_is(name: str, data: st.DataObject) -> None:
    broken = definition(name)
    node, key = data.draw(st.sampled_from(targets(broken)))
    node[key] = data.draw(st.text(max_size=90).filter(lambda text: text not in broken["States"]))
    assert faults(broken)


@settings(max_examples=60)
@given(st.sampled_from(NAMES), st.data())
def test_a_state_that_is_taken_out_or_misnamed_is_missed(name: str, data: st.DataObject) -> None:
    broken = definition(name)
    gone = data.draw(st.sampled_from(sorted(broken["States"])))
    state = broken["States"].pop(gone)
    if data.draw(st.booleans()):
        broken["States"][f"{gone}2"] = state
    assert any(repr(gone) in fault for fault in faults(broken))


@settings(max_examples=60)
@given(st.sampled_from(NAMES), st.data())
def test_a_field_that_a_state_needs_is_missed(name: str, data: st.DataObject) -> None:
    broken = definition(name)
    state = data.draw(st.sampled_from(sorted(broken["States"])))
    needed = {"Type", "Resource", "Parameters", "TimeoutSeconds", "Next", "End", "Default", "Choices", "Error", "Cause"}
    key = data.draw(st.sampled_from(sorted(needed & set(broken["States"][state]))))
    del broken["States"][state][key]
    assert any(fault.startswith(f"{state}:") for fault in faults(broken))


@settings(max_examples=60)
@given(st.sampled_from(NAMES), st.data())
def test_a_misspelt_field_is_refused(name: str, data: st.DataObject) -> None:
    broken = definition(name)
    state = data.draw(st.sampled_from(sorted(broken["States"])))
    key = data.draw(st.sampled_from(sorted(broken["States"][state])))
    broken["States"][state][f"{key}s"] = broken["States"][state].pop(key)
    assert any(fault.startswith(f"{state}:") for fault in faults(broken))
