"""Plain boto3 clients for the account, region, role and endpoint that a manifest names.

Must never cache an answer, nor take credentials from anywhere but boto3's own chain.
"""

from collections.abc import Callable
from typing import Any

from tradai_cli.bucket import endpoint_of
from tradai_operator.model import EnvironmentSpec

Clients = Callable[[str], Any]


def clients(spec: EnvironmentSpec) -> Clients:
    """A client by AWS service name, each made once.

    With `assumeRoleArn` the calls are made in that role. Raises botocore's ClientError where it is refused.
    """
    import boto3  # half a second that only these commands pay

    region, endpoint = spec.aws.region, endpoint_of(spec)
    session = boto3.Session(region_name=region)
    if spec.aws.assume_role_arn:
        sts = session.client("sts", endpoint_url=endpoint)
        role = sts.assume_role(RoleArn=spec.aws.assume_role_arn, RoleSessionName=f"tradai-{spec.environment}")
        key = role["Credentials"]
        session = boto3.Session(
            aws_access_key_id=key["AccessKeyId"],
            aws_secret_access_key=key["SecretAccessKey"],
            aws_session_token=key["SessionToken"],
            region_name=region,
        )
    made: dict[str, Any] = {}

    def client(service: str) -> Any:
        if service not in made:
            made[service] = session.client(service, endpoint_url=endpoint, config=_config(service, endpoint))  # type: ignore[call-overload]
        return made[service]

    return client


def _config(service: str, endpoint: str | None) -> Any:
    from botocore.config import Config

    return Config(s3={"addressing_style": "path"} if service == "s3" and endpoint else None)
