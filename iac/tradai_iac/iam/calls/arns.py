"""The ARNs that an action of a call is on, out of the call's parameters.

What AWS chooses only when it makes a resource is `*` in its ARN, as AWS itself judges it. Must never ask an account for
what the parameters do not say.
"""

import re
import string
from collections.abc import Iterator, Sequence
from typing import Final

from tradai_iac.iam.calls.request import Request, texts
from tradai_iac.iam.patterns import ANYTHING, fits_arn
from tradai_iac.iam.reference import Action, ResourceType, service

_FIELD: Final = re.compile(r"\$\{(\w+)\}")
#: Field of an ARN → the parameters that may fill it, beside those that are called as the field; by prefix or for all.
_PARAMETERS: Final = {
    "BucketName": "Bucket",
    "ObjectName": "Key CopySource",
    "QueueName": "QueueUrl",
    "TopicName": "Name",
    "RoleNameWithPath": "RoleName",
    "InstanceProfileNameWithPath": "InstanceProfileName",
    "PolicyNameWithPath": "PolicyName",
    "ClusterName": "cluster",
    "ServiceName": "service",
    "TaskDefinitionFamilyName": "family taskDefinition",
    "GroupFriendlyName": "AutoScalingGroupName ResourceId",
    "DbInstanceName": "DBInstanceIdentifier",
    "SubnetGroupName": "DBSubnetGroupName",
    "ParameterGroupName": "DBParameterGroupName",
    "SnapshotName": "DBSnapshotIdentifier",
    "SecretId": "Name",
    "NamespaceId": "Id",
    "ServiceId": "Id",
    "RuleName": "Rule Name",
    "DomainName": "domain",
    "RepositoryName": "repository",
    "TrailName": "Name",
    "StateMachineName": "name",
    "LogGroupName": "logGroupIdentifier",
    "LoadBalancerName": "Name",
    "TargetGroupName": "Name",
    "ParameterNameWithoutLeadingSlash": "Name",
}
#: Fields that AWS chooses: without a parameter, any value stands for the one that will be.
_CHOSEN: Final = frozenset({"GroupId", "Id", "ListenerId", "ListenerRuleId", "LoadBalancerId", "TargetGroupId"})
#: Types that a call means only where it names one by its ARN: their fields are called as those of what it is about.
_BY_ARN_ALONE: Final = frozenset(
    {
        *("ipset", "managedruleset", "regexpatternset", "rulegroup"),
        *("listener/gwy", "listener/net", "listener-rule/net", "loadbalancer/gwy/", "loadbalancer/net/"),
        *("rule-on-custom-event-bus", "event-bus", "secgrp", "launchConfiguration"),
    }
)
#: Two services share a prefix: a type of the older one → that of ours.
_OURS: Final = {("elasticloadbalancing", "loadbalancer"): "loadbalancer/app/"}
#: What an id of EC2's begins with → the type of the resource.
_EC2: Final = {
    "acl": "network-acl",
    "ami": "image",
    "eipalloc": "elastic-ip",
    "eni": "network-interface",
    "fl": "vpc-flow-log",
    "i": "instance",
    "igw": "internet-gateway",
    "lt": "launch-template",
    "rtb": "route-table",
    "sg": "security-group",
    "sgr": "security-group-rule",
    "subnet": "subnet",
    "vpc": "vpc",
    "vpce": "vpc-endpoint",
}
#: What the reference calls an id by another word than its type.
_EC2_WORDS: Final = {"allocation": "elastic-ip", "nacl": "network-acl"}
_EC2_ID: Final = re.compile(r"([a-z]+)-[0-9a-z]{6,}")


