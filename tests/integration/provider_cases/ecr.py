"""Image repositories."""

import json
from typing import Any, Final

from tests.integration.provider_cases.case import Aws, Case, Props, Ref


def _repository(aws: Aws, state: Props) -> Any:
    found = aws("ecr").describe_repositories(repositoryNames=[state["id"]])["repositories"][0]
    return [found["imageTagMutability"], found["imageScanningConfiguration"]["scanOnPush"]]


def _keep(count: int) -> str:
    selection = {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": count}
    return json.dumps({"rules": [{"rulePriority": 1, "selection": selection, "action": {"type": "expire"}}]})


def _kept(aws: Aws, state: Props) -> Any:
    found = aws("ecr").get_lifecycle_policy(repositoryName=state["id"])["lifecyclePolicyText"]
    return json.loads(found)["rules"][0]["selection"]["countNumber"]


CASES: Final = (
    Case(
        "ecr.repository",
        "aws:ecr/repository:Repository",
        {
            "name": "case/repository",
            "force_delete": True,
            "image_scanning_configuration": {"scan_on_push": True},
            "encryption_configurations": [{"encryption_type": "AES256"}],
            "tags": {"a": "1"},
        },
        _repository,
        ["MUTABLE", True],
        update={
            "image_tag_mutability": "IMMUTABLE",
            "image_scanning_configuration": {"scan_on_push": False},
            "tags": {"b": "2"},
        },
        updated=["IMMUTABLE", False],
        meddle=lambda aws, state: aws("ecr").put_image_tag_mutability(
            repositoryName=state["id"], imageTagMutability="MUTABLE"
        ),
        drifted=frozenset({"imageTagMutability"}),
        replace={"name": "case/repository-2"},
        not_imported=frozenset({"forceDelete"}),
    ),
    Case(
        "ecr.lifecycle",
        "aws:ecr/lifecyclePolicy:LifecyclePolicy",
        {"repository": Ref("ecr.repository", "name"), "policy": _keep(10)},
        _kept,
        10,
        update={"policy": _keep(20)},
        updated=20,
        meddle=lambda aws, state: aws("ecr").put_lifecycle_policy(
            repositoryName=state["id"], lifecyclePolicyText=_keep(30)
        ),
        drifted=frozenset({"policy"}),
    ),
)
