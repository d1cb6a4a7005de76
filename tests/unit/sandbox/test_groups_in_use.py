"""A security group that something uses is not deleted in the sandbox's endpoint either."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.ec2.models.security_groups import SecurityGroupBackend
from moto.ec2.responses.elastic_network_interfaces import ElasticNetworkInterfaces

from tradai_sandbox.moto_ext.gaps import ec2_holders

REGION = "eu-central-1"


class Network:
    """A VPC with a subnet, and calls on it."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.vpc = client.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        self.subnet = client.create_subnet(VpcId=self.vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]

    def group(self, name: str) -> str:
        return str(self.client.create_security_group(GroupName=name, Description=name, VpcId=self.vpc)["GroupId"])

    def interface(self, group: str) -> str:
        made = self.client.create_network_interface(SubnetId=self.subnet, Groups=[group])
        return str(made["NetworkInterface"]["NetworkInterfaceId"])

    def refuses(self, group: str) -> bool:
        try:
            self.client.delete_security_group(GroupId=group)
        except ClientError as error:
            assert error.response["Error"]["Code"] == "DependencyViolation"
            assert f"resource {group} has a dependent object" in error.response["Error"]["Message"]
            return True
        return False


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Iterator[Network]:
    for owner, name in (
        (SecurityGroupBackend, "delete_security_group"),
        (ElasticNetworkInterfaces, "create_network_interface"),
    ):
        monkeypatch.setattr(owner, name, getattr(owner, name))  # undoes the repair after the test
    ec2_holders.repair()
    make: Any = boto3.client  # its stubs know each service by a literal name
    with mock_aws():
        yield Network(make("ec2", region_name=REGION, aws_access_key_id="sandbox", aws_secret_access_key="sandbox"))


def test_one_that_nothing_uses_goes(network: Network) -> None:
    assert not network.refuses(network.group("alone"))


def test_an_interface_holds_its_group_until_it_is_gone(network: Network) -> None:
    group, other = network.group("held"), network.group("other")
    interface = network.interface(group)
    assert network.refuses(group)
    assert not network.refuses(other)
    network.client.delete_network_interface(NetworkInterfaceId=interface)
    assert not network.refuses(group)


def test_one_that_is_not_there_is_told_as_before(network: Network) -> None:
    with pytest.raises(ClientError, match=r"InvalidGroup\.NotFound"):
        network.client.delete_security_group(GroupId="sg-0123456789abcdef0")