def arns(request: Request, action: Action) -> list[str]:
    """One ARN or more; `*` where the action knows no resource, or the call names none of those that it knows."""
    if request.prefix == "apigateway":
        return [f"arn:aws:apigateway:{request.region}::{request.path.removeprefix('/v2')}"]
    types = [_ours(action, type_) for type_ in action.types]
    named = [
        arn for arn in request.arns if any(fits_arn(pattern, arn) for type_ in types for pattern in type_.patterns)
    ]
    found = dict.fromkeys(arn for type_ in types for arn in _of_type(request, action, type_, by_arn=bool(named)))
    return list(found) or list(_any(request, action, types)) or [ANYTHING]


def _ours(action: Action, type_: ResourceType) -> ResourceType:
    name = _OURS.get((action.service, type_.name), type_.name)
    return service(action.service).types[name]


def _any(request: Request, action: Action, types: Sequence[ResourceType]) -> Iterator[str]:
    """Where a call names nothing it is about all of a type: the one that the action is called after, or the first."""
    meant = [type_ for type_ in types if type_.name not in _BY_ARN_ALONE]
    meant.sort(key=lambda type_: type_.name.lower() not in action.name.lower())
    for type_ in meant[:1]:
        yield from _filled(request, type_.arns[0])


def _of_type(request: Request, action: Action, type_: ResourceType, *, by_arn: bool) -> Iterator[str]:
    """Of a type that every call of the action names, all where nothing is said of it; where another is named by its
    ARN, the reference means either."""
    named = [arn for arn in request.arns if any(fits_arn(pattern, arn) for pattern in type_.patterns)]
    if named or type_.name in _BY_ARN_ALONE:
        yield from named
        return
    required = type_.name in action.required
    for template in type_.arns:
        values = [_values(request, field) for field in _own_fields(template)]
        if all(values) or (required and (any(values) or not by_arn)):
            yield from _filled(request, template)


def _own_fields(template: str) -> list[str]:
    """What tells one of a type from another: of what AWS chooses only where there is nothing else."""
    fields = [field for field in _FIELD.findall(template) if field not in {"Partition", "Region", "Account"}]
    return [field for field in fields if field not in _CHOSEN] or fields


def _values(request: Request, field: str) -> list[str]:
    """What the call says of a field, most exactly said first."""
    if request.prefix == "ec2" or field.endswith(("VpcId", "SubnetId")):
        return _ec2(request, field)
    found = list(request.named(field)) or list(request.named(*_PARAMETERS.get(field, field).split()))
    return [_plain(field, value) for value in found if value]


def _ec2(request: Request, field: str) -> list[str]:
    ids = (value for _, value in texts(request.params))
    word = re.sub(r"(?<!^)([A-Z])", r"-\1", field.removesuffix("Id")).lower()
    wanted = _EC2_WORDS.get(word, word)
    return [i for i in ids if (kind := _EC2_ID.fullmatch(i)) and _EC2.get(kind[1]) == wanted]


def _plain(field: str, value: str) -> str:
    """A name as ARNs have it: without its own ARN, its address, the slash before it."""
    if field == "Scope":
        return value.lower()
    if field == "ObjectName":
        return value
    if field == "SecretId":
        return value.rsplit(":secret:", 1)[-1] if value.startswith("arn:") else f"{value}-??????"
    if value.startswith(("arn:", "http://", "https://")):
        return re.split(r"[:/]", value)[-1]
    return value.removeprefix("/hostedzone/").lstrip("/") if field.startswith(("Id", "ParameterName")) else value


def _filled(request: Request, template: str) -> Iterator[str]:
    """The template with every value of its last field that has several, the first of the others."""
    public = request.prefix == "ssm" and any(name.startswith("/aws/") for name in request.named("Name"))
    fixed = {"Partition": "aws", "Region": request.region, "Account": "" if public else request.account}
    fields: dict[str, Sequence[str]] = {
        field: [fixed[field]] if field in fixed else _values(request, field) or [ANYTHING]
        for field in _FIELD.findall(template)
    }
    several = max(fields, key=lambda field: len(fields[field])) if fields else ""
    for value in fields.get(several, [""]):
        chosen = {**{field: values[0] for field, values in fields.items()}, several: value}
        yield string.Template(template).substitute(chosen)
