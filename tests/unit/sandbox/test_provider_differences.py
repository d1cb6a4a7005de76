"""What is a difference, what becomes of the state, and what a check refuses."""

from dataclasses import replace
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradai_sandbox.provider.check import complaints, completed, is_made_up
from tradai_sandbox.provider.compare import covers, is_empty, overlay, same
from tradai_sandbox.provider.diff import deletes_first, differences
from tradai_sandbox.provider.props import Prop, document, local, out, tags
from tradai_sandbox.provider.row import Row
from tradai_sandbox.provider.rows.autoscaling import GROUP
from tradai_sandbox.provider.state import merged, planned, real_inputs
from tradai_sandbox.provider.unknown import UNKNOWN

URN: Final = "urn:pulumi:dev::project::aws:x/thing:Thing::logical"
ROW: Final = Row(
    "aws:x/thing:Thing",
    "x",
    (
        Prop("name", replace=True),
        Prop("size", int, default=1),
        Prop("zone", computed=True),
        Prop("parts", list),
        Prop("password", write_only=True, secret=True),
        Prop("owner", shared=True),
        document("policy"),
        local("forceDestroy"),
        *tags(),
        out("arn"),
    ),
    create=lambda _: "",
    read=(),
    delete=lambda _: None,
    name="name",
)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(json_values)
def test_every_value_covers_itself(value: Any) -> None:
    assert covers(value, value)


@given(st.dictionaries(st.text(max_size=3), json_values, min_size=1, max_size=4), st.text(min_size=4), st.integers())
def test_what_only_aws_knows_is_no_difference(wanted: dict[str, Any], extra: str, value: int) -> None:
    actual = {**wanted, extra: value}
    assert covers(actual, wanted)
    assert covers(overlay(actual, wanted), wanted)
    assert overlay(actual, wanted)[extra] == value


@given(st.lists(st.integers(), unique=True), st.randoms())
def test_the_order_of_a_list_is_no_difference_unless_a_row_says_so(items: list[int], random: Any) -> None:
    shuffled = random.sample(items, len(items))
    assert same(Prop("x", list), shuffled, items)
    assert same(Prop("x", list, ordered=True), shuffled, items) == (shuffled == items)


@pytest.mark.parametrize(
    ("actual", "wanted", "expected"),
    [
        (None, False, True),
        (None, [], True),
        (None, {"enabled": False}, True),
        (None, 0, False),
        ("5", 5, True),
        ("true", True, True),
        ([{"a": 1, "b": 2}], [{"a": 1}], True),
        ([{"a": 1}], [{"a": 1, "b": 2}], False),
        ([1, 1], [1], False),
        ({"a": 1}, {}, False),
        ({"enabled": False, "days": 35}, {"enabled": False}, True),
        ({"enabled": True}, {"enabled": False}, False),
        (UNKNOWN, UNKNOWN, True),
        ("x", UNKNOWN, False),
    ],
)
def test_same(actual: Any, wanted: Any, expected: bool) -> None:
    assert same(None, actual, wanted) is expected


@pytest.mark.parametrize(
    ("actual", "wanted", "expected"),
    [
        ({"allow": {}}, {"allow": {}}, True),
        ({"allow": {}}, {"block": {}}, False),
        (None, {"block": {}}, False),
        ([{"path": {}}, {"query": {}}], [{"query": {}}, {"path": {}}], True),
        ([{"path": {}}, {"query": {}}], [{"path": {}}, {"method": {}}], False),
        ({"rule": {"action": {"count": {}}}}, {"rule": {"action": {"block": {}}}}, False),
        (None, [], True),
    ],
)
def test_an_empty_object_tells_something_where_the_row_says_so(actual: Any, wanted: Any, expected: bool) -> None:
    prop = Prop("action", dict, telling=True)
    assert same(prop, actual, wanted) is expected
    if expected:
        assert overlay(actual, wanted, telling=True) == wanted


@pytest.mark.parametrize(("value", "empty"), [(0, False), ("", True), ({"a": {"b": []}}, True), ([0], False)])
def test_a_number_always_says_something(value: Any, empty: bool) -> None:
    assert is_empty(value) is empty


@pytest.mark.parametrize(
    ("old_inputs", "state", "new", "found"),
    [
        ({"name": "a"}, {"name": "a"}, {"name": "a"}, {}),
        ({"name": "a"}, {"name": "a"}, {"name": "b"}, {"name": True}),
        ({"size": 1}, {"size": 2}, {"size": 1}, {"size": False}),
        ({}, {"zone": "z"}, {}, {}),
        ({"zone": "z"}, {"zone": "z"}, {}, {}),
        ({"parts": [{"a": 1}]}, {"parts": [{"a": 1}]}, {}, {"parts": False}),
        ({"parts": [{"a": 1, "b": 2}]}, {"parts": [{"a": 1, "b": 2}]}, {"parts": [{"a": 1}]}, {"parts": False}),
        ({"password": "x"}, {"password": "x"}, {"password": "y"}, {"password": False}),
        ({"tags": {"a": "1"}}, {"tags": {"a": "1", "b": "2"}}, {"tags": {"a": "1"}}, {"tags": False}),
        ({}, {}, {"name": UNKNOWN}, {"name": True}),
        ({}, {"forceDestroy": None}, {"forceDestroy": False}, {}),
    ],
)
def test_differences(old_inputs: Any, state: Any, new: Any, found: dict[str, bool]) -> None:
    assert {d.name: d.replaces for d in differences(ROW, old_inputs, state, new)} == found


