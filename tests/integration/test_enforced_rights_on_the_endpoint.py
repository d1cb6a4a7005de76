"""The deploy role as the account's script makes it, enforced by the running endpoint: what it may, what it may not."""

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
import urllib3
from botocore.exceptions import ClientError

from tests.deploy_role import EXTERNAL_ID, make_deploy_role
from tests.integration.provider_server import moto_server
from tradai_sandbox.aws.enforced.words import CONTROL_PATH

REGION = "eu-central-1"
TAGS = [{"Key": "Application", "Value": "tradai"}, {"Key": "Environment", "Value": "dev"}]
OURS = [{"ResourceType": "vpc", "Tags": TAGS}]

Clients = Callable[[str], Any]


def clients(endpoint: str, key: str, secret: str, token: str | None = None) -> Clients:
    make: Any = boto3.client  # its stubs know each service by a literal name
    return lambda service: make(
        service,
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        aws_session_token=token,
    )


@pytest.fixture(scope="module")
def free() -> Iterator[tuple[str, Clients]]:
    with moto_server() as endpoint:
        made = urllib3.request("PUT", endpoint + CONTROL_PATH, body=b"on")
        assert made.data == b"on"
        yield endpoint, clients(endpoint, "sandbox", "sandbox")


@pytest.fixture(scope="module")
def role(free: tuple[str, Clients]) -> Clients:
    endpoint, own = free
    arn = make_deploy_role(own, "dev")
    key = own("sts").assume_role(RoleArn=arn, RoleSessionName="tradai-dev", ExternalId=EXTERNAL_ID)["Credentials"]
    return clients(endpoint, key["AccessKeyId"], key["SecretAccessKey"], key["SessionToken"])


def refused(call: Callable[..., Any], **params: Any) -> str:
    with pytest.raises(ClientError) as error:
        call(**params)
    return str(error.value.response["Error"]["Code"])


def test_nobody_becomes_the_role_without_its_word(free: tuple[str, Clients], role: Clients) -> None:
    who = role("sts").get_caller_identity()["Arn"]
    assert who.endswith("assumed-role/tradai-deploy-dev/tradai-dev")
    arn = "arn:aws:iam::123456789012:role/tradai-deploy-dev"
    assert refused(free[1]("sts").assume_role, RoleArn=arn, RoleSessionName="tradai-dev") == "AccessDenied"


def test_it_makes_what_bears_the_environments_name_alone(role: Clients) -> None:
    where = {"CreateBucketConfiguration": {"LocationConstraint": REGION}}
    role("s3").create_bucket(Bucket="tradai-results-dev", **where)
    assert refused(role("s3").create_bucket, Bucket="tradai-results-prod", **where) == "AccessDenied"
    assert refused(role("sqs").create_queue, QueueName="somebodys") == "AccessDeniedException"


def test_it_deletes_the_networks_that_have_its_tags_alone(free: tuple[str, Clients], role: Clients) -> None:
    ours = role("ec2").create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=OURS)["Vpc"]["VpcId"]
    theirs = free[1]("ec2").create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    assert refused(role("ec2").delete_vpc, VpcId=theirs) == "UnauthorizedOperation"
    role("ec2").delete_vpc(VpcId=ours)


def test_it_takes_a_table_from_a_subnet_by_the_tags_of_the_table(role: Clients) -> None:
    ec2 = role("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=OURS)["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    tagged = [{"ResourceType": "route-table", "Tags": TAGS}]
    table = ec2.create_route_table(VpcId=vpc, TagSpecifications=tagged)["RouteTable"]["RouteTableId"]
    link = ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)["AssociationId"]
    ec2.disassociate_route_table(AssociationId=link)


def test_it_never_widens_itself(role: Clients) -> None:
    document = '{"Version":"2012-10-17","Statement":[]}'
    widening = {"RoleName": "tradai-deploy-dev", "PolicyName": "p", "PolicyDocument": document}
    assert refused(role("iam").put_role_policy, **widening) == "AccessDenied"


def test_the_endpoints_own_credentials_stay_free(free: tuple[str, Clients]) -> None:
    assert free[1]("sqs").create_queue(QueueName="somebodys")["QueueUrl"]
