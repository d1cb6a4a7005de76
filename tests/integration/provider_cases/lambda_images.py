"""Functions from container images; needs `iam`, `sqs`, `ec2_network` and `ec2_guards`."""

from typing import Any, Final

from tests.integration.lambda_estate import REGISTRY, digest, manifest
from tests.integration.provider_cases.case import Aws, Case, Props, Ref

_REPOSITORY: Final = "tradai/case-dev"


def _push(aws: Aws) -> None:
    aws("ecr").create_repository(repositoryName=_REPOSITORY)
    for text in ("one", "two"):
        aws("ecr").put_image(repositoryName=_REPOSITORY, imageManifest=manifest(text), imageTag=text)


def _by_digest(text: str) -> str:
    return f"{REGISTRY}/{_REPOSITORY}@{digest(text)}"


def _function(aws: Aws, state: Props) -> Any:
    about = aws("lambda").get_function(FunctionName=state["name"])
    found = about["Configuration"]
    return {
        "image": [about["Code"]["ImageUri"], about["Code"]["ResolvedImageUri"]],
        "starts": found.get("ImageConfigResponse", {}).get("ImageConfig"),
        "reserved": about.get("Concurrency", {}).get("ReservedConcurrentExecutions"),
        "place": [len(found["VpcConfig"][key]) for key in ("SubnetIds", "SecurityGroupIds")],
        "network": found["VpcConfig"]["VpcId"][:4],
        "dead": found.get("DeadLetterConfig", {}).get("TargetArn", "").rpartition(":")[2],
        "logs": found["LoggingConfig"]["LogFormat"],
    }


_FIRST: Final = {
    "image": [_by_digest("one"), _by_digest("one")],
    "starts": {"Command": ["handler.handle", "b"], "EntryPoint": ["/entry"], "WorkingDirectory": "/work"},
    "reserved": 0,
    "place": [2, 1],
    "network": "vpc-",
    "dead": "case-queue",
    "logs": "JSON",
}

CASES: Final = (
    Case(
        "lambda.image",
        "aws:lambda/function:Function",
        {
            "name": "case-image",
            "role": Ref("iam.role", "arn"),
            "package_type": "Image",
            "image_uri": _by_digest("one"),
            "image_config": {
                "commands": ["handler.handle", "b"],
                "entry_points": ["/entry"],
                "working_directory": "/work",
            },
            "architectures": ["arm64"],
            "memory_size": 256,
            "timeout": 60,
            "reserved_concurrent_executions": 0,
            "vpc_config": {
                "subnet_ids": [Ref("ec2.subnet"), Ref("ec2.subnet-b")],
                "security_group_ids": [Ref("ec2.group")],
            },
            "dead_letter_config": {"target_arn": Ref("sqs.queue", "arn")},
            "logging_config": {"log_format": "JSON", "log_group": "/case/image", "application_log_level": "INFO"},
            "tracing_config": {"mode": "Active"},
            "environment": {"variables": {"ENVIRONMENT": "dev"}},
        },
        _function,
        _FIRST,
        update={
            "image_uri": _by_digest("two"),
            "image_config": {"commands": ["b", "handler.handle"]},
            "reserved_concurrent_executions": 5,
            "dead_letter_config": None,
        },
        updated={
            **_FIRST,
            "image": [_by_digest("two"), _by_digest("two")],
            "starts": {"Command": ["b", "handler.handle"]},
            "reserved": 5,
            "dead": "",
        },
        meddle=lambda aws, state: aws("lambda").update_function_code(
            FunctionName=state["name"], ImageUri=f"{REGISTRY}/{_REPOSITORY}:one"
        ),
        drifted=frozenset({"imageUri", "codeSha256"}),
        replace={"name": "case-image-2"},
        prepare=_push,
    ),
)
