"""The ECR repositories: six services, eighteen Lambda functions, the configured strategies (001 §3, §4).

Must never expire an image that has a tag: a function or a task may still run it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from tradai_iac.core.component import Component
from tradai_iac.naming import Naming
from tradai_iac.tags import SERVICE_TAG


@dataclass(frozen=True)
class RepositoriesArgs:
    """Component names of the repositories; an image without a tag goes after `untagged_days`.

    `services` maps the repositories of services to their Service tag (002 §9.2).
    """

    repositories: Sequence[str]
    services: Mapping[str, str]
    untagged_days: int
    naming: Naming
    keep_data: bool


class Repositories(Component):
    """The repositories by their component name."""

    def __init__(self, name: str, args: RepositoriesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("persistent:Repositories", name, opts)
        policy = lifecycle_policy(args.untagged_days)
        self.repositories = {row: self._repository(row, args, policy) for row in args.repositories}
        self.register_outputs({"urls": self.urls})

    @property
    def urls(self) -> Mapping[str, pulumi.Output[str]]:
        """Component name → where to push to and pull from."""
        return {name: repository.repository_url for name, repository in self.repositories.items()}

    @property
    def arns(self) -> Mapping[str, pulumi.Output[str]]:
        """Component name → ARN."""
        return {name: repository.arn for name, repository in self.repositories.items()}

    def _repository(self, row: str, args: RepositoriesArgs, policy: str) -> aws.ecr.Repository:
        service = args.services.get(row)
        repository = aws.ecr.Repository(
            row,
            name=args.naming.path(row),
            tags={SERVICE_TAG: service} if service else None,
            force_delete=not args.keep_data,
            image_scanning_configuration=aws.ecr.RepositoryImageScanningConfigurationArgs(scan_on_push=True),
            encryption_configurations=[aws.ecr.RepositoryEncryptionConfigurationArgs(encryption_type="AES256")],
            opts=self.child(),
        )
        aws.ecr.LifecyclePolicy(row, repository=repository.name, policy=policy, opts=self.child())
        return repository


def lifecycle_policy(untagged_days: int) -> str:
    """ECR's lifecycle policy that removes images which a newer push left without a tag; JSON."""
    rule = {
        "rulePriority": 1,
        "description": f"Untagged images go after {untagged_days} days",
        "selection": {
            "tagStatus": "untagged",
            "countType": "sinceImagePushed",
            "countUnit": "days",
            "countNumber": untagged_days,
        },
        "action": {"type": "expire"},
    }
    return json.dumps({"rules": [rule]})