def test_what_is_to_be_ignored_is_no_difference() -> None:
    found = differences(ROW, {}, {"tags": {"x": "y"}}, {"tags": {"a": "b"}}, ignore=["tags", "tagsAll"])
    assert found == []


def test_another_region_means_another_resource() -> None:
    found = differences(ROW, {}, {"region": "eu-central-1"}, {"region": "eu-west-1"})
    assert [(d.name, d.replaces) for d in found] == [("region", True)]


@pytest.mark.parametrize(("name", "first"), [("fixed", True), ("logical-0123abc", False), ("other", False)])
def test_a_fixed_name_must_be_free_before_it_is_taken_again(name: str, first: bool) -> None:
    state = {"name": "fixed" if name == "fixed" else "logical-0123abc", "region": "a"}
    inputs = {"name": name, "region": "b"}
    found = differences(ROW, state, state, inputs)
    assert deletes_first(ROW, found, state, inputs, URN) is first


def test_the_state_shows_what_is_real() -> None:
    actual = {"name": "a", "size": 3, "parts": [2, 1], "owner": "they", "arn": "arn"}
    state = merged(ROW, actual, {"name": "a", "size": 1, "parts": [1, 2], "password": "x"}, {})
    assert state == {"name": "a", "size": 3, "parts": [1, 2], "password": "x", "arn": "arn", "tagsAll": {}}


def test_a_refresh_gives_inputs_that_would_make_the_real_state() -> None:
    state = {"name": "a", "size": 3, "zone": "z"}
    assert real_inputs(ROW, state, {"name": "a", "size": 1, "password": "x"}) == {
        "name": "a",
        "size": 3,
        "password": "x",
    }


def test_an_import_gives_all_inputs_that_say_something() -> None:
    state = {"name": "a", "size": 1, "parts": [], "password": "x", "arn": "arn"}
    assert real_inputs(ROW, state, {}) == {"name": "a", "size": 1}


def test_what_only_aws_fills_in_is_unknown_before_and_no_input_after() -> None:
    row = replace(ROW, props=(Prop("parts", dict, filled=frozenset({"target"})),))
    assert planned(row, {"parts": {"size": 1}}, {})["parts"] == {"size": 1, "target": UNKNOWN}
    real = {"parts": {"size": 1, "target": "t"}}
    assert planned(row, {"parts": {"size": 2}}, real)["parts"] == {"size": 2, "target": "t"}
    assert real_inputs(row, real, {}) == {"parts": {"size": 1}}


def test_a_preview_does_not_take_the_present_version_for_the_next_one() -> None:
    row = replace(ROW, props=(Prop("name"), out("arn"), out("latestVersion", int, moving=True)))
    shown = planned(row, {"name": "b"}, {"name": "a", "arn": "arn", "latestVersion": 1})
    assert (shown["arn"], shown["latestVersion"]) == ("arn", UNKNOWN)


def test_a_preview_knows_wishes_and_no_more() -> None:
    shown = planned(ROW, {"name": "a", "tags": {"x": "y"}}, {})
    assert shown["arn"] is UNKNOWN
    assert shown["zone"] is UNKNOWN
    assert shown["tagsAll"] == {"x": "y"}


@pytest.mark.parametrize(
    ("inputs", "named"),
    [
        ({"nmae": "x"}, "nmae"),
        ({"arn": "x"}, "arn"),
        ({"parts": "x"}, "parts"),
        ({"name": ["x"]}, "name"),
    ],
)
def test_a_check_names_the_type_and_the_property(inputs: dict[str, Any], named: str) -> None:
    (complaint,) = complaints(ROW, inputs)
    assert complaint.property == named
    assert ROW.token in complaint.reason
    assert repr(named) in complaint.reason


@pytest.mark.parametrize("inputs", [{"name": UNKNOWN, "parts": UNKNOWN}, {"size": "3"}, {"region": "eu-west-1"}])
def test_a_check_lets_pass_what_is_sound(inputs: dict[str, Any]) -> None:
    assert complaints(ROW, inputs) == []


def test_inputs_are_completed_by_defaults_name_and_tags() -> None:
    found = completed(ROW, {"tags": {"a": "own"}}, {}, URN, b"seed", {"a": "default", "b": "default"})
    assert found["size"] == 1
    assert found["tags"] == {"a": "own", "b": "default"}
    assert is_made_up(found["name"], URN)


def test_default_tags_do_not_reach_a_type_whose_tags_are_a_list() -> None:
    tags = [{"key": "Name", "value": "one", "propagateAtLaunch": True}]
    found = completed(GROUP, {"name": "one", "tags": tags}, {}, URN, b"seed", {"a": "default"})
    assert found["tags"] == tags


def test_a_made_up_name_stays() -> None:
    first = completed(ROW, {}, {}, URN, b"one", {})
    again = completed(ROW, {}, first, URN, b"two", {})
    assert first["name"] == again["name"]


GROWING: Final = Row(
    "aws:x/growing:Growing",
    "x",
    (Prop("parts", list, replace=True, in_place=lambda state, inputs: len(inputs["parts"]) > len(state["parts"])),),
    create=lambda _: "",
    read=(),
    delete=lambda _: None,
)


@pytest.mark.parametrize(
    ("wanted", "replaces"),
    [(["a", "b"], False), (["b"], True), (["a", UNKNOWN], True)],
    ids=["as the row allows", "as it does not", "not known yet"],
)
def test_a_change_that_makes_a_new_resource_is_made_in_place_where_the_row_says_so(
    wanted: list[Any], replaces: bool
) -> None:
    had = {"parts": ["a"]}
    assert [d.replaces for d in differences(GROWING, had, had, {"parts": wanted})] == [replaces]
