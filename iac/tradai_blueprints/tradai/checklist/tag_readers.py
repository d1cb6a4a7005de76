"""How each service of AWS is asked for the tags of one resource: a row a service.

Must never guess: a service without a row, or a resource that AWS does not know, is an answer of its own.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from botocore.exceptions import ClientError

from tradai_blueprints.tradai.checklist.planned import tags_of
from tradai_iac.checklist import Clients, Found

_Read = Callable[[Clients, Found], Any]


def _by(service: str, operation: str, argument: str, result: str, *, identity: str = "arn") -> _Read:
    """A read whose one argument is the resource's ARN, or its id; `result` is where the tags are."""

    def read(clients: Clients, found: Found) -> Any:
        value = found.id if identity == "id" else found.outputs["arn"]
        return getattr(clients(service), operation)(**{argument: value}).get(result)

    return read


def _of_groups(clients: Clients, found: Found) -> Any:
    return _of_filtered(clients("autoscaling"), "auto-scaling-group", found)


def _of_ec2(clients: Clients, found: Found) -> Any:
    return _of_filtered(clients("ec2"), "resource-id", found)


def _of_filtered(client: Any, name: str, found: Found) -> Any:
    answer = client.describe_tags(Filters=[{"Name": name, "Values": [found.id]}])
    return {tag["Key"]: tag["Value"] for tag in answer["Tags"]}


def _of_balancers(clients: Clients, found: Found) -> Any:
    return clients("elbv2").describe_tags(ResourceArns=[found.outputs["arn"]])["TagDescriptions"][0]["Tags"]


def _of_trails(clients: Clients, found: Found) -> Any:
    return clients("cloudtrail").list_tags(ResourceIdList=[found.outputs["arn"]])["ResourceTagList"][0]["TagsList"]


def _of_user_pools(clients: Clients, found: Found) -> Any:
    return clients("cognito-idp").describe_user_pool(UserPoolId=found.id)["UserPool"].get("UserPoolTags")


def _of_instance_profiles(clients: Clients, found: Found) -> Any:
    return clients("iam").get_instance_profile(InstanceProfileName=found.id)["InstanceProfile"].get("Tags")


def _of_web_acls(clients: Clients, found: Found) -> Any:
    answer = clients("wafv2").list_tags_for_resource(ResourceARN=found.outputs["arn"])
    return answer["TagInfoForResource"]["TagList"]


#: ARN's service, or service and kind of resource → how to read.
_READERS: Final[Mapping[str, _Read]] = {
    "apigateway": _by("apigatewayv2", "get_tags", "ResourceArn", "Tags"),
    "autoscaling": _of_groups,
    "cloudtrail": _of_trails,
    "cloudwatch": _by("cloudwatch", "list_tags_for_resource", "ResourceARN", "Tags"),
    "codeartifact": _by("codeartifact", "list_tags_for_resource", "resourceArn", "tags"),
    "cognito-idp": _of_user_pools,
    "dynamodb": _by("dynamodb", "list_tags_of_resource", "ResourceArn", "Tags"),
    "ec2": _of_ec2,
    "ecr": _by("ecr", "list_tags_for_resource", "resourceArn", "tags"),
    "ecs": _by("ecs", "list_tags_for_resource", "resourceArn", "tags"),
    "elasticloadbalancing": _of_balancers,
    "events": _by("events", "list_tags_for_resource", "ResourceARN", "Tags"),
    "iam:instance-profile": _of_instance_profiles,
    "iam:policy": _by("iam", "list_policy_tags", "PolicyArn", "Tags"),
    "iam:role": _by("iam", "list_role_tags", "RoleName", "Tags", identity="id"),
    "lambda": _by("lambda", "list_tags", "Resource", "Tags"),
    "logs": _by("logs", "list_tags_for_resource", "resourceArn", "tags"),
    "rds": _by("rds", "list_tags_for_resource", "ResourceName", "TagList"),
    "s3": _by("s3", "get_bucket_tagging", "Bucket", "TagSet", identity="id"),
    "secretsmanager": _by("secretsmanager", "describe_secret", "SecretId", "Tags"),
    "servicediscovery": _by("servicediscovery", "list_tags_for_resource", "ResourceARN", "Tags"),
    "sns": _by("sns", "list_tags_for_resource", "ResourceArn", "Tags"),
    "sqs": _by("sqs", "list_queue_tags", "QueueUrl", "Tags", identity="id"),
    "states": _by("stepfunctions", "list_tags_for_resource", "resourceArn", "tags"),
    "wafv2": _of_web_acls,
    "application-autoscaling": _by("application-autoscaling", "list_tags_for_resource", "ResourceARN", "Tags"),
}


def read_tags(clients: Clients, found: Found) -> dict[str, str]:
    """The tags that AWS has; {} for a resource that AWS does not know.

    Raises KeyError for a service without a row, and ClientError for what AWS refuses to answer.
    """
    service, kind = _kind(str(found.outputs.get("arn", "")))
    reader = _READERS.get(f"{service}:{kind}") or _READERS[service]
    try:
        return tags_of(reader(clients, found))
    except ClientError as error:
        if error.response["ResponseMetadata"].get("HTTPStatusCode") == 404 or "NotFound" in str(error):
            return {}
        raise


def _kind(arn: str) -> tuple[str, str]:
    """Service and kind of resource of an ARN."""
    parts = arn.split(":", 5)
    if len(parts) < 6:
        return "", ""
    return parts[2], parts[5].partition("/")[0]
