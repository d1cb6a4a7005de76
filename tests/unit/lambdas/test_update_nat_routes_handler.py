"""update-nat-routes against moto's EC2; moto knows no lifecycle actions, so botocore's stubber stands for those."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, WaiterError
from botocore.stub import Stubber
from moto import mock_aws

from tests.unit.iac.whole_graph import of_type
from tradai_iac.iam.calls import Request, rights_of
from tradai_iac.iam.evaluate import Call, decide
from tradai_iac.iam.policies import statements
from update_nat_routes import handler
from update_nat_routes.logic import DEFAULT_ROUTE, LAUNCHING, Launch, Result, RouteAction

REGION = "eu-central-1"
IMAGE = "ami-12c6146b"  # one that moto has
FOLDER = "update-nat-routes"
FUNCTION = "aws:lambda/function:Function"
POLICY = "aws:iam/rolePolicy:RolePolicy"
#: What the group gives its instances.
ITS_INSTANCE = {"ec2:ResourceTag/Name": ["tradai-nat-dev"]}


@dataclass
class Network:
    """A private route table and the means to launch NAT instances beside it."""

    ec2: Any
    autoscaling: Any
    stubber: Stubber
    table: str
    subnet: str
    allocation: str

    def launch(self) -> str:
        """An instance whose user data has not come to its end."""
        run = self.ec2.run_instances(ImageId=IMAGE, MinCount=1, MaxCount=1, SubnetId=self.subnet)
        return str(run["Instances"][0]["InstanceId"])

    def launch_well(self) -> str:
        """An instance that has made itself a way out: its user data takes the address over last."""
        instance = self.launch()
        self.take_address(instance)
        return instance

    def take_address(self, instance: str) -> None:
        self.ec2.associate_address(InstanceId=instance, AllocationId=self.allocation, AllowReassociation=True)

    def expect(self, instance: str, result: Result) -> None:
        self.stubber.add_response("complete_lifecycle_action", {}, completion(instance, result))

    def default_route(self) -> Any:
        (table,) = self.ec2.describe_route_tables(RouteTableIds=[self.table])["RouteTables"]
        routes = [route for route in table["Routes"] if route.get("DestinationCidrBlock") == DEFAULT_ROUTE]
        return routes[0]["InstanceId"] if routes else None

    def checks(self, instance: str) -> Any:
        (reservation,) = self.ec2.describe_instances(InstanceIds=[instance])["Reservations"]
        return reservation["Instances"][0]["SourceDestCheck"]


@dataclass
class Invocation:
    """Lambda's context: how much time the function has left."""

    seconds: float = 120.0

    def get_remaining_time_in_millis(self) -> int:
        return int(self.seconds * 1000)


@contextmanager
def asked(network: Network, judged: Callable[..., None]) -> Iterator[None]:
    """What the function asks both clients for meanwhile is judged: parameters as it gives them."""
    events = [client.meta.events for client in (network.ec2, network.autoscaling)]
    for each in events:
        each.register("provide-client-params", judged)
    try:
        yield
    finally:
        for each in events:
            each.unregister("provide-client-params", judged)


LONG, OVER = Invocation(), Invocation(handler.GIVING_UP_SECONDS)


def event(instance: str) -> dict[str, Any]:
    return {
        "detail-type": "EC2 Instance-launch Lifecycle Action",
        "detail": {
            "LifecycleActionToken": f"{instance}-00000000-0000-0000-0000-000000000000",
            "AutoScalingGroupName": "tradai-nat-dev",
            "LifecycleHookName": "tradai-nat-launch-dev",
            "EC2InstanceId": instance,
            "LifecycleTransition": LAUNCHING,
        },
    }


def completion(instance: str, result: Result) -> dict[str, str]:
    launch = Launch.from_event(event(instance))
    return {
        "AutoScalingGroupName": launch.group,
        "LifecycleHookName": launch.hook,
        "LifecycleActionToken": launch.token,
        "InstanceId": instance,
        "LifecycleActionResult": result.value,
    }


