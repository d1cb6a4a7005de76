"""Application Auto Scaling: targets with tags, policies that go with their target and keep their name's ARN.

Must never change the capacity of anything.
"""

import json
from typing import Any, Final

from moto.applicationautoscaling import models, responses
from moto.core.exceptions import JsonRESTError

from tradai_sandbox.moto_ext.gaps.patching import add, wrap

#: The service-linked role that AWS takes for ECS, whatever role a request names.
_ROLE: Final = (
    "arn:aws:iam::{account}:role/aws-service-role/ecs.application-autoscaling.amazonaws.com/"
    "AWSServiceRoleForApplicationAutoScaling_ECSService"
)
_RUNNING: Final = {
    "DynamicScalingInSuspended": False,
    "DynamicScalingOutSuspended": False,
    "ScheduledScalingSuspended": False,
}


def repair() -> None:
    """Make targets and policies be told whole, and refuse what has no target."""
    wrap(models.FakeScalableTarget, __init__=_complete)
    wrap(
        models.ApplicationAutoscalingBackend,
        deregister_scalable_target=_with_policies,
        put_scaling_policy=_of_a_target,
        describe_scaling_policies=_exactly,
        delete_scaling_policy=_known,
    )
    answers = responses.ApplicationAutoScalingResponse
    wrap(answers, register_scalable_target=_tagged, describe_scaling_policies=_named)
    add(answers, list_tags_for_resource, tag_resource, untag_resource)


def _complete(original: Any) -> Any:
    def init(self: Any, backend: Any, *args: Any, **kwargs: Any) -> None:
        original(self, backend, *args, **kwargs)
        self.suspended_state = self.suspended_state or dict(_RUNNING)
        self.tags = {}
        if self.service_namespace == "ecs":
            self.role_arn = _ROLE.format(account=backend.account_id)

    return init


def _nothing(what: str, namespace: str, resource: str, dimension: str) -> JsonRESTError:
    where = f"service namespace: {namespace}, resource ID: {resource}, scalable dimension: {dimension}"
    return JsonRESTError("ObjectNotFoundException", f"No {what} for {where}")


def _with_policies(original: Any) -> Any:
    def deregister_scalable_target(self: Any, namespace: str, r_id: str, dimension: str) -> None:
        if not self._scalable_target_exists(r_id, dimension):
            raise _nothing("scalable target found", namespace, r_id, dimension)
        original(self, namespace, r_id, dimension)
        place = (namespace, r_id, dimension)
        for policy in [p for p in self.policies.values() if _place(p) == place]:
            self.delete_scaling_policy(policy.policy_name, *place)

    return deregister_scalable_target


def _place(policy: Any) -> tuple[str, str, str]:
    return policy.service_namespace, policy.resource_id, policy.scalable_dimension


def _of_a_target(original: Any) -> Any:
    def put_scaling_policy(self: Any, **asked: Any) -> Any:
        place = asked["service_namespace"], asked["resource_id"], asked["scalable_dimension"]
        if not self._scalable_target_exists(place[1], place[2]):
            raise _nothing("scalable target registered", *place)
        name = asked["policy_name"]
        had = next((p for p in self.policies.values() if (_place(p), p.policy_name) == (place, name)), None)
        policy = original(self, **asked)
        if had is not None:
            _succeed(policy, had)
        return policy

    return put_scaling_policy


def _succeed(policy: Any, had: Any) -> None:
    """A policy that is put again stays the same one, with alarms that follow what it is now."""
    for each in (had, policy):
        each.delete_alarms(policy.account_id, policy.region_name)
    policy.policy_arn, policy.alarms = had.policy_arn, []
    policy.create_alarms()


def _exactly(original: Any) -> Any:
    def describe_scaling_policies(
        self: Any, service_namespace: str, resource_id: str, scalable_dimension: str, **page: Any
    ) -> Any:
        token, found = original(self, service_namespace, resource_id, scalable_dimension, **page)
        return token, [
            p
            for p in found
            if resource_id in (None, p.resource_id) and scalable_dimension in (None, p.scalable_dimension)
        ]

    return describe_scaling_policies


def _named(original: Any) -> Any:
    def describe_scaling_policies(self: Any) -> str:
        answer, names = json.loads(original(self)), self._get_param("PolicyNames")
        found = [p for p in answer["ScalingPolicies"] if not names or p["PolicyName"] in names]
        return json.dumps({**answer, "ScalingPolicies": found})

    return describe_scaling_policies


def _known(original: Any) -> Any:
    def delete_scaling_policy(
        self: Any, policy_name: str, service_namespace: str, resource_id: str, scalable_dimension: str
    ) -> None:
        place = service_namespace, resource_id, scalable_dimension
        if (policy_name, place) not in {(p.policy_name, _place(p)) for p in self.policies.values()}:
            raise _nothing("scaling policy found", *place)
        original(self, policy_name, *place)

    return delete_scaling_policy


def _tagged(original: Any) -> Any:
    def register_scalable_target(self: Any) -> Any:
        answer = original(self)
        if tags := self._get_param("Tags"):
            _target(self, json.loads(answer)["ScalableTargetARN"]).tags |= tags
        return answer

    return register_scalable_target


def _target(response: Any, arn: str) -> Any:
    """The target of an ARN; raises ResourceNotFoundException."""
    kept = response.applicationautoscaling_backend.targets.values()
    found = next((t for by_id in kept for t in by_id.values() if t.arn == arn), None)
    if found is None:
        raise JsonRESTError("ResourceNotFoundException", f"The specified resource doesn't exist: {arn}")
    return found


def list_tags_for_resource(self: Any) -> str:
    """ListTagsForResource: the tags of a scalable target."""
    return json.dumps({"Tags": _target(self, self._get_param("ResourceARN")).tags})


def tag_resource(self: Any) -> str:
    """TagResource: adds and overwrites."""
    _target(self, self._get_param("ResourceARN")).tags |= self._get_param("Tags")
    return "{}"


def untag_resource(self: Any) -> str:
    """UntagResource: takes off the keys that are there."""
    tags = _target(self, self._get_param("ResourceARN")).tags
    for key in self._get_param("TagKeys"):
        tags.pop(key, None)
    return "{}"
