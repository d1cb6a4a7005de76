"""For each persistent kind: make it by hand as the documents have it, then spoil one value."""

from __future__ import annotations

from typing import Any

import boto3
from botocore.stub import Stubber

from tests.unit.documents.handmade import ENV, LOWER_PAIRS, PAIRS, REGION, TAGS, client

RESULTS = f"tradai-results-{ENV}"
STATE = f"tradai-workflow-state-{ENV}"
POOL = f"tradai-users-{ENV}"
STRING_KEYS = ("run_id", "status", "created_at", "trace_id")


def bucket() -> None:
    s3 = client("s3")
    s3.create_bucket(Bucket=RESULTS, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_versioning(Bucket=RESULTS, VersioningConfiguration={"Status": "Enabled"})
    encryption = [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
    s3.put_bucket_encryption(Bucket=RESULTS, ServerSideEncryptionConfiguration={"Rules": encryption})
    blocked = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)
    s3.put_public_access_block(Bucket=RESULTS, PublicAccessBlockConfiguration=blocked)
    s3.put_bucket_tagging(Bucket=RESULTS, Tagging={"TagSet": PAIRS})
    glacier_after(30)


def glacier_after(days: int) -> None:
    transitions = [{"Days": days, "StorageClass": "GLACIER"}]
    rules = [{"ID": "old", "Status": "Enabled", "Filter": {"Prefix": ""}, "Transitions": transitions}]
    client("s3").put_bucket_lifecycle_configuration(Bucket=RESULTS, LifecycleConfiguration={"Rules": rules})


def table() -> None:
    dynamodb = client("dynamodb")
    dynamodb.create_table(
        TableName=STATE,
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in STRING_KEYS],
        KeySchema=_schema("run_id"),
        GlobalSecondaryIndexes=[
            {
                "IndexName": "status-created_at-index",
                "KeySchema": _schema("status", "created_at"),
                "Projection": {"ProjectionType": "ALL"},
            },
            {
                "IndexName": "trace_id-index",
                "KeySchema": _schema("trace_id"),
                "Projection": {
                    "ProjectionType": "INCLUDE",
                    "NonKeyAttributes": ["job_id", "status", "created_at", "execution_arn"],
                },
            },
        ],
        BillingMode="PAY_PER_REQUEST",
        SSESpecification={"Enabled": True},
        Tags=PAIRS,
    )
    dynamodb.update_time_to_live(TableName=STATE, TimeToLiveSpecification={"Enabled": True, "AttributeName": "ttl"})
    recovery(True)


def _schema(partition: str, sort: str | None = None) -> list[dict[str, str]]:
    keys = [{"AttributeName": partition, "KeyType": "HASH"}]
    return [*keys, {"AttributeName": sort, "KeyType": "RANGE"}] if sort else keys


def recovery(enabled: bool) -> None:
    client("dynamodb").update_continuous_backups(
        TableName=STATE, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": enabled}
    )


def repository() -> None:
    client("ecr").create_repository(repositoryName=f"tradai/backend-{ENV}", tags=PAIRS)


def no_repository() -> None:
    client("ecr").delete_repository(repositoryName=f"tradai/backend-{ENV}", force=True)


def user_pool() -> None:
    cognito = client("cognito-idp")
    pool = cognito.create_user_pool(
        PoolName=POOL,
        UserPoolTags=TAGS,
        Policies={"PasswordPolicy": _password(12)},
        AccountRecoverySetting={"RecoveryMechanisms": [{"Name": "verified_email", "Priority": 1}]},
    )["UserPool"]["Id"]
    cognito.set_user_pool_mfa_config(
        UserPoolId=pool, MfaConfiguration="ON", SoftwareTokenMfaConfiguration={"Enabled": True}
    )
    cognito.create_user_pool_client(UserPoolId=pool, ClientName="web")
    cognito.create_user_pool_client(
        UserPoolId=pool, ClientName="machine", GenerateSecret=True, AllowedOAuthFlows=["client_credentials"]
    )
    cognito.create_user_pool_domain(UserPoolId=pool, Domain=f"tradai-{ENV}")


def _password(length: int) -> dict[str, Any]:
    classes = ("RequireUppercase", "RequireLowercase", "RequireNumbers", "RequireSymbols")
    return {"MinimumLength": length, **dict.fromkeys(classes, True)}


def short_passwords() -> None:
    cognito = client("cognito-idp")
    pool = cognito.list_user_pools(MaxResults=1)["UserPools"][0]["Id"]
    cognito.update_user_pool(
        UserPoolId=pool,
        UserPoolTags=TAGS,
        Policies={"PasswordPolicy": _password(8)},
        AccountRecoverySetting={"RecoveryMechanisms": [{"Name": "verified_email", "Priority": 1}]},
        MfaConfiguration="ON",
    )


def secret() -> None:
    client("secretsmanager").create_secret(Name=f"tradai/jwt-secret-{ENV}", SecretString="unread", Tags=PAIRS)


def untagged_secret() -> None:
    client("secretsmanager").untag_resource(SecretId=f"tradai/jwt-secret-{ENV}", TagKeys=["Owner"])


def trail() -> None:
    bucket_name = f"tradai-logs-{ENV}"
    client("s3").create_bucket(Bucket=bucket_name, CreateBucketConfiguration={"LocationConstraint": REGION})
    client("logs").create_log_group(logGroupName=f"/aws/cloudtrail/tradai-trail-{ENV}")
    group = client("logs").describe_log_groups()["logGroups"][0]["arn"]
    client("cloudtrail").create_trail(
        Name=f"tradai-trail-{ENV}",
        S3BucketName=bucket_name,
        CloudWatchLogsLogGroupArn=group,
        CloudWatchLogsRoleArn="arn:aws:iam::123456789012:role/trail",
        TagsList=PAIRS,
    )
    client("cloudtrail").start_logging(Name=f"tradai-trail-{ENV}")


def silent_trail() -> None:
    client("cloudtrail").stop_logging(Name=f"tradai-trail-{ENV}")


def codeartifact(repositories: int) -> Any:
    """A client that answers as CodeArtifact does; the in-process moto has no such service."""
    session: Any = boto3.Session(region_name=REGION)
    packages = session.client("codeartifact")
    stub, domain = Stubber(packages), f"tradai-packages-{ENV}"
    arn = f"arn:aws:codeartifact:{REGION}:123456789012:domain/{domain}"
    stub.add_response("list_domains", {"domains": [{"name": domain, "arn": arn}, {"name": "tradai-packages-dev"}]})
    found = {"repositories": [{"name": f"tradai-python-{ENV}"}] * repositories}
    stub.add_response("list_repositories_in_domain", found, {"domain": domain})
    stub.add_response("list_tags_for_resource", {"tags": LOWER_PAIRS}, {"resourceArn": arn})
    stub.activate()
    return packages
