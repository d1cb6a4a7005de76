"""What a dead run made and its state lacks, of types that nothing else takes along: a destroy leaves none of it.

Nor does it stop at one that keeps a role from going.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest
from botocore.exceptions import ClientError

from tests.fakes.requests import request_of
from tests.unit.runner.mending import BEGAN, HOUR, STATE, Clock, latest
from tests.unit.runner.objects import Objects
from tests.unit.runner.states import PROJECT, operation, resource, state, urn
from tradai_iac.core.tagging import urn_tag_of
from tradai_iac.failure import Failure
from tradai_runner.lock.registry import RunRegistry
from tradai_runner.repair.rows.again import AGAIN
from tradai_runner.repair.settle import Settler
from tradai_sandbox.provider.table import rows
from tradai_sandbox.provider.templates import fill

ACL: Final = "arn:aws:wafv2:eu-central-1:1:regional/webacl/it/0f"
BALANCER: Final = "arn:aws:elasticloadbalancing:eu-central-1:1:loadbalancer/app/it/0f"
TOPIC: Final = "arn:aws:sns:eu-central-1:1:alerts"
_SCALED: Final = {
    "serviceNamespace": "ecs",
    "resourceId": "service/main/api",
    "scalableDimension": "ecs:service:DesiredCount",
}


@dataclass(frozen=True)
class Made:
    """One thing: the inputs of its creation, the call that tells of it and the answer; what it says where it is not.

    `own`: the id, where AWS makes it up.
    """

    inputs: Mapping[str, Any]
    call: str
    answer: Mapping[str, Any]
    none: Mapping[str, Any] | str = "ResourceNotFoundException"
    tagged: bool = False
    own: str = ""


ALL: Final = {
    "aws:iam/rolePolicy:RolePolicy": Made(
        {"role": "it", "name": "own"}, "get_role_policy", {"RoleName": "it", "PolicyName": "own"}, "NoSuchEntity"
    ),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": Made(
        {"role": "it", "policyArn": "arn:it"},
        "list_attached_role_policies",
        {"AttachedPolicies": [{"PolicyArn": "arn:another"}, {"PolicyArn": "arn:it"}]},
        {"AttachedPolicies": [{"PolicyArn": "arn:another"}]},
    ),
    "aws:cloudwatch/eventRule:EventRule": Made(
        {"name": "it", "eventBusName": "default"}, "describe_rule", {"Name": "it", "Arn": "arn:it"}, tagged=True
    ),
    "aws:cloudwatch/eventTarget:EventTarget": Made(
        {"rule": "it", "eventBusName": "default", "targetId": "function"},
        "list_targets_by_rule",
        {"Targets": [{"Id": "another"}, {"Id": "function"}]},
        {"Targets": [{"Id": "another"}]},
    ),
    "aws:cloudwatch/metricAlarm:MetricAlarm": Made(
        {"name": "it"},
        "describe_alarms",
        {"MetricAlarms": [{"AlarmName": "it", "AlarmArn": "arn:it"}], "CompositeAlarms": []},
        {"MetricAlarms": [], "CompositeAlarms": []},
        tagged=True,
    ),
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": Made(
        {"alarmName": "it"},
        "describe_alarms",
        {"MetricAlarms": [], "CompositeAlarms": [{"AlarmName": "it", "AlarmArn": "arn:it"}]},
        {"MetricAlarms": [], "CompositeAlarms": []},
        tagged=True,
    ),
    "aws:cloudwatch/dashboard:Dashboard": Made(
        {"dashboardName": "it"}, "get_dashboard", {"DashboardName": "it", "DashboardBody": "{}"}, "ResourceNotFound"
    ),
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": Made(
        {"policyName": "it"},
        "describe_resource_policies",
        {"resourcePolicies": [{"policyName": "another"}, {"policyName": "it"}]},
        {"resourcePolicies": [{"policyName": "another"}]},
    ),
    "aws:appautoscaling/target:Target": Made(
        _SCALED,
        "describe_scalable_targets",
        {"ScalableTargets": [{"ResourceId": "service/main/api", "ScalableTargetARN": "arn:it"}]},
        {"ScalableTargets": []},
        tagged=True,
    ),
    "aws:appautoscaling/policy:Policy": Made(
        {**_SCALED, "name": "it"},
        "describe_scaling_policies",
        {"ScalingPolicies": [{"PolicyName": "it", "PolicyARN": "arn:it"}]},
        {"ScalingPolicies": []},
    ),
    "aws:sns/topicSubscription:TopicSubscription": Made(
        {"topic": TOPIC, "protocol": "email", "endpoint": "a@b.c"},
        "list_subscriptions_by_topic",
        {"Subscriptions": [{"Protocol": "email", "Endpoint": "a@b.c", "SubscriptionArn": f"{TOPIC}:0f"}]},
        {"Subscriptions": [{"Protocol": "email", "Endpoint": "d@b.c", "SubscriptionArn": f"{TOPIC}:1f"}]},
        own=f"{TOPIC}:0f",
    ),
    "aws:wafv2/webAclAssociation:WebAclAssociation": Made(
        {"webAclArn": ACL, "resourceArn": BALANCER},
        "get_web_acl_for_resource",
        {"WebACL": {"ARN": ACL}},
        {},
    ),
    "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": Made(
        {"resourceArn": ACL},
        "get_logging_configuration",
        {"LoggingConfiguration": {"ResourceArn": ACL}},
        "WAFNonexistentItemException",
    ),
}
#: What belongs to something that takes it along when it goes.
TAKEN_ALONG: Final = {
    "aws:autoscaling/lifecycleHook:LifecycleHook": "the group",
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": "the log group",
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": "the repository",
    "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders": "the cluster",
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": "the bucket",
    "aws:s3/bucketPolicy:BucketPolicy": "the bucket",
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": "the bucket",
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": "the bucket",
    "aws:s3/bucketVersioning:BucketVersioning": "the bucket",
    "aws:secretsmanager/secretRotation:SecretRotation": "the secret",
    "aws:secretsmanager/secretVersion:SecretVersion": "the secret",
    "aws:sns/topicPolicy:TopicPolicy": "the topic",
    "aws:sqs/queuePolicy:QueuePolicy": "the queue",
}


@dataclass
class Aws:
    """An account with one thing, or without; and an engine that destroys what its state has of it."""

    type: str
    stands: bool
    mark: str = ""
    refuses: str = ""
    tells: Mapping[str, Any] | None = None
    store: Objects = field(default_factory=Objects)

    def __call__(self, service: str) -> "Aws":
        return self

    def can_paginate(self, call: str) -> bool:
        return False

    def __getattr__(self, call: str) -> Any:
        made = ALL[self.type]
        if call.startswith("list_tags"):
            tags = [{"Key": "tradai:urn", "Value": self.mark}] if self.mark else []
            spelled: Any = {"tradai:urn": self.mark} if self.mark else {}
            return lambda **_: {"Tags": spelled if "appautoscaling" in self.type else tags}
        if call != made.call:
            raise AttributeError(call)
        found = self.tells or (made.answer if self.stands else made.none)
        return lambda **_: self._answered(self.refuses or found)

    @staticmethod
    def _answered(found: Mapping[str, Any] | str) -> Mapping[str, Any]:
        if isinstance(found, str):
            raise ClientError({"Error": {"Code": found, "Message": "no"}}, "Look")
        return found

    def refresh(self, urns: list[str]) -> Failure | None:
        """All of it is there."""
        return None

    def destroy(self) -> None:
        """What the state has is taken away."""
        if any(raw["type"] == self.type for raw in latest(self.store)["resources"]):
            self.stands = False


def settler(aws: Aws, tmp_path: Path, asked: str, *has: dict[str, Any]) -> Settler:
    """Of a run that was killed while it made the thing."""
    body = state(list(has), [operation("creating", aws.type, "it", inputs=dict(ALL[aws.type].inputs))])
    aws.store[STATE] = json.dumps(body).encode()
    base = {"run_id": "r1", "layer": "foundation", "environment": "dev", "account_id": "1", "region": "eu-central-1"}
    request = request_of(operation=asked, backend_url="s3://b", endpoint_url="http://127.0.0.1:4566", **base)
    clock = Clock(BEGAN + HOUR)
    return Settler(request, PROJECT, aws.store, RunRegistry(tmp_path), lambda: aws, clock, pause=clock.pause)


def id_of(type_: str) -> str:
    """As its creation would have given it."""
    template, made = rows()[type_].id, ALL[type_]
    return str(fill(template, made.inputs, lambda: "1")) if template else made.own


def mark_of(type_: str) -> str:
    return urn_tag_of(urn(type_, "it")) if ALL[type_].tagged else ""


@pytest.mark.parametrize("asked", ["destroy", "up"])
@pytest.mark.parametrize("type_", ALL)
def test_what_was_made_goes_into_the_state_and_goes_with_a_destroy(tmp_path: Path, type_: str, asked: str) -> None:
    aws = Aws(type_, stands=True, mark=mark_of(type_))
    assert settler(aws, tmp_path, asked).settle(aws.refresh).failure is None
    assert latest(aws.store)["pending_operations"] == []
    assert [(raw["type"], raw["id"]) for raw in latest(aws.store)["resources"]] == [(type_, id_of(type_))]
    aws.destroy()
    assert not aws.stands


@pytest.mark.parametrize("asked", ["destroy", "up"])
@pytest.mark.parametrize("type_", ALL)
def test_what_was_not_made_is_cleared(tmp_path: Path, type_: str, asked: str) -> None:
    aws = Aws(type_, stands=False)
    done = settler(aws, tmp_path, asked).settle(aws.refresh)
    assert done.failure is None
    assert ["nothing of it is in AWS" in line.what for line in done.repairs] == [True]
    assert latest(aws.store)["pending_operations"] == latest(aws.store)["resources"] == []


@pytest.mark.parametrize("asked", ["destroy", "up"])
@pytest.mark.parametrize("type_", ALL)
def test_what_aws_does_not_tell_is_neither_forgotten_nor_left_to_a_person(
    tmp_path: Path, type_: str, asked: str
) -> None:
    aws = Aws(type_, stands=True, refuses="AccessDenied")
    failed = settler(aws, tmp_path, asked).settle(aws.refresh).failure
    assert failed is not None
    assert failed.kind == "Credentials"
    assert len(latest(aws.store)["pending_operations"]) == 1
    aws.refuses, aws.mark = "", mark_of(type_)
    assert settler(aws, tmp_path, asked).settle(aws.refresh).failure is None
    aws.destroy()
    assert not aws.stands


@pytest.mark.parametrize("type_", [type_ for type_, made in ALL.items() if made.tagged])
def test_what_has_our_name_and_no_tag_is_ours_and_what_has_anothers_tag_is_not(tmp_path: Path, type_: str) -> None:
    """AWS takes no tags from a creation that changes what stands."""
    ours, others = Aws(type_, stands=True), Aws(type_, stands=True, mark="another")
    assert settler(ours, tmp_path, "destroy").settle(ours.refresh).failure is None
    ours.destroy()
    assert not ours.stands
    assert settler(others, tmp_path, "destroy").settle(others.refresh).failure is None
    others.destroy()
    assert others.stands


@pytest.mark.parametrize("type_", ALL)
def test_what_the_state_has_under_another_urn_is_not_taken_in_twice(tmp_path: Path, type_: str) -> None:
    aws = Aws(type_, stands=True, mark=mark_of(type_))
    known = resource(type_, "before", id=id_of(type_), inputs=dict(ALL[type_].inputs), outputs={})
    assert settler(aws, tmp_path, "up", known).settle(aws.refresh).failure is None
    assert latest(aws.store)["pending_operations"] == []
    assert [raw["urn"] for raw in latest(aws.store)["resources"]] == [known["urn"]]


def test_a_subscription_that_nobody_has_confirmed_goes_with_its_topic(tmp_path: Path) -> None:
    """AWS tells no id of it, and nobody could take it away."""
    type_ = "aws:sns/topicSubscription:TopicSubscription"
    aws = Aws(type_, stands=False)
    for waiting in ("PendingConfirmation", "Deleted"):
        unnamed = {"Protocol": "email", "Endpoint": "a@b.c", "SubscriptionArn": waiting}
        made, aws.tells = settler(aws, tmp_path, "destroy"), {"Subscriptions": [unnamed]}
        assert made.settle(aws.refresh).failure is None
        assert latest(aws.store)["pending_operations"] == latest(aws.store)["resources"] == []


def test_whatever_is_not_looked_up_goes_with_what_it_belongs_to() -> None:
    assert sorted(AGAIN) == sorted(TAKEN_ALONG)
