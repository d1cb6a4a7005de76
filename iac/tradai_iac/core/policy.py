"""IAM policy documents, built statement by statement (001 §8 PolicyBuilder).

Must never let through a wildcard action on a wildcard resource.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

import pulumi

Arn: TypeAlias = "pulumi.Input[str]"
Conditions = Mapping[str, Mapping[str, Any]]
_VERSION: Final = "2012-10-17"


@dataclass(frozen=True)
class Preset:
    """What a common right consists of: actions, and the suffixes of an ARN that they apply to."""

    actions: tuple[str, ...]
    suffixes: tuple[str, ...] = ("",)


PRESETS: Final = {
    "dynamodb_crud": Preset(
        (
            "dynamodb:BatchGetItem",
            "dynamodb:ConditionCheckItem",
            "dynamodb:DeleteItem",
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "dynamodb:Query",
            "dynamodb:Scan",
            "dynamodb:UpdateItem",
        ),
        ("", "/index/*"),
    ),
    "s3_readwrite": Preset(
        ("s3:DeleteObject", "s3:GetBucketLocation", "s3:GetObject", "s3:ListBucket", "s3:PutObject"),
        ("", "/*"),
    ),
    "secret_value": Preset(("secretsmanager:GetSecretValue",)),
    "secrets_read": Preset(("secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue")),
    "sns_publish": Preset(("sns:Publish",)),
    "sqs_send": Preset(("sqs:SendMessage",)),
    "sqs_consume": Preset(
        ("sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage")
    ),
    "ecr_pull": Preset(("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")),
    "ecr_push": Preset(
        (
            "ecr:BatchCheckLayerAvailability",
            "ecr:BatchGetImage",
            "ecr:CompleteLayerUpload",
            "ecr:DescribeImages",
            "ecr:GetDownloadUrlForLayer",
            "ecr:InitiateLayerUpload",
            "ecr:PutImage",
            "ecr:UploadLayerPart",
        )
    ),
    "logs_write": Preset(("logs:CreateLogStream", "logs:PutLogEvents"), ("", ":*")),
    "codeartifact_read": Preset(("codeartifact:GetRepositoryEndpoint", "codeartifact:ReadFromRepository")),
    "codeartifact_publish": Preset(("codeartifact:PublishPackageVersion", "codeartifact:PutPackageMetadata")),
}


class PolicyBuilder:
    """Collects statements; each method returns the builder. ARNs may be outputs."""

    def __init__(self) -> None:
        self._statements: list[dict[str, Any]] = []

    def allow(
        self,
        actions: Sequence[str],
        resources: Sequence[Arn],
        *,
        conditions: Conditions | None = None,
        principals: Mapping[str, Any] | str | None = None,
        sid: str | None = None,
    ) -> PolicyBuilder:
        """Allow `actions` on `resources`; `principals` only in a resource's own policy.

        Raises ValueError for a wildcard action on every resource, and for no action or resource at all.
        """
        _refuse_too_wide(actions, resources)
        return self._add("Allow", actions, resources, conditions, principals, sid)

    def deny(
        self,
        actions: Sequence[str],
        resources: Sequence[Arn],
        *,
        conditions: Conditions | None = None,
        principals: Mapping[str, Any] | str | None = None,
        sid: str | None = None,
    ) -> PolicyBuilder:
        """Deny `actions` on `resources`."""
        return self._add("Deny", actions, resources, conditions, principals, sid)

    def preset(self, name: str, arns: Sequence[Arn]) -> PolicyBuilder:
        """Allow what `PRESETS[name]` lists on these ARNs; raises KeyError for an unknown preset."""
        preset = PRESETS[name]
        resources = [_suffixed(arn, suffix) for arn in arns for suffix in preset.suffixes]
        return self.allow(preset.actions, resources)

    def with_dynamodb_crud(self, table_arns: Sequence[Arn]) -> PolicyBuilder:
        """Read and write items of tables and their indexes."""
        return self.preset("dynamodb_crud", table_arns)

    def with_s3_readwrite(self, bucket_arns: Sequence[Arn]) -> PolicyBuilder:
        """List, read, write and delete objects."""
        return self.preset("s3_readwrite", bucket_arns)

    def with_secrets_read(self, secret_arns: Sequence[Arn]) -> PolicyBuilder:
        """Read secrets."""
        return self.preset("secrets_read", secret_arns)

    def with_sns_publish(self, topic_arns: Sequence[Arn]) -> PolicyBuilder:
        """Publish to topics."""
        return self.preset("sns_publish", topic_arns)

    def with_logs_write(self, log_group_arns: Sequence[Arn]) -> PolicyBuilder:
        """Write to log groups that exist."""
        return self.preset("logs_write", log_group_arns)

    def with_ecr_login(self) -> PolicyBuilder:
        """Log in to ECR; the action knows no resource and opens no repository by itself."""
        return self.allow(["ecr:GetAuthorizationToken"], ["*"])

    def with_codeartifact_read(self, repository_arns: Sequence[Arn]) -> PolicyBuilder:
        """Read packages of repositories."""
        return self.preset("codeartifact_read", repository_arns)

    def with_cloudwatch_metrics(self, namespace: str) -> PolicyBuilder:
        """Write metrics of one namespace; the action knows no resource, so the namespace bounds it."""
        return self.allow(
            ["cloudwatch:PutMetricData"],
            ["*"],
            conditions={"StringEquals": {"cloudwatch:namespace": namespace}},
        )

    def build(self) -> pulumi.Output[str]:
        """The document as JSON; raises ValueError where there is no statement."""
        if not self._statements:
            raise ValueError("a policy needs a statement")
        return pulumi.Output.json_dumps({"Version": _VERSION, "Statement": self._statements})

    def _add(
        self,
        effect: Literal["Allow", "Deny"],
        actions: Sequence[str],
        resources: Sequence[Arn],
        conditions: Conditions | None,
        principals: Mapping[str, Any] | str | None,
        sid: str | None,
    ) -> PolicyBuilder:
        if not actions or not resources:
            raise ValueError("a statement needs an action and a resource")
        optional = {"Sid": sid, "Principal": principals, "Condition": conditions}
        self._statements.append(
            {
                "Effect": effect,
                "Action": list(actions),
                "Resource": list(resources),
                **{key: value for key, value in optional.items() if value},
            }
        )
        return self


class AssumeRolePolicyBuilder:
    """Trust policies of roles, one factory a kind of principal."""

    @staticmethod
    def for_service(*services: str, conditions: Conditions | None = None) -> str:
        """Trust AWS services, `cloudtrail.amazonaws.com` for instance; JSON."""
        statement: dict[str, Any] = {
            "Effect": "Allow",
            "Principal": {"Service": list(services)},
            "Action": "sts:AssumeRole",
        }
        if conditions:
            statement["Condition"] = conditions
        return json.dumps({"Version": _VERSION, "Statement": [statement]})

    @staticmethod
    def for_principals(*arns: str) -> str:
        """Trust roles and users, or all that an account's own policies let (`arn:aws:iam::…:root`); JSON."""
        statement = {"Effect": "Allow", "Principal": {"AWS": list(arns)}, "Action": "sts:AssumeRole"}
        return json.dumps({"Version": _VERSION, "Statement": [statement]})

    @classmethod
    def for_lambda(cls) -> str:
        """Trust Lambda; JSON."""
        return cls.for_service("lambda.amazonaws.com")

    @classmethod
    def for_ecs_tasks(cls) -> str:
        """Trust ECS tasks; JSON."""
        return cls.for_service("ecs-tasks.amazonaws.com")

    @classmethod
    def for_ec2(cls) -> str:
        """Trust EC2 instances; JSON."""
        return cls.for_service("ec2.amazonaws.com")


def _refuse_too_wide(actions: Sequence[str], resources: Sequence[Arn]) -> None:
    wide = [action for action in actions if "*" in action]
    if wide and any(isinstance(resource, str) and resource == "*" for resource in resources):
        raise ValueError(f"wildcard actions on every resource: {', '.join(wide)}")


def _suffixed(arn: Arn, suffix: str) -> Arn:
    return pulumi.Output.concat(arn, suffix) if suffix else arn
