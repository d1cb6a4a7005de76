"""An Auto Scaling group whose instances are targets of a load balancer; needs `ec2_instances` and `elbv2`."""

from typing import Any, Final

from tests.integration.provider_cases.case import Aws, Case, Props, Ref


def _group(aws: Aws, state: Props) -> Any:
    found = aws("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[state["id"]])["AutoScalingGroups"]
    return [[g["HealthCheckType"], _short(g["TargetGroupARNs"])] for g in found]


def _short(arns: list[str]) -> list[str]:
    return sorted(arn.split("/")[1] for arn in arns)


def _target_group(name: str) -> Case:
    return Case(
        f"targets.{name}",
        "aws:lb/targetGroup:TargetGroup",
        {"name": f"case-{name}", "port": 80, "protocol": "HTTP", "vpc_id": Ref("ec2.vpc"), "target_type": "instance"},
        lambda aws, state: len(aws("elbv2").describe_target_groups(TargetGroupArns=[state["id"]])["TargetGroups"]),
        1,
    )


CASES: Final = (
    _target_group("targets-a"),
    _target_group("targets-b"),
    Case(
        "autoscaling.behind-balancer",
        "aws:autoscaling/group:Group",
        {
            "name": "case-consolidated",
            "min_size": 1,
            "max_size": 1,
            "health_check_type": "ELB",
            "vpc_zone_identifiers": [Ref("ec2.subnet")],
            "launch_template": {"id": Ref("ec2.spare-template"), "version": "$Latest"},
            "target_group_arns": [Ref("targets.targets-a", "arn")],
        },
        _group,
        [["ELB", ["case-targets-a"]]],
        update={"target_group_arns": [Ref("targets.targets-b", "arn")]},
        updated=[["ELB", ["case-targets-b"]]],
        meddle=lambda aws, state: aws("autoscaling").detach_load_balancer_target_groups(
            AutoScalingGroupName=state["id"], TargetGroupARNs=state["targetGroupArns"]
        ),
        drifted=frozenset({"targetGroupArns"}),
        not_imported=frozenset({"metricsGranularity", "waitForCapacityTimeout"}),
    ),
)
