"""The decisions of update-nat-routes, without AWS (002 §1.4)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from update_nat_routes.logic import (
    DEFAULT_ROUTE,
    LAUNCHING,
    Launch,
    RouteAction,
    checks_source_and_destination,
    route_action,
)

DETAIL = {
    "LifecycleActionToken": "87654321-4321-4321-4321-210987654321",
    "AutoScalingGroupName": "tradai-nat-dev",
    "LifecycleHookName": "tradai-nat-launch-dev",
    "EC2InstanceId": "i-new",
    "LifecycleTransition": LAUNCHING,
}
LOCAL = {"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "State": "active"}


def to(instance: str, state: str = "active") -> dict[str, str]:
    return {"DestinationCidrBlock": DEFAULT_ROUTE, "InstanceId": instance, "State": state}


def test_a_launch_is_read_from_its_event() -> None:
    launch = Launch.from_event({"detail-type": "EC2 Instance-launch Lifecycle Action", "detail": DETAIL})
    assert launch == Launch("i-new", "tradai-nat-dev", "tradai-nat-launch-dev", DETAIL["LifecycleActionToken"])


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"detail": None},
        {"detail": "text"},
        {"detail": {**DETAIL, "LifecycleTransition": "autoscaling:EC2_INSTANCE_TERMINATING"}},
    ],
)
def test_an_event_that_is_no_launch_is_refused(event: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="not the launch of an instance"):
        Launch.from_event(event)


@pytest.mark.parametrize("key", ["LifecycleActionToken", "AutoScalingGroupName", "LifecycleHookName", "EC2InstanceId"])
@pytest.mark.parametrize("value", [None, "", 7])
def test_a_launch_without_one_of_its_parts_is_refused_by_name(key: str, value: object) -> None:
    with pytest.raises(ValueError, match=f"lacks {key}"):
        Launch.from_event({"detail": {**DETAIL, key: value}})


@pytest.mark.parametrize(
    ("routes", "expected"),
    [
        pytest.param([], RouteAction.CREATE, id="an empty table"),
        pytest.param([LOCAL], RouteAction.CREATE, id="only the local route"),
        pytest.param([LOCAL, {"DestinationPrefixListId": "pl-1"}], RouteAction.CREATE, id="an endpoint"),
        pytest.param([LOCAL, to("i-new")], RouteAction.KEEP, id="there already"),
        pytest.param([LOCAL, to("i-new", "blackhole")], RouteAction.REPLACE, id="there, but leads nowhere"),
        pytest.param([LOCAL, to("i-old")], RouteAction.REPLACE, id="the predecessor"),
        pytest.param([to("i-old", "blackhole")], RouteAction.REPLACE, id="the dead predecessor"),
        pytest.param(
            [{"DestinationCidrBlock": DEFAULT_ROUTE, "NatGatewayId": "nat-1", "State": "active"}],
            RouteAction.REPLACE,
            id="something else",
        ),
    ],
)
def test_the_default_route_is_created_replaced_or_kept(routes: list[dict[str, str]], expected: RouteAction) -> None:
    assert route_action(routes, "i-new") is expected


@given(st.lists(st.sampled_from(["i-a", "i-b", "i-c"]), min_size=1))
def test_after_any_sequence_of_launches_the_last_one_holds_the_route(launches: list[str]) -> None:
    routes = [LOCAL]
    for instance in launches:
        if route_action(routes, instance) is not RouteAction.KEEP:
            routes = [LOCAL, to(instance)]
        assert route_action(routes, instance) is RouteAction.KEEP
    assert routes[-1]["InstanceId"] == launches[-1]


@pytest.mark.parametrize(
    ("instance", "expected"), [({"SourceDestCheck": True}, True), ({"SourceDestCheck": False}, False), ({}, True)]
)
def test_packets_are_dropped_unless_the_check_is_off(instance: dict[str, bool], expected: bool) -> None:
    assert checks_source_and_destination(instance) is expected
