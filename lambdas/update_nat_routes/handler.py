"""The border of update-nat-routes: EventBridge's event in, calls to EC2 and Auto Scaling out (002 §1.4).

Must never leave a lifecycle action open: whatever happens after the event is understood, it is completed.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import boto3
from botocore.exceptions import ClientError

from update_nat_routes.logic import (
    DEFAULT_ROUTE,
    Launch,
    Result,
    RouteAction,
    checks_source_and_destination,
    holds_address,
    route_action,
)

log = logging.getLogger(__name__)
log.setLevel(logging.INFO)

ROUTE_TABLE = "ROUTE_TABLE_ID"
ADDRESS = "ALLOCATION_ID"
#: What of the function's own limit of 120 s (002 §7) is kept back, so that it can still give up properly.
GIVING_UP_SECONDS = 15.0
#: Between two questions, whether the instance runs and whether it has its address.
PAUSE_SECONDS = 5
#: What Auto Scaling answers for an action that somebody completed before, or that timed out.
NO_LONGER_ACTIVE = "No active Lifecycle Action found"


@dataclass(frozen=True)
class Aws:
    """The two clients that the function needs."""

    ec2: Any
    autoscaling: Any


class Context(Protocol):
    """What Lambda says of one invocation."""

    def get_remaining_time_in_millis(self) -> int:
        """Until the invocation is ended."""


class NotReadyError(Exception):
    """The instance runs, and has not become a way out in time."""


def handle(event: Mapping[str, Any], context: Context) -> dict[str, str]:
    """Lambda's entry point: `{"instance", "route", "result"}` on success.

    Raises ValueError for an event that is no launch. Any other failure is raised after the lifecycle action has
    been abandoned, so that it counts as an error of the function, which its alarm tells; a retry of it changes nothing.
    """
    launch = Launch.from_event(event)
    until = time.monotonic() + context.get_remaining_time_in_millis() / 1000 - GIVING_UP_SECONDS
    aws = Aws(boto3.client("ec2"), boto3.client("autoscaling"))
    try:
        await_start(aws.ec2, launch.instance_id, os.environ[ADDRESS], until)
        action = take_over(aws.ec2, launch.instance_id, os.environ[ROUTE_TABLE])
    except Exception:
        log.exception("giving up on %s", launch.instance_id)
        complete(aws.autoscaling, launch, Result.ABANDON)
        raise
    complete(aws.autoscaling, launch, Result.CONTINUE)
    return {"instance": launch.instance_id, "route": action.value, "result": Result.CONTINUE.value}


def await_start(ec2: Any, instance_id: str, allocation_id: str, until: float) -> None:
    """Wait until the instance runs and has made itself a way out: it takes the lasting address over last.

    `until` is of the monotonic clock, in seconds. Raises WaiterError or NotReadyError once that is over: traffic is led
    to no instance that would not pass it on.
    """
    attempts = max(1, int((until - time.monotonic()) / max(PAUSE_SECONDS, 1)))
    waiting = {"Delay": PAUSE_SECONDS, "MaxAttempts": attempts}
    ec2.get_waiter("instance_running").wait(InstanceIds=[instance_id], WaiterConfig=waiting)
    while not holds_address(ec2.describe_addresses(AllocationIds=[allocation_id])["Addresses"], instance_id):
        if time.monotonic() + PAUSE_SECONDS > until:
            raise NotReadyError(f"{instance_id} runs, but its user data did not take over {allocation_id} in time")
        time.sleep(PAUSE_SECONDS)


def take_over(ec2: Any, instance_id: str, route_table_id: str) -> RouteAction:
    """Make the instance what the route table's default route leads to; says what that took."""
    (reservation,) = ec2.describe_instances(InstanceIds=[instance_id])["Reservations"]
    if checks_source_and_destination(reservation["Instances"][0]):
        ec2.modify_instance_attribute(InstanceId=instance_id, SourceDestCheck={"Value": False})
    (table,) = ec2.describe_route_tables(RouteTableIds=[route_table_id])["RouteTables"]
    action = route_action(table["Routes"], instance_id)
    lead(ec2, action, {"RouteTableId": route_table_id, "InstanceId": instance_id})
    log.info("%s: default route of %s to %s", action.value, route_table_id, instance_id)
    return action


def lead(ec2: Any, action: RouteAction, target: Mapping[str, str]) -> None:
    """Carry out the decision on the default route; one that appeared meanwhile is replaced."""
    route = {**target, "DestinationCidrBlock": DEFAULT_ROUTE}
    if action is RouteAction.REPLACE:
        ec2.replace_route(**route)
    elif action is RouteAction.CREATE:
        try:
            ec2.create_route(**route)
        except ClientError as error:
            if error.response["Error"]["Code"] != "RouteAlreadyExists":
                raise
            ec2.replace_route(**route)


def complete(autoscaling: Any, launch: Launch, result: Result) -> None:
    """End the lifecycle action; one that has ended already stays as it is."""
    try:
        autoscaling.complete_lifecycle_action(
            AutoScalingGroupName=launch.group,
            LifecycleHookName=launch.hook,
            LifecycleActionToken=launch.token,
            InstanceId=launch.instance_id,
            LifecycleActionResult=result.value,
        )
    except ClientError as error:
        if NO_LONGER_ACTIVE not in error.response["Error"]["Message"]:
            raise
        log.info("the lifecycle action of %s has ended already", launch.instance_id)
