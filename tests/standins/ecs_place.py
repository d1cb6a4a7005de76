"""What whoever runs the operator with ECS has in the account: a cluster, a task definition, a network.

Must never run anything: an agent does.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

_FAMILY = "tradai-runner"


@dataclass(frozen=True)
class EcsPlace:
    """Where runs go as tasks."""

    cluster: str
    task_definition: str
    subnet: str
    security_group: str

    @property
    def variables(self) -> dict[str, str]:
        """How an operator is told of it."""
        return {
            "TRADAI_EXECUTOR": "ecs",
            "TRADAI_ECS_CLUSTER": self.cluster,
            "TRADAI_ECS_TASK_DEFINITION": self.task_definition,
            "TRADAI_ECS_SUBNETS": self.subnet,
            "TRADAI_ECS_SECURITY_GROUPS": self.security_group,
        }


def ecs_place(client: Callable[[str], Any], cluster: str = "tradai-operators") -> EcsPlace:
    """Makes one; `client` gives a boto3 client by the name of its service."""
    ecs, ec2 = client("ecs"), client("ec2")
    ecs.create_cluster(clusterName=cluster)
    ecs.register_task_definition(
        family=_FAMILY,
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        cpu="512",
        memory="1024",
        containerDefinitions=[
            {
                "name": "runner",
                "image": "registry.example/tradai-operator:1",
                "essential": True,
                "stopTimeout": 120,
                "environment": [{"name": "LANG", "value": "C.UTF-8"}],
            }
        ],
    )
    network = ec2.create_vpc(CidrBlock="10.99.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=network, CidrBlock="10.99.0.0/24")["Subnet"]["SubnetId"]
    group = ec2.create_security_group(GroupName="runs", Description="runs", VpcId=network)["GroupId"]
    return EcsPlace(cluster, _FAMILY, subnet, group)
