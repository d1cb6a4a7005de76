"""Which rights a call asks for: actions by their own names, resources as AWS spells them, keys of the context."""

from typing import Any

import pytest

from tradai_iac.iam.calls import Request, arns, rights_of
from tradai_iac.iam.reference import service

HERE = "eu-central-1:123456789012"
SG = "sg-0123456789abcdef0"
VPC = "vpc-0123456789abcdef0"

#: Service, operation, parameters, and the rights as `action resource` without what all ARNs begin with.
CASES: list[tuple[str, str, dict[str, Any], list[str]]] = [
    ("s3", "HeadBucket", {"Bucket": "b"}, ["s3:ListBucket s3:::b"]),
    ("s3", "ListBuckets", {}, ["s3:ListAllMyBuckets *"]),
    ("s3", "GetObject", {"Bucket": "b", "Key": "k/l"}, ["s3:GetObject s3:::b/k/l"]),
    (
        "s3",
        "GetObject",
        {"Bucket": "b", "Key": "k", "VersionId": "1"},
        ["s3:GetObject s3:::b/k", "s3:GetObjectVersion s3:::b/k"],
    ),
    (
        "s3",
        "DeleteObjects",
        {"Bucket": "b", "Delete": {"Objects": [{"Key": "k"}, {"Key": "l"}]}},
        ["s3:DeleteObject s3:::b/k", "s3:DeleteObject s3:::b/l"],
    ),
    ("s3", "PutBucketEncryption", {"Bucket": "b"}, ["s3:PutEncryptionConfiguration s3:::b"]),
    ("sqs", "SendMessageBatch", {"QueueUrl": "https://sqs/1/q.fifo"}, [f"sqs:SendMessage sqs:{HERE}:q.fifo"]),
    ("sns", "CreateTopic", {"Name": "t"}, [f"sns:CreateTopic sns:{HERE}:t"]),
    ("sns", "Publish", {"TopicArn": f"arn:aws:sns:{HERE}:t"}, [f"sns:Publish sns:{HERE}:t"]),
    ("dynamodb", "DescribeTable", {"TableName": "t"}, [f"dynamodb:DescribeTable dynamodb:{HERE}:table/t"]),
    ("monitoring", "DescribeAlarms", {"AlarmNames": ["a"]}, [f"cloudwatch:DescribeAlarms cloudwatch:{HERE}:alarm:a"]),
    ("logs", "DescribeLogGroups", {"logGroupNamePrefix": "l"}, ["logs:DescribeLogGroups *"]),
    ("lambda", "Invoke", {"FunctionName": "f"}, [f"lambda:InvokeFunction lambda:{HERE}:function:f"]),
    ("iam", "GetRole", {"RoleName": "r"}, ["iam:GetRole iam::123456789012:role/r"]),
    (
        "secretsmanager",
        "CreateSecret",
        {"Name": "a/b"},
        [f"secretsmanager:CreateSecret secretsmanager:{HERE}:secret:a/b-??????"],
    ),
    ("rds", "DescribeDBInstances", {}, [f"rds:DescribeDBInstances rds:{HERE}:db:*"]),
    ("ec2", "DescribeVpcs", {"VpcIds": [VPC]}, ["ec2:DescribeVpcs *"]),
    ("ec2", "DeleteVpc", {"VpcId": VPC}, [f"ec2:DeleteVpc ec2:{HERE}:vpc/{VPC}"]),
    (
        "ec2",
        "CreateSecurityGroup",
        {"VpcId": VPC, "GroupName": "g"},
        [f"ec2:CreateSecurityGroup ec2:{HERE}:security-group/*", f"ec2:CreateSecurityGroup ec2:{HERE}:vpc/{VPC}"],
    ),
    (
        "ecs",
        "DescribeServices",
        {"cluster": "c", "services": ["s", "t"]},
        [f"ecs:DescribeServices ecs:{HERE}:service/c/s", f"ecs:DescribeServices ecs:{HERE}:service/c/t"],
    ),
    (
        "autoscaling",
        "CreateAutoScalingGroup",
        {"AutoScalingGroupName": "g"},
        [f"autoscaling:CreateAutoScalingGroup autoscaling:{HERE}:autoScalingGroup:*:autoScalingGroupName/g"],
    ),
    (
        "elasticloadbalancing",
        "CreateLoadBalancer",
        {"Name": "n"},
        [f"elasticloadbalancing:CreateLoadBalancer elasticloadbalancing:{HERE}:loadbalancer/app/n/*"],
    ),
    (
        "wafv2",
        "CreateWebACL",
        {"Name": "n", "Scope": "REGIONAL"},
        [f"wafv2:CreateWebACL wafv2:{HERE}:regional/webacl/n/*"],
    ),
    (
        "ssm",
        "GetParameter",
        {"Name": "/aws/service/ami"},
        ["ssm:GetParameter ssm:eu-central-1::parameter/aws/service/ami"],
    ),
    (
        "codeartifact",
        "CreateDomain",
        {"domain": "d", "tags": [{"key": "a", "value": "b"}]},
        ["codeartifact:CreateDomain *", f"codeartifact:TagResource codeartifact:{HERE}:domain/d"],
    ),
    (
        "servicediscovery",
        "TagResource",
        {"ResourceARN": f"arn:aws:servicediscovery:{HERE}:service/s"},
        ["servicediscovery:TagResource *"],
    ),
    ("states", "CreateStateMachine", {"name": "m"}, [f"states:CreateStateMachine states:{HERE}:stateMachine:m"]),
    (
        "codeartifact",
        "DescribeRepository",
        {"domain": "d", "repository": "r"},
        [f"codeartifact:DescribeRepository codeartifact:{HERE}:repository/d/r"],
    ),
    (
        "service-quotas",
        "GetServiceQuota",
        {"ServiceCode": "ec2", "QuotaCode": "L-1"},
        [f"servicequotas:GetServiceQuota servicequotas:{HERE}:ec2/L-1"],
    ),
    ("sts", "GetCallerIdentity", {}, []),
]  # fmt: skip


