"""The consolidated instance as compute declares it, on the real engine; records, and judges nothing.

Runs as a process of its own (`python -m tests.integration.instance_program RESULT`): the SDK keeps global state.
"""

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws

from tests.integration.provider_story import REGION, client, stack
from tradai_blueprints.tradai.config import settings_for
from tradai_blueprints.tradai.config.needs import NOTHING
from tradai_blueprints.tradai.config.services import Service
from tradai_blueprints.tradai.layers.compute.ec2_compose import Container
from tradai_blueprints.tradai.layers.compute.ec2_consolidated import (
    Consolidated,
    ConsolidatedArgs,
    group_arn,
    launch_hook,
)
from tradai_blueprints.tradai.layers.compute.ec2_role import InstanceRoleArgs
from tradai_blueprints.tradai.layers.compute.ec2_userdata import FirstStart
from tradai_blueprints.tradai.layers.compute.wiring import Database, Tasks, Wiring
from tradai_iac.naming import Naming

SETTINGS = settings_for("dev")
MACHINE = SETTINGS.consolidated_instance
NAMING = Naming("tradai", "dev")
SERVICES = tuple(s.model_copy(update={"needs": NOTHING}) for s in SETTINGS.services if SETTINGS.on_instance(s))
_ACCOUNT = "123456789012"
_REPOSITORY = f"arn:aws:ecr:{REGION}:{_ACCOUNT}:repository/tradai/"


def program(digest: str) -> Callable[[], None]:
    """The instance behind the target groups of its four services, each of an image of that digest."""

    def run() -> None:
        vpc = aws.ec2.Vpc("vpc", cidr_block="10.8.0.0/16")
        subnets = [
            aws.ec2.Subnet(zone, vpc_id=vpc.id, cidr_block=f"10.8.{n}.0/24", availability_zone=f"{REGION}{zone}")
            for n, zone in enumerate(("a", "b"))
        ]
        group = aws.ec2.SecurityGroup("instance", name="instance", description="instance", vpc_id=vpc.id)
        targets = [
            aws.lb.TargetGroup(s.name, name=f"instance-{s.name}", port=s.port, protocol="HTTP", vpc_id=vpc.id)
            for s in SERVICES
        ]
        namespace = aws.servicediscovery.PrivateDnsNamespace("names", name="instance.local", vpc=vpc.id)
        Consolidated(
            "consolidated",
            ConsolidatedArgs(
                naming=NAMING,
                machine=MACHINE,
                role=_role(namespace),
                first_start=pulumi.Output.from_input(_first_start(SERVICES, digest)),
                subnet_ids=[subnet.id for subnet in subnets],
                security_group_id=group.id,
                target_group_arns=[target.arn for target in targets],
                tags=SETTINGS.tags.required("dev"),
                ready=[],
            ),
        )

    return run


def _role(namespace: aws.servicediscovery.PrivateDnsNamespace) -> InstanceRoleArgs:
    return InstanceRoleArgs(
        naming=NAMING,
        component=MACHINE.component,
        services=SERVICES,
        wiring=_wiring(),
        repository_arns={service.image: f"{_REPOSITORY}{service.image}" for service in SERVICES},
        log_group_arns=[f"arn:aws:logs:{REGION}:{_ACCOUNT}:log-group:instance"],
        registry_arns=[f"arn:aws:servicediscovery:{REGION}:{_ACCOUNT}:service/srv-1"],
        hosted_zone_id=namespace.hosted_zone,
        group_arn=group_arn(NAMING, MACHINE, account_id=_ACCOUNT, region=REGION),
    )


def _first_start(services: Sequence[Service], digest: str) -> FirstStart:
    containers = [
        Container(
            service=service,
            host=f"{service.name}.instance.local",
            image=f"{_ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/tradai/{service.image}@sha256:{digest * 64}",
            variables={"ENVIRONMENT": "dev"},
            log_group="instance",
        )
        for service in services
    ]
    return FirstStart(
        region=REGION,
        machine=MACHINE,
        containers=containers,
        service_ids=["srv-1"],
        group=NAMING.name(MACHINE.component),
        hook=launch_hook(NAMING, MACHINE),
    )


def _wiring() -> Wiring:
    """Of services that need nothing."""
    nothing = pulumi.Output.from_input(dict[str, str]())
    return Wiring(
        environment="dev",
        bucket_ids=nothing,
        bucket_arns=nothing,
        table_names=nothing,
        table_arns=nothing,
        secret_arns=nothing,
        services={},
        queue_urls={},
        queue_arns={},
        topic_arns={},
        database=Database(endpoint="", name="", secret_arn=""),
        tasks=Tasks(
            cluster_arn="", definition_arn="", family_arn="", role_arns=[], subnet_ids=[], security_group_id=""
        ),
        state_bucket=None,
    )


def instances() -> list[dict[str, Any]]:
    """The group's instances over plain calls."""
    name = NAMING.name(MACHINE.component)
    (group,) = client("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"]
    ids = [i["InstanceId"] for i in group["Instances"] if i["LifecycleState"] == "InService"]
    found = client("ec2").describe_instances(InstanceIds=ids)["Reservations"]
    return [instance for reservation in found for instance in reservation["Instances"]]


def registered() -> dict[str, list[tuple[str, int]]]:
    """Target group → id and port of each target."""
    balancing = client("elbv2")
    groups = balancing.describe_target_groups()["TargetGroups"]
    return {
        group["TargetGroupName"]: [
            (target["Target"]["Id"], target["Target"]["Port"])
            for target in balancing.describe_target_health(TargetGroupArn=group["TargetGroupArn"])[
                "TargetHealthDescriptions"
            ]
        ]
        for group in groups
    }


def left() -> dict[str, int]:
    """How many of each are left."""
    ec2, scaling = client("ec2"), client("autoscaling")
    running = [{"Name": "instance-state-name", "Values": ["pending", "running"]}]
    return {
        "groups": len(scaling.describe_auto_scaling_groups()["AutoScalingGroups"]),
        "templates": len(ec2.describe_launch_templates()["LaunchTemplates"]),
        "instances": len(ec2.describe_instances(Filters=running)["Reservations"]),
        "profiles": len(client("iam").list_instance_profiles()["InstanceProfiles"]),
    }


def main(result: Path) -> None:
    """Up, up again, refresh and up, a new image, down."""
    made, told = stack("instance", program("1")), dict[str, Any]()
    told["up"] = {"changes": made.up().summary.resource_changes, "instances": instances(), "targets": registered()}
    told["again"] = made.up().summary.resource_changes
    made.refresh()
    told["refreshed"] = made.up().summary.resource_changes
    made.workspace.program = program("2")
    changes = made.up().summary.resource_changes
    told["deployed"] = {"changes": changes, "instances": instances(), "targets": registered()}
    told["deployed again"] = made.up().summary.resource_changes
    made.destroy()
    told["left"] = left()
    result.write_text(json.dumps(told, default=str))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
