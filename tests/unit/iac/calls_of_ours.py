"""Every call of AWS's API that operator and runner make by themselves, and as whom.

Read off the sources by the names of boto3's methods, so that a new call has to be told here. Must never leave out a
call because its right is there.
"""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

import botocore.session
from botocore import xform_name

from tradai_runner.bucket.keys import locks_prefix, state_key

ROOT: Final = Path(__file__).parents[3]
#: The trees that call; a blueprint's calls are those of `tradai config-check`, which a person makes.
TREES: Final = ("iac/tradai_runner", "iac/tradai_iac", "operator/tradai_operator")
SERVICES: Final = (
    "autoscaling",
    "dynamodb",
    "ec2",
    "ecr",
    "ecs",
    "kms",
    "s3",
    "secretsmanager",
    "service-quotas",
    "sns",
    "sts",
)
#: Rows that are data: what they call is read from them and not from their text.
_ROWS: Final = "iac/tradai_runner/repair/rows/"
#: (file, method) of what is called as one of boto3's methods and is none.
_NOT_OF_BOTO3: Final = {
    ("iac/tradai_runner/journal/seal.py", "decrypt"): "a cipher of this process",
    ("iac/tradai_runner/journal/seal.py", "encrypt"): "a cipher of this process",
    ("iac/tradai_runner/state/passphrase.py", "decrypt"): "a cipher of this process",
    ("operator/tradai_operator/lead/fenced.py", "delete_secret"): "a Secret of Kubernetes",
    ("operator/tradai_operator/reconcile/act.py", "delete_secret"): "a Secret of Kubernetes",
    ("operator/tradai_operator/status/dashboard.py", "query"): "a panel of Grafana",
}

NAME: Final = "tradai-x-dev"
REPOSITORY: Final = "tradai/x-dev"
TASK: Final = f"arn:aws:ecs:eu-central-1:123456789012:task/{NAME}/0123456789abcdef"
TOPIC: Final = "arn:aws:sns:eu-central-1:123456789012:tradai-x-dev"
STATES: Final = "tradai-pulumi-state-dev"
STATE: Final = state_key("tradai-persistent", "dev")
LOCK: Final = locks_prefix("tradai-persistent", "dev") + "0123.json"
STATE_KEY: Final = "arn:aws:kms:eu-central-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef"
DEPLOY_ROLE: Final = "arn:aws:iam::123456789012:role/tradai-deploy-dev"

#: Under the deploy role: service, operation, parameters of a call as it is made.
AS_THE_ROLE: Final[tuple[tuple[str, str, dict[str, Any]], ...]] = (
    ("sts", "get_caller_identity", {}),
    ("ec2", "describe_regions", {"AllRegions": True}),
    ("ec2", "describe_vpcs", {}),
    ("ec2", "describe_internet_gateways", {}),
    ("ec2", "describe_addresses", {}),
    ("ec2", "describe_network_interfaces", {}),
    ("ec2", "describe_security_groups", {}),
    ("ec2", "describe_subnets", {}),
    ("autoscaling", "describe_instance_refreshes", {"AutoScalingGroupName": NAME}),
    ("autoscaling", "start_instance_refresh", {"AutoScalingGroupName": NAME}),
    ("ecs", "list_tasks", {"cluster": NAME}),
    ("ecs", "describe_tasks", {"cluster": NAME, "tasks": [TASK]}),
    ("ecs", "stop_task", {"cluster": NAME, "task": TASK}),
    ("service-quotas", "get_service_quota", {"ServiceCode": "ec2", "QuotaCode": "L-1"}),
    ("s3", "head_bucket", {"Bucket": NAME}),
    ("s3", "list_object_versions", {"Bucket": NAME}),
    ("s3", "delete_objects", {"Bucket": NAME, "Delete": {"Objects": [{"Key": "k", "VersionId": "1"}]}}),
    ("ecr", "describe_images", {"repositoryName": REPOSITORY}),
    ("ecr", "batch_delete_image", {"repositoryName": REPOSITORY}),
    ("dynamodb", "put_item", {"TableName": "tradai-infra-drift-state-dev"}),
    ("sns", "publish", {"TopicArn": TOPIC}),
)
#: As whoever runs it, on what an environment's account has for it: the state bucket, its key, the deploy role.
ON_THE_STATE: Final[tuple[tuple[str, str, dict[str, Any]], ...]] = (
    ("s3", "get_bucket_versioning", {"Bucket": STATES}),
    ("s3", "list_objects_v2", {"Bucket": STATES, "Prefix": ".pulumi/locks/"}),
    ("s3", "get_object", {"Bucket": STATES, "Key": STATE}),
    ("s3", "put_object", {"Bucket": STATES, "Key": STATE, "IfNoneMatch": "*"}),
    ("s3", "delete_object", {"Bucket": STATES, "Key": LOCK}),
    ("kms", "encrypt", {"KeyId": STATE_KEY, "Plaintext": b"-"}),
    ("kms", "decrypt", {"KeyId": STATE_KEY, "CiphertextBlob": b"-"}),
    ("sts", "assume_role", {"RoleArn": DEPLOY_ROLE, "RoleSessionName": "tradai-dev", "ExternalId": "tradai/dev"}),
)
#: What the engine asks beside that, by the state port or by itself (`backend/diy`, gocloud's `s3blob` and `awskms`).
BY_THE_ENGINE: Final[tuple[tuple[str, str, dict[str, Any]], ...]] = (
    ("s3", "list_objects", {"Bucket": STATES, "Prefix": ".pulumi/stacks/"}),
    ("s3", "head_object", {"Bucket": STATES, "Key": STATE}),
    ("s3", "copy_object", {"Bucket": STATES, "Key": f"{STATE}.bak", "CopySource": f"{STATES}/{STATE}"}),
    ("s3", "create_multipart_upload", {"Bucket": STATES, "Key": STATE}),
    ("s3", "upload_part", {"Bucket": STATES, "Key": STATE, "UploadId": "u", "PartNumber": 1}),
    ("s3", "complete_multipart_upload", {"Bucket": STATES, "Key": STATE, "UploadId": "u"}),
    ("kms", "encrypt", {"KeyId": STATE_KEY, "Plaintext": b"-"}),
)
#: As whoever runs it, with the reason; where that is, is a matter of whoever runs the operator.
AS_ITSELF: Final = {
    **dict.fromkeys(
        (
            *("create_secret", "delete_secret", "get_secret_value", "list_secrets"),
            *("describe_tasks", "list_tasks", "run_task", "stop_task"),
        ),
        "runs as ECS tasks: the operator's own cluster and the secrets that it hands to them",
    ),
    **dict.fromkeys(("get_authorization_token", "put_image"), "shipping images, which is a person's or CI's (001 §6)"),
}


@cache
def methods() -> frozenset[str]:
    """boto3's methods of the services that are called."""
    models = map(botocore.session.Session().get_service_model, SERVICES)
    return frozenset(xform_name(operation) for model in models for operation in model.operation_names)


def called() -> Iterator[str]:
    """The methods of boto3's that are called, or that a text names; those of rows aside."""
    for tree in TREES:
        for path in sorted((ROOT / tree).rglob("*.py")):
            place = str(path.relative_to(ROOT))
            found = {_method(node) for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))}
            if not place.startswith(_ROWS):
                yield from (name for name in found & methods() if (place, name) not in _NOT_OF_BOTO3)


def _method(node: ast.AST) -> str:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
