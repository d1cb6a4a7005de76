"""IAM policies are built as declared, and never too wide."""

import asyncio
import json
from typing import Any

import pulumi
import pytest

from tradai_iac.core.policy import PRESETS, AssumeRolePolicyBuilder, PolicyBuilder


def built(builder: PolicyBuilder) -> dict[str, Any]:
    async def resolve() -> str:
        return await builder.build().future() or ""

    document: dict[str, Any] = json.loads(asyncio.run(resolve()))
    return document


def test_a_statement_carries_what_it_was_given_and_nothing_else() -> None:
    assert built(PolicyBuilder().allow(["sqs:SendMessage"], ["arn:q"])) == {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": ["sqs:SendMessage"], "Resource": ["arn:q"]}],
    }


def test_conditions_principals_and_sid_appear_where_given() -> None:
    (statement,) = built(
        PolicyBuilder().deny(["s3:*"], ["*"], principals="*", conditions={"Bool": {"a": "b"}}, sid="Tls")
    )["Statement"]
    assert statement == {
        "Effect": "Deny",
        "Action": ["s3:*"],
        "Resource": ["*"],
        "Sid": "Tls",
        "Principal": "*",
        "Condition": {"Bool": {"a": "b"}},
    }


def test_a_resource_may_be_known_only_later() -> None:
    async def resolve() -> str:
        arn = pulumi.Output.from_input("arn:table")
        return await PolicyBuilder().with_dynamodb_crud([arn]).build().future() or ""

    (statement,) = json.loads(asyncio.run(resolve()))["Statement"]
    assert statement["Resource"] == ["arn:table", "arn:table/index/*"]


def test_presets_compose_into_one_document() -> None:
    async def resolve() -> str:
        policy = (
            PolicyBuilder()
            .with_s3_readwrite(["arn:b"])
            .with_secrets_read(["arn:s"])
            .with_sns_publish(["arn:t"])
            .with_logs_write(["arn:l"])
            .with_codeartifact_read(["arn:c"])
            .with_cloudwatch_metrics("tradai")
        )
        return await policy.build().future() or ""

    statements = json.loads(asyncio.run(resolve()))["Statement"]
    assert [s["Resource"] for s in statements] == [
        ["arn:b", "arn:b/*"],
        ["arn:s"],
        ["arn:t"],
        ["arn:l", "arn:l:*"],
        ["arn:c"],
        ["*"],
    ]


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_no_preset_has_a_wildcard_action(name: str) -> None:
    assert not [action for action in PRESETS[name].actions if "*" in action]


@pytest.mark.parametrize("action", ["*", "s3:*", "s3:Get*"])
def test_a_wildcard_action_on_every_resource_is_refused(action: str) -> None:
    with pytest.raises(ValueError, match="wildcard"):
        PolicyBuilder().allow([action], ["*"])


@pytest.mark.parametrize(("actions", "resources"), [([], ["arn"]), (["s3:GetObject"], [])])
def test_a_statement_about_nothing_is_refused(actions: list[str], resources: list[str]) -> None:
    with pytest.raises(ValueError, match="needs an action and a resource"):
        PolicyBuilder().allow(actions, resources)


def test_a_policy_without_statements_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a statement"):
        PolicyBuilder().build()


@pytest.mark.parametrize(
    ("document", "service"),
    [
        (AssumeRolePolicyBuilder.for_lambda(), "lambda.amazonaws.com"),
        (AssumeRolePolicyBuilder.for_ecs_tasks(), "ecs-tasks.amazonaws.com"),
        (AssumeRolePolicyBuilder.for_ec2(), "ec2.amazonaws.com"),
    ],
)
def test_a_trust_policy_names_its_service(document: str, service: str) -> None:
    (statement,) = json.loads(document)["Statement"]
    assert statement["Principal"] == {"Service": [service]}
    assert statement["Action"] == "sts:AssumeRole"


def test_a_trust_policy_may_have_conditions() -> None:
    condition = {"StringEquals": {"aws:SourceAccount": "1"}}
    document = AssumeRolePolicyBuilder.for_service("rds.amazonaws.com", conditions=condition)
    assert json.loads(document)["Statement"][0]["Condition"] == condition
