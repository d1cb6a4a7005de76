"""Renders a request as Pulumi stack configuration: what `Pulumi.<env>.yaml` holds when a person takes over.

Pure. Must never render a secret: those come from files, or from Pulumi's own encrypted configuration.
"""

from typing import Any, Final

from tradai_iac.blueprints import BUILDABLE
from tradai_runner.contract import RunRequest
from tradai_runner.state.kms import url_of

#: Endpoint keys of the aws provider for the services that stack programs use; a blueprint may declare more.
ENDPOINT_SERVICES: Final = (
    "apigatewayv2", "appautoscaling", "autoscaling", "cloudtrail", "cloudwatch", "codeartifact", "cognitoidp",
    "dynamodb", "ec2", "ecr", "ecs", "elbv2", "events", "iam", "lambda", "logs", "rds", "s3", "secretsmanager",
    "servicediscovery", "sfn", "sns", "sqs", "ssm", "sts", "wafv2",
)  # fmt: skip


def stack_config(request: RunRequest) -> dict[str, Any]:
    """The `config:` mapping of `Pulumi.<env>.yaml` for this request."""
    config: dict[str, Any] = {
        "aws:region": request.region,
        "aws:allowedAccountIds": [request.account_id],
        "tradai:accountId": request.account_id,
        "tradai:layer": request.config,
        "tradai:backendUrl": request.backend_url,
        "tradai:images": request.images,
    }
    if request.bucket_suffix:
        config["tradai:bucketSuffix"] = request.bucket_suffix
    if request.assume_role_arn:
        role = {"roleArn": request.assume_role_arn, "sessionName": f"tradai-{request.environment}"}
        if request.external_id:
            role["externalId"] = request.external_id
        config["aws:assumeRoles"] = [role]
    if request.endpoint_url:
        config |= {
            "aws:endpoints": [dict.fromkeys(_services(request.blueprint), request.endpoint_url)],
            "aws:s3UsePathStyle": True,
            "aws:skipMetadataApiCheck": True,
        }
    return config


def stack_file(request: RunRequest) -> dict[str, Any]:
    """All of `Pulumi.<env>.yaml`; the key that opens the state is named there, a passphrase is not."""
    opener = {"secretsprovider": url_of(request.kms_key)} if request.kms_key else {}
    return {**opener, "config": stack_config(request)}


def _services(blueprint: str) -> tuple[str, ...]:
    declared = BUILDABLE.get(blueprint)
    return (*ENDPOINT_SERVICES, *(declared.endpoint_services if declared else ()))
