"""What has to be done for a launched NAT instance, decided from what AWS says about it.

Must never call AWS, read the environment or the clock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

DEFAULT_ROUTE = "0.0.0.0/0"
LAUNCHING = "autoscaling:EC2_INSTANCE_LAUNCHING"


class RouteAction(Enum):
    """What the default route of the private route table needs."""

    KEEP = "keep"
    CREATE = "create"
    REPLACE = "replace"


class Result(Enum):
    """How a lifecycle action ends: the instance goes into service, or is given up and replaced."""

    CONTINUE = "CONTINUE"
    ABANDON = "ABANDON"


@dataclass(frozen=True)
class Launch:
    """A lifecycle action of an Auto Scaling group, as EventBridge reports it."""

    instance_id: str
    group: str
    hook: str
    token: str

    @classmethod
    def from_event(cls, event: Mapping[str, Any]) -> Launch:
        """Read the event of a launch; raises ValueError for any other event."""
        detail = event.get("detail")
        if not isinstance(detail, Mapping) or detail.get("LifecycleTransition") != LAUNCHING:
            raise ValueError(f"not the launch of an instance: {event.get('detail-type')!r}")
        keys = ("EC2InstanceId", "AutoScalingGroupName", "LifecycleHookName", "LifecycleActionToken")
        missing = [key for key in keys if not isinstance(detail.get(key), str) or not detail[key]]
        if missing:
            raise ValueError(f"the event of the launch lacks {', '.join(missing)}")
        return cls(*(detail[key] for key in keys))


def route_action(routes: Sequence[Mapping[str, Any]], instance_id: str) -> RouteAction:
    """What to do so that `routes` of a table lead to the instance; an active route to it already stays."""
    current = next((route for route in routes if route.get("DestinationCidrBlock") == DEFAULT_ROUTE), None)
    if current is None:
        return RouteAction.CREATE
    if current.get("InstanceId") == instance_id and current.get("State") == "active":
        return RouteAction.KEEP
    return RouteAction.REPLACE


def checks_source_and_destination(instance: Mapping[str, Any]) -> bool:
    """Whether EC2 would still drop packets that the instance only forwards; it does unless told otherwise."""
    return bool(instance.get("SourceDestCheck", True))


def holds_address(addresses: Sequence[Mapping[str, Any]], instance_id: str) -> bool:
    """Whether the lasting address is the instance's by now; `addresses` is what AWS says of that one."""
    return any(address.get("InstanceId") == instance_id for address in addresses)