def told(service: str, operation: str, params: dict[str, Any], **more: Any) -> list[str]:
    return [
        f"{call.action} {call.resource.removeprefix('arn:aws:')}"
        for call in rights_of(Request(service, operation, params, **more))
    ]


@pytest.mark.parametrize(
    ("service", "operation", "params", "rights"), CASES, ids=[f"{case[0]}:{case[1]}" for case in CASES]
)
def test_a_call_asks_for(service: str, operation: str, params: dict[str, Any], rights: list[str]) -> None:
    assert told(service, operation, params) == rights


def test_the_rights_of_api_gateway_are_methods_and_paths() -> None:
    asked = told("apigatewayv2", "CreateRoute", {}, method="POST", path="/v2/apis/a/routes")
    assert asked == ["apigateway:POST apigateway:eu-central-1::/apis/a/routes"]


def test_a_role_that_is_handed_on_needs_the_right_to_pass_it_to_that_service() -> None:
    role = "arn:aws:iam::123456789012:role/r"
    *_, last = rights_of(Request("lambda", "CreateFunction", {"FunctionName": "f", "Role": role}))
    assert (last.action, last.resource) == ("iam:PassRole", role)
    assert last.context == {"iam:PassedToService": ["lambda.amazonaws.com"]}


@pytest.mark.parametrize(
    ("params", "tag"),
    [
        ({"TagSpecifications": [{"ResourceType": "vpc", "Tags": [{"Key": "a", "Value": "b"}]}]}, ("a", "b")),
        ({"TagSpecification": [{"ResourceType": "vpc", "Tag": [{"Key": "a", "Value": "b"}]}]}, ("a", "b")),
    ],
)
def test_tags_that_come_with_what_is_made_need_a_right_and_are_said(params: dict[str, Any], tag: Any) -> None:
    first, second = rights_of(Request("ec2", "CreateVpc", params))
    assert first.context["aws:RequestTag/a"] == ["b"]
    assert (second.action, second.resource) == ("ec2:CreateTags", f"arn:aws:ec2:{HERE}:vpc/*")
    assert second.context == {"aws:RequestTag/a": ["b"], "aws:TagKeys": ["a"], "ec2:CreateAction": ["CreateVpc"]}


@pytest.mark.parametrize("params", [{"tags": {"a": "b"}}, {"tags": [{"key": "a", "value": "b"}]}])
def test_tags_are_read_however_a_service_spells_them(params: dict[str, Any]) -> None:
    first, *_ = rights_of(Request("ecs", "CreateCluster", {"clusterName": "c", **params}))
    assert (first.context["aws:RequestTag/a"], first.context["aws:TagKeys"]) == (["b"], ["a"])


def test_a_call_whose_right_is_not_known_is_refused() -> None:
    with pytest.raises(LookupError, match="s3:Fly"):
        rights_of(Request("s3", "Fly"))


@pytest.mark.parametrize("name", sorted(arns._EC2.values()))
def test_an_id_of_ec2_names_its_type_whatever_the_reference_calls_it(name: str) -> None:
    fields = {field for arn in service("ec2").types[name].arns for field in arns._own_fields(arn)}
    prefix = next(prefix for prefix, type_ in arns._EC2.items() if type_ == name)
    request = Request("ec2", "X", {"It": f"{prefix}-0123456789"}, "123456789012", "eu-central-1")
    assert [arns._values(request, field) for field in fields] == [[f"{prefix}-0123456789"]]
