"""Auto Scaling: launches that a lifecycle hook holds until somebody completes the action.

A launch that no rule of EventBridge would hear of goes into service at once: nobody could ever complete it, and
AWS's answer to that is to wait for hours. Must never hold an instance for longer than its hook says.
"""

import copy
import threading
from typing import Any, Final
from uuid import uuid4

from moto.autoscaling import models, responses
from moto.autoscaling.exceptions import ValidationError
from moto.core.responses import EmptyResult
from moto.core.utils import unix_time

from tradai_sandbox.moto_ext.gaps import events, user_data
from tradai_sandbox.moto_ext.gaps.patching import add, wrap

LAUNCHING: Final = "autoscaling:EC2_INSTANCE_LAUNCHING"
WAITING: Final = "Pending:Wait"
IN_SERVICE: Final = "InService"


def repair() -> None:
    """Hold launches, tell EventBridge, and let CompleteLifecycleAction end it."""
    wrap(
        models.FakeAutoScalingGroup,
        replace_autoscaling_group_instances=_held,
        active_instances=_with_waiting,
    )
    wrap(models.AutoScalingBackend, delete_auto_scaling_group=_with_its_hooks)
    wrap(responses.AutoScalingResponse, create_auto_scaling_group=_with_first_hooks)
    add(responses.AutoScalingResponse, complete_lifecycle_action)


def complete_lifecycle_action(self: Any) -> EmptyResult:
    """CompleteLifecycleAction: the instance goes into service, or is given up and replaced."""
    name, instance = self._get_param("AutoScalingGroupName"), self._get_param("InstanceId")
    group = self.autoscaling_backend.autoscaling_groups.get(name)
    if not _complete(group, instance, self._get_param("LifecycleActionResult")):
        raise ValidationError(f"No active Lifecycle Action found with instance ID {instance}")
    return EmptyResult()


def _complete(group: Any, instance: str, result: str) -> bool:
    """Whether there was an action to complete; a group that is gone has none."""
    stands = group and group.autoscaling_backend.autoscaling_groups.get(group.name) is group
    states = group.instance_states if stands else []
    state = next((s for s in states if s.instance_id == instance and s.lifecycle_state == WAITING), None)
    if state is None:
        return False
    state.lifecycle_state = IN_SERVICE
    if result != "CONTINUE":
        group.autoscaling_backend.terminate_instance(instance, should_decrement=False)
    return True


def _held(original: Any) -> Any:
    def replace_autoscaling_group_instances(self: Any, *args: Any, **kwargs: Any) -> None:
        before = {state.instance_id for state in self.instance_states}
        original(self, *args, **kwargs)
        hook = _hook_of(self)
        for state in self.instance_states:
            if hook and state.instance_id not in before:
                _hold(self, state, hook)

    return replace_autoscaling_group_instances


def _hook_of(group: Any) -> Any:
    hooks = group.autoscaling_backend.describe_lifecycle_hooks(group.name)
    return next((hook for hook in hooks if hook.lifecycle_transition == LAUNCHING), None)


def _hold(group: Any, state: Any, hook: Any) -> None:
    event = launch_event(group, state.instance_id, hook)
    rules = events.matching(group.account_id, group.region, event)
    if not rules:
        return
    state.lifecycle_state = WAITING
    user_data.play(group, state.instance_id)
    given_up = threading.Timer(int(hook.heartbeat_timeout), _complete, (group, state.instance_id, hook.default_result))
    given_up.daemon = True
    given_up.start()
    for rule in rules:
        rule.send_to_targets(copy.deepcopy(event))


def launch_event(group: Any, instance: str, hook: Any) -> dict[str, Any]:
    """What EventBridge hears of a launch that waits."""
    return {
        "version": "0",
        "id": str(uuid4()),
        "detail-type": "EC2 Instance-launch Lifecycle Action",
        "source": "aws.autoscaling",
        "account": group.account_id,
        "time": unix_time(),
        "region": group.region,
        "resources": [group.arn],
        "detail": {
            "LifecycleActionToken": str(uuid4()),
            "AutoScalingGroupName": group.name,
            "LifecycleHookName": hook.name,
            "EC2InstanceId": instance,
            "LifecycleTransition": LAUNCHING,
            "Origin": "EC2",
            "Destination": "AutoScalingGroup",
        },
    }


def _with_waiting(original: Any) -> Any:
    """Those who wait count as capacity: else a change of the group would launch more in their place."""

    def active_instances(self: Any) -> list[Any]:
        waiting = [state for state in self.instance_states if state.lifecycle_state == WAITING]
        return [*original(self), *waiting]

    return active_instances


def _with_its_hooks(original: Any) -> Any:
    def delete_auto_scaling_group(self: Any, group_name: str) -> None:
        original(self, group_name)
        for hook in self.describe_lifecycle_hooks(group_name):
            self.delete_lifecycle_hook(group_name, hook.name)

    return delete_auto_scaling_group


def _with_first_hooks(original: Any) -> Any:
    """The hooks of the request itself stand before the first launch."""

    def create_auto_scaling_group(self: Any) -> Any:
        name = self._get_param("AutoScalingGroupName")
        if name not in self.autoscaling_backend.autoscaling_groups:
            for hook in self._get_params().get("LifecycleHookSpecificationList", []):
                self.autoscaling_backend.create_lifecycle_hook(
                    hook["LifecycleHookName"],
                    name,
                    hook["LifecycleTransition"],
                    hook.get("HeartbeatTimeout"),
                    hook.get("DefaultResult"),
                )
        return original(self)

    return create_auto_scaling_group
