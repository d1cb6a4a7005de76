"""The status: tolerant when read, within the CRD's bounds when written, the same after a round trip."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradai_operator.model import Condition, EnvironmentStatus, LayerFailure, LayerStatus, Resources, Run

AT = datetime(2026, 11, 21, 9, 0, 0, tzinfo=UTC)

FULL = EnvironmentStatus(
    observed_generation=3,
    phase="Building",
    conditions=(Condition(type="Ready", status="False", reason="Building", last_transition_time=AT),),
    layers=(
        LayerStatus(
            name="compute",
            state="Failed",
            operation="up",
            resources=Resources(total=9, done=4),
            next_retry_at=AT,
            failure=LayerFailure(kind="Throttled", error="Rate exceeded", request_id="r-1"),
            run=Run(id="r", executor="local", handle="42@1"),
        ),
    ),
    outputs={"foundation": {"vpc_id": "vpc-1", "public_subnet_ids": ["a", "b"]}},
)

anything: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from([*EnvironmentStatus().dump(), "name", "type", "state", "run", "failure", "odd"]),
            inner,
            max_size=6,
        )
    ),
    max_leaves=30,
)


def test_a_status_is_the_same_after_a_round_trip() -> None:
    assert EnvironmentStatus.parse(FULL.dump()) == FULL


def test_a_dump_is_camel_case_and_has_no_null() -> None:
    layer = FULL.dump()["layers"][0]
    assert layer["nextRetryAt"] == "2026-11-21T09:00:00Z"
    assert layer["failure"]["requestId"] == "r-1"
    assert "startedAt" not in layer
    assert "null" not in FULL.model_dump_json(exclude_none=True)


@given(anything)
def test_whatever_was_stored_can_be_read(stored: Any) -> None:
    status = EnvironmentStatus.parse(stored)
    assert EnvironmentStatus.parse(status.dump()) == status


def test_what_is_understood_is_kept_and_the_rest_left_out() -> None:
    stored = FULL.dump() | {"phase": "Hibernating", "drift": {"text": "none"}}
    stored["layers"].append({"name": "edge", "state": "Simmering", "attempts": 2, "colour": "red"})
    stored["layers"].append({"state": "Ready"})
    status = EnvironmentStatus.parse(stored)
    assert status.phase == "Pending"
    assert status.layers == (*FULL.layers, LayerStatus(name="edge", attempts=2))


@pytest.mark.parametrize("stored", [None, [], "text", {}])
def test_no_status_is_an_empty_one(stored: Any) -> None:
    assert EnvironmentStatus.parse(stored) == EnvironmentStatus()


def test_what_is_too_long_is_cut_with_a_mark() -> None:
    message = EnvironmentStatus(message="x" * 5000).message
    assert len(message) == 2048
    assert message.endswith(" …")
    assert EnvironmentStatus(message="x" * 2048).message == "x" * 2048


@pytest.mark.parametrize(
    "moment", [AT.timestamp() + 0.7, "2026-11-21T10:00:00.7+01:00", AT.astimezone(timezone(timedelta(hours=9)))]
)
def test_moments_are_whole_seconds_of_utc_however_they_are_given(moment: Any) -> None:
    assert LayerStatus(name="edge", started_at=moment).started_at == AT
    assert LayerStatus(name="edge", started_at=moment).model_dump(mode="json")["startedAt"].endswith("09:00:00Z")


def test_a_layer_or_condition_that_was_never_reported_is_a_fresh_one() -> None:
    assert FULL.layer("compute").state == "Failed"
    assert FULL.layer("edge") == LayerStatus(name="edge")
    assert FULL.condition("Ready").status == "False"
    assert FULL.condition("Stalled") == Condition(type="Stalled", status="Unknown")


def test_no_status_keeps_a_list_of_the_fields_that_it_has() -> None:
    read = EnvironmentStatus.parse(FULL.dump())
    assert read == FULL
    assert [model.model_fields_set for model in (read, read.layers[0], read.conditions[0])] == [set()] * 3
