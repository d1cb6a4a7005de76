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
from tradai_sandbox.provider import lifecycle
from tradai_sandbox.provider.cloud import Cloud
from tradai_sandbox.provider.failures import ApiError
from tradai_sandbox.provider.rows.security_groups import GROUP
from tradai_sandbox.provider.settings import settings_from

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

    def instance(self, group: str) -> str:
        image = self.client.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
        placed = {"SubnetId": self.subnet, "SecurityGroupIds": [group]}
        made = self.client.run_instances(ImageId=image, MinCount=1, MaxCount=1, **placed)
        return str(made["Instances"][0]["InstanceId"])

    def rule(self, direction: str, group: str, other: str) -> str:
        """In `group`, about `other`; gives its id."""
        authorize = getattr(self.client, f"authorize_security_group_{direction}")
        peer = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "UserIdGroupPairs": [{"GroupId": other}]}
        made = authorize(GroupId=group, IpPermissions=[peer])
        return str(made["SecurityGroupRules"][0]["SecurityGroupRuleId"])

    def rules(self, group: str) -> set[str]:
        by = [{"Name": "group-id", "Values": [group]}]
        found = self.client.describe_security_group_rules(Filters=by)["SecurityGroupRules"]
        return {rule["SecurityGroupRuleId"] for rule in found}

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


def test_an_instance_holds_its_group_until_it_is_ended(network: Network) -> None:
    group = network.group("held")
    instance = network.instance(group)
    assert network.refuses(group)
    network.client.stop_instances(InstanceIds=[instance])
    assert network.refuses(group), "a stopped one has its interface still"
    network.client.terminate_instances(InstanceIds=[instance])
    assert not network.refuses(group)


@pytest.mark.parametrize("direction", ["ingress", "egress"])
def test_a_rule_of_another_group_holds_the_one_that_it_refers_to_until_it_is_gone(
    network: Network, direction: str
) -> None:
    group, other = network.group("held"), network.group("other")
    rule = network.rule(direction, other, group)
    assert network.refuses(group)
    revoke = getattr(network.client, f"revoke_security_group_{direction}")
    revoke(GroupId=other, SecurityGroupRuleIds=[rule])
    assert not network.refuses(group)


def test_a_rule_of_its_own_about_itself_holds_no_group(network: Network) -> None:
    group = network.group("alone")
    network.rule("ingress", group, group)
    assert not network.refuses(group)


class Door(Cloud):
    """The provider's door to AWS, by the client of the test."""

    def __init__(self, client: Any) -> None:
        super().__init__(settings_from({"region": REGION}))
        self._client = client

    def client(self, service: str, region: str = "") -> Any:
        assert service == "ec2"
        return self._client


@pytest.fixture
def door(network: Network, monkeypatch: pytest.MonkeyPatch) -> Door:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    return Door(network.client)


def test_the_provider_revokes_what_refers_to_a_group_that_goes_where_the_program_says_so(
    network: Network, door: Door
) -> None:
    group, other = network.group("held"), network.group("other")
    own = network.rules(other)
    network.rule("ingress", other, group)
    network.rule("egress", other, group)
    with pytest.raises(ApiError, match="DependencyViolation"):
        lifecycle.delete(GROUP, door, group, {}, {})
    assert len(network.rules(other)) == len(own) + 2, "nobody said that it may"
    lifecycle.delete(GROUP, door, group, {"revokeRulesOnDelete": True}, {})
    assert network.rules(other) == own
    assert not network.rules(group)


def test_the_provider_takes_no_interface_away(network: Network, door: Door) -> None:
    group = network.group("held")
    network.interface(group)
    with pytest.raises(ApiError, match="DependencyViolation"):
        lifecycle.delete(GROUP, door, group, {"revokeRulesOnDelete": True}, {})
