"""Auto Scaling: lifecycle hooks without a target of their own, with their metadata; instance refresh; targets that go.

Must never invent a notification target or a role that nobody has set.
"""

from typing import Any
from uuid import uuid4

from moto.autoscaling import models, responses
from moto.autoscaling.exceptions import ValidationError
from moto.core.responses import ActionResult
from moto.core.utils import utcnow

from tradai_sandbox.moto_ext.gaps.patching import add, wrap

SETTABLE = {
    "NotificationTargetARN": "notification_target_arn",
    "RoleARN": "role_arn",
    "NotificationMetadata": "notification_metadata",
}


def repair() -> None:
    """Make hooks remember what was set and nothing else."""
    wrap(models.LifecycleHook, __init__=_plain)
    wrap(responses.AutoScalingResponse, put_lifecycle_hook=_hook)
    wrap(models.AutoScalingBackend, terminate_instance=_no_target_any_more)
    add(responses.AutoScalingResponse, start_instance_refresh, describe_instance_refreshes)


def start_instance_refresh(self: Any) -> ActionResult:
    """StartInstanceRefresh: the instances are replaced at once, capacity brings new ones."""
    name = self._get_param("AutoScalingGroupName")
    group = self.autoscaling_backend.autoscaling_groups[name]
    refresh = {"InstanceRefreshId": str(uuid4()), "AutoScalingGroupName": name, "StartTime": utcnow()}
    _refreshes(group).insert(0, refresh)
    for state in list(group.instance_states):
        self.autoscaling_backend.terminate_instance(state.instance.id, should_decrement=False)
    return ActionResult({"InstanceRefreshId": refresh["InstanceRefreshId"]})


def describe_instance_refreshes(self: Any) -> ActionResult:
    """DescribeInstanceRefreshes, the newest first: one is under way until every instance is in service."""
    group = self.autoscaling_backend.autoscaling_groups.get(self._get_param("AutoScalingGroupName"))
    if group is None:
        raise ValidationError("AutoScalingGroup name not found - AutoScalingGroup not found")
    served = [state.lifecycle_state == "InService" for state in group.instance_states]
    done = all(served) and len(served) >= group.desired_capacity
    state = {"Status": "Successful", "PercentageComplete": 100} if done else {"Status": "InProgress"}
    newest = [{**refresh, **state} for refresh in _refreshes(group)[:1]]
    older = [{**refresh, "Status": "Successful"} for refresh in _refreshes(group)[1:]]
    return ActionResult({"InstanceRefreshes": [*newest, *older][: int(self._get_param("MaxRecords") or 50)]})


def _refreshes(group: Any) -> list[dict[str, Any]]:
    """Those of the group, which moto does not keep."""
    return group.__dict__.setdefault("instance_refreshes", [])  # type: ignore[no-any-return]


def _no_target_any_more(original: Any) -> Any:
    """An instance that its group ends is no target of the group's any more."""

    def terminate_instance(self: Any, instance_id: str, should_decrement: bool) -> Any:
        group = next(g for g in self.autoscaling_groups.values() if instance_id in _ids(g))
        activity = original(self, instance_id, should_decrement)
        for arn in group.target_group_arns:
            self.elbv2_backend.target_groups[arn].deregister_terminated_instances([instance_id])
        return activity

    return terminate_instance


def _ids(group: Any) -> set[str]:
    return {state.instance_id for state in group.instance_states}


def _plain(original: Any) -> Any:
    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        self.role_arn = self.notification_target_arn = self.notification_metadata = None

    return init


def _hook(original: Any) -> Any:
    def put_lifecycle_hook(self: Any) -> Any:
        result = original(self)
        group, name = self._get_param("AutoScalingGroupName"), self._get_param("LifecycleHookName")
        hook = self.autoscaling_backend.lifecycle_hooks[f"{group}_{name}"]
        for parameter, attribute in SETTABLE.items():
            setattr(hook, attribute, self._get_param(parameter))
        return result

    return put_lifecycle_hook
