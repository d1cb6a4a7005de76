"""Who holds a group, a subnet or a network that AWS does not delete, as the endpoint really tells it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.integration.conftest import RunningSandbox
from tradai_iac.failure import classify
from tradai_runner.repair.foreign import explained
from tradai_runner.state.checkpoint import Recorded


@dataclass(frozen=True)
class Network:
    """A network with a group of ours in it, and an interface that somebody made by hand."""

    ec2: Any
    vpc: str
    subnet: str
    group: str
    interface: str


@pytest.fixture
def network(sandbox: RunningSandbox) -> Network:
    ec2 = sandbox.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.9.1.0/24")["Subnet"]["SubnetId"]
    group = ec2.create_security_group(GroupName="ours", Description="ours", VpcId=vpc)["GroupId"]
    made = ec2.create_network_interface(SubnetId=subnet, Groups=[group], Description="by hand")
    return Network(ec2, vpc, subnet, group, made["NetworkInterface"]["NetworkInterfaceId"])


@pytest.mark.parametrize(
    ("type_", "id_of"),
    [
        ("aws:ec2/securityGroup:SecurityGroup", lambda found: found.group),
        ("aws:ec2/subnet:Subnet", lambda found: found.subnet),
        ("aws:ec2/vpc:Vpc", lambda found: found.vpc),
    ],
)
def test_the_interface_is_named(network: Network, type_: str, id_of: Callable[[Network], str]) -> None:
    ours = Recorded(
        f"urn:pulumi:dev::p::{type_}::it", type_, "it", id_of(network), {}, {}, protect=False, retained=False
    )
    said = f"api error DependencyViolation: resource {ours.id} has a dependent object"
    failure = explained(classify(said, ours.urn), [ours], lambda: lambda _: network.ec2)
    assert f"{type_} it is {ours.id} in AWS and is held by network interface {network.interface}" in failure.error
    assert '"by hand"' in failure.error


def test_the_endpoint_refuses_until_the_interface_is_gone(network: Network) -> None:
    with pytest.raises(ClientError, match="DependencyViolation"):
        network.ec2.delete_security_group(GroupId=network.group)
    network.ec2.delete_network_interface(NetworkInterfaceId=network.interface)
    network.ec2.delete_security_group(GroupId=network.group)
