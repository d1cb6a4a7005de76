"""Plain boto3 clients for the account, region, role and endpoint of one run.

Must never take credentials from anywhere but boto3's own chain, as the engine does.
"""

from typing import Any

import boto3
from botocore.config import Config

from tradai_runner.contract import RunRequest
from tradai_runner.repair.find import Clients


def clients_for(request: RunRequest) -> Clients:
    """A client by AWS service name, each made once; raises botocore's ClientError where the role is refused."""
    config = Config(
        connect_timeout=5,
        read_timeout=30,
        retries={"mode": "standard", "max_attempts": 4},
        s3={"addressing_style": "path"} if request.endpoint_url else None,
    )
    session: Any = boto3.Session(region_name=request.region)  # its stubs know services by literal names
    if request.assume_role_arn:
        session = _assumed(session, request, request.assume_role_arn)
    made: dict[str, Any] = {}

    def client(service: str) -> Any:
        if service not in made:
            made[service] = session.client(service, endpoint_url=request.endpoint_url, config=config)
        return made[service]

    return client


def _assumed(session: Any, request: RunRequest, role_arn: str) -> Any:
    extra = {"ExternalId": request.external_id} if request.external_id else {}
    sts = session.client("sts", endpoint_url=request.endpoint_url)
    name = f"tradai-{request.environment}"
    key = sts.assume_role(RoleArn=role_arn, RoleSessionName=name, **extra)["Credentials"]
    return boto3.Session(
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
        aws_session_token=key["SessionToken"],
        region_name=request.region,
    )
