"""Auto Scaling: lifecycle hooks without a target of their own, with their metadata; instance refresh; targets that go.

Must never invent a notification target or a role that nobody has set.
"""

from typing import Any
from uuid import uuid4

from moto.autoscaling import models, responses
from moto.core.responses import ActionResult

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
    add(responses.AutoScalingResponse, start_instance_refresh)


def start_instance_refresh(self: Any) -> ActionResult:
    """StartInstanceRefresh: the instances are replaced at once, capacity brings new ones."""
    name = self._get_param("AutoScalingGroupName")
    group = self.autoscaling_backend.autoscaling_groups[name]
    for state in list(group.instance_states):
        self.autoscaling_backend.terminate_instance(state.instance.id, should_decrement=False)
    return ActionResult({"InstanceRefreshId": str(uuid4())})


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