@cache
def made(service: str) -> Any:
    """A client, made once for all tests: reading a service's model is what takes the time."""
    session: Any = boto3.Session(region_name=REGION)
    return session.client(service)


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Iterator[Network]:
    for key in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(key, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setattr(handler, "PAUSE_SECONDS", 0)
    with mock_aws():
        ec2, autoscaling = made("ec2"), made("autoscaling")
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
        table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
        monkeypatch.setenv(handler.ROUTE_TABLE, table)
        allocation = ec2.allocate_address(Domain="vpc")["AllocationId"]
        monkeypatch.setenv(handler.ADDRESS, allocation)
        clients = {"ec2": ec2, "autoscaling": autoscaling}
        monkeypatch.setattr(boto3, "client", clients.__getitem__)
        with Stubber(autoscaling) as stubber:
            yield Network(ec2, autoscaling, stubber, table, subnet, allocation)
            stubber.assert_no_pending_responses()


def test_the_first_instance_gets_the_route_and_goes_into_service(network: Network) -> None:
    instance = network.launch_well()
    network.expect(instance, Result.CONTINUE)
    answer = handler.handle(event(instance), LONG)
    assert answer == {"instance": instance, "route": "create", "result": "CONTINUE"}
    assert network.default_route() == instance
    assert network.checks(instance) is False


def test_a_replacement_takes_the_route_over(network: Network) -> None:
    first, second = network.launch(), network.launch()
    for instance in (first, second):
        network.take_address(instance)
        network.expect(instance, Result.CONTINUE)
        handler.handle(event(instance), LONG)
    assert network.default_route() == second


def test_every_call_is_one_that_the_deployed_role_permits_and_no_right_is_idle(network: Network) -> None:
    """All that the function does: a first instance, one whose route appeared meanwhile, and one that is replaced."""
    deployed = next(each.resource.inputs for each in of_type("dev", FUNCTION) if FOLDER in each.resource.inputs["name"])
    (role,) = (each.resource.inputs for each in of_type("dev", POLICY) if each.resource.name == FOLDER)
    table = deployed["environment"]["variables"][handler.ROUTE_TABLE]
    rights = statements(json.loads(role["policy"].replace(table, network.table)))
    used: set[str] = set()

    def judged(params: Any, model: Any, **_: Any) -> None:
        for call in rights_of(Request(model.service_model.service_name, model.name, params)):
            decision = decide(rights, Call(call.action, call.resource, {**call.context, **ITS_INSTANCE}))
            assert decision.allowed, str(decision)
            used.add(call.action)

    first, second = network.launch_well(), network.launch()
    with asked(network, judged):
        network.expect(first, Result.CONTINUE)
        handler.handle(event(first), LONG)
        handler.lead(network.ec2, RouteAction.CREATE, {"RouteTableId": network.table, "InstanceId": second})
    granted = {action for right in rights for action in right.actions}
    assert granted - used == {"logs:CreateLogStream", "logs:PutLogEvents"}, "Lambda itself writes the log"


def test_the_same_event_again_changes_nothing(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    instance = network.launch_well()
    network.expect(instance, Result.CONTINUE)
    handler.handle(event(instance), LONG)
    for call in ("create_route", "replace_route", "modify_instance_attribute"):
        monkeypatch.setattr(network.ec2, call, lambda **_: pytest.fail("nothing is left to do"))
    network.expect(instance, Result.CONTINUE)
    assert handler.handle(event(instance), LONG)["route"] == "keep"


def test_an_instance_that_never_runs_is_abandoned_and_the_route_left_alone(network: Network) -> None:
    good, dead = network.launch_well(), network.launch()
    network.expect(good, Result.CONTINUE)
    handler.handle(event(good), LONG)
    network.ec2.terminate_instances(InstanceIds=[dead])
    network.expect(dead, Result.ABANDON)
    with pytest.raises(WaiterError):
        handler.handle(event(dead), LONG)
    assert network.default_route() == good


def test_an_instance_that_never_becomes_a_way_out_is_abandoned_and_the_route_left_alone(network: Network) -> None:
    good, stuck = network.launch_well(), network.launch()
    network.expect(good, Result.CONTINUE)
    handler.handle(event(good), LONG)
    network.expect(stuck, Result.ABANDON)
    with pytest.raises(handler.NotReadyError, match=f"{stuck} runs, but its user data did not take over"):
        handler.handle(event(stuck), OVER)
    assert network.default_route() == good


def test_the_route_moves_only_once_user_data_has_come_to_its_end(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    instance, asked = network.launch(), 0

    def pause(_: float) -> None:
        nonlocal asked
        asked += 1
        assert network.default_route() is None
        if asked == 3:
            network.take_address(instance)

    monkeypatch.setattr("update_nat_routes.handler.time.sleep", pause)
    network.expect(instance, Result.CONTINUE)
    assert handler.handle(event(instance), LONG)["route"] == "create"
    assert (asked, network.default_route()) == (3, instance)


def test_without_its_route_table_the_instance_is_abandoned(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(handler.ROUTE_TABLE)
    instance = network.launch_well()
    network.expect(instance, Result.ABANDON)
    with pytest.raises(KeyError, match=handler.ROUTE_TABLE):
        handler.handle(event(instance), LONG)


def test_a_table_that_is_gone_abandons_the_instance(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(handler.ROUTE_TABLE, "rtb-00000000")
    instance = network.launch_well()
    network.expect(instance, Result.ABANDON)
    with pytest.raises(ClientError, match="InvalidRouteTableID"):
        handler.handle(event(instance), LONG)


def test_an_event_that_is_no_launch_completes_nothing(network: Network) -> None:
    with pytest.raises(ValueError, match="not the launch"):
        handler.handle({"detail-type": "Scheduled Event"}, LONG)


def test_an_action_that_has_ended_already_is_no_failure(network: Network) -> None:
    instance = network.launch_well()
    network.stubber.add_client_error(
        "complete_lifecycle_action",
        "ValidationError",
        f"No active Lifecycle Action found with instance ID {instance}",
        expected_params=completion(instance, Result.CONTINUE),
    )
    assert handler.handle(event(instance), LONG)["result"] == "CONTINUE"


def test_any_other_refusal_to_complete_is_a_failure(network: Network) -> None:
    instance = network.launch_well()
    network.stubber.add_client_error("complete_lifecycle_action", "AccessDenied", "not authorized")
    with pytest.raises(ClientError, match="AccessDenied"):
        handler.handle(event(instance), LONG)


def test_a_route_that_appears_meanwhile_is_replaced(network: Network) -> None:
    first, second = network.launch(), network.launch()
    target = {"RouteTableId": network.table, "InstanceId": first}
    handler.lead(network.ec2, RouteAction.CREATE, target)
    handler.lead(network.ec2, RouteAction.CREATE, {**target, "InstanceId": second})
    assert network.default_route() == second


def test_any_other_refusal_of_the_route_is_a_failure(network: Network) -> None:
    target = {"RouteTableId": network.table, "InstanceId": "i-00000000"}
    with pytest.raises(ClientError, match="InvalidInstanceID"):
        handler.lead(network.ec2, RouteAction.CREATE, target)
