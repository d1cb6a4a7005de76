"""Services as a layer would write them, on the real engine; records, and judges nothing.

Runs as a process of its own (`python -m tests.integration.ecs_program RESULT`): the SDK keeps global state.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pulumi
import pulumi_aws as aws

from tests.integration.provider_story import TRUST, client, stack

_PORTS: Final = {"api": 8000, "data": 8002}


def program(image: str) -> Callable[[], None]:
    """Two services on Fargate Spot behind one load balancer, found by name, one of them scaled by two policies."""

    def run() -> None:
        vpc = aws.ec2.Vpc("vpc", cidr_block="10.7.0.0/16")
        zones = ("a", "b")
        subnets = [
            aws.ec2.Subnet(z, vpc_id=vpc.id, cidr_block=f"10.7.{n}.0/24", availability_zone=f"eu-central-1{z}")
            for n, z in enumerate(zones)
        ]
        group = aws.ec2.SecurityGroup("tasks", name="tasks", description="tasks", vpc_id=vpc.id)
        balancer = aws.lb.LoadBalancer("alb", name="services", internal=True, subnets=[s.id for s in subnets])
        listener = aws.lb.Listener(
            "http",
            load_balancer_arn=balancer.arn,
            port=80,
            protocol="HTTP",
            default_actions=[
                aws.lb.ListenerDefaultActionArgs(
                    type="fixed-response",
                    fixed_response=aws.lb.ListenerDefaultActionFixedResponseArgs(
                        content_type="text/plain", status_code="404"
                    ),
                )
            ],
        )
        cluster = aws.ecs.Cluster("cluster", name="services")
        capacity = aws.ecs.ClusterCapacityProviders(
            "capacity", cluster_name=cluster.name, capacity_providers=["FARGATE", "FARGATE_SPOT"]
        )
        namespace = aws.servicediscovery.PrivateDnsNamespace("names", name="services.local", vpc=vpc.id)
        role = aws.iam.Role("role", name="services", assume_role_policy=TRUST)
        network = aws.ecs.ServiceNetworkConfigurationArgs(
            subnets=[s.id for s in subnets], security_groups=[group.id], assign_public_ip=False
        )
        for number, name in enumerate(_PORTS, start=1):
            targets = _targets(name, vpc, listener, number)
            found = _registry(name, namespace)
            definition = _definition(name, image, role)
            service = _service(name, cluster, definition, network, targets, found, [capacity, *targets[1:]])
            if name == "api":
                _scaling(cluster, service, balancer, targets[0])

    return run


def _targets(
    name: str, vpc: aws.ec2.Vpc, listener: aws.lb.Listener, number: int
) -> tuple[aws.lb.TargetGroup, aws.lb.ListenerRule]:
    group = aws.lb.TargetGroup(
        name, name=f"services-{name}", port=_PORTS[name], protocol="HTTP", target_type="ip", vpc_id=vpc.id
    )
    rule = aws.lb.ListenerRule(
        name,
        listener_arn=listener.arn,
        priority=number * 10,
        actions=[aws.lb.ListenerRuleActionArgs(type="forward", target_group_arn=group.arn)],
        conditions=[
            aws.lb.ListenerRuleConditionArgs(
                path_pattern=aws.lb.ListenerRuleConditionPathPatternArgs(values=[f"/{name}/*"])
            )
        ],
    )
    return group, rule


def _registry(name: str, namespace: aws.servicediscovery.PrivateDnsNamespace) -> aws.servicediscovery.Service:
    return aws.servicediscovery.Service(
        name,
        name=name,
        dns_config=aws.servicediscovery.ServiceDnsConfigArgs(
            namespace_id=namespace.id,
            routing_policy="MULTIVALUE",
            dns_records=[aws.servicediscovery.ServiceDnsConfigDnsRecordArgs(type="A", ttl=10)],
        ),
        health_check_custom_config=aws.servicediscovery.ServiceHealthCheckCustomConfigArgs(failure_threshold=1),
        force_destroy=True,
    )


def _definition(name: str, image: str, role: aws.iam.Role) -> aws.ecs.TaskDefinition:
    containers = role.arn.apply(
        lambda arn: json.dumps(
            [
                {
                    "name": name,
                    "image": f"{name}:{image}",
                    "portMappings": [{"containerPort": _PORTS[name]}],
                    "environment": [{"name": "ROLE", "value": arn}, {"name": "NAME", "value": name}],
                    "secrets": [
                        {"name": "KEY", "valueFrom": "arn:aws:secretsmanager:eu-central-1:123456789012:secret:k"}
                    ],
                }
            ]
        )
    )
    return aws.ecs.TaskDefinition(
        name,
        family=f"services-{name}",
        cpu="256",
        memory="512",
        network_mode="awsvpc",
        requires_compatibilities=["FARGATE"],
        execution_role_arn=role.arn,
        task_role_arn=role.arn,
        runtime_platform=aws.ecs.TaskDefinitionRuntimePlatformArgs(
            operating_system_family="LINUX", cpu_architecture="X86_64"
        ),
        container_definitions=containers,
    )


def _service(
    name: str,
    cluster: aws.ecs.Cluster,
    definition: aws.ecs.TaskDefinition,
    network: aws.ecs.ServiceNetworkConfigurationArgs,
    targets: tuple[aws.lb.TargetGroup, aws.lb.ListenerRule],
    found: aws.servicediscovery.Service,
    after: list[pulumi.Resource],
) -> aws.ecs.Service:
    return aws.ecs.Service(
        name,
        name=f"services-{name}",
        cluster=cluster.arn,
        task_definition=definition.arn,
        desired_count=1,
        capacity_provider_strategies=[
            aws.ecs.ServiceCapacityProviderStrategyArgs(capacity_provider="FARGATE_SPOT", weight=1)
        ],
        network_configuration=network,
        load_balancers=[
            aws.ecs.ServiceLoadBalancerArgs(
                target_group_arn=targets[0].arn, container_name=name, container_port=_PORTS[name]
            )
        ],
        service_registries=aws.ecs.ServiceServiceRegistriesArgs(registry_arn=found.arn),
        deployment_circuit_breaker=aws.ecs.ServiceDeploymentCircuitBreakerArgs(enable=True, rollback=True),
        health_check_grace_period_seconds=60,
        enable_ecs_managed_tags=True,
        propagate_tags="SERVICE",
        wait_for_steady_state=True,
        opts=pulumi.ResourceOptions(depends_on=after, ignore_changes=["desiredCount"]),
    )


def _scaling(
    cluster: aws.ecs.Cluster, service: aws.ecs.Service, balancer: aws.lb.LoadBalancer, group: aws.lb.TargetGroup
) -> None:
    target = aws.appautoscaling.Target(
        "api",
        service_namespace="ecs",
        resource_id=pulumi.Output.concat("service/", cluster.name, "/", service.name),
        scalable_dimension="ecs:service:DesiredCount",
        min_capacity=1,
        max_capacity=4,
    )
    configuration = aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationArgs
    metric = aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecificationArgs
    label = pulumi.Output.concat(balancer.arn_suffix, "/", group.arn_suffix)
    metrics = {
        "cpu": (70, metric(predefined_metric_type="ECSServiceAverageCPUUtilization")),
        "requests": (1000, metric(predefined_metric_type="ALBRequestCountPerTarget", resource_label=label)),
    }
    for name, (value, watched) in metrics.items():
        aws.appautoscaling.Policy(
            name,
            name=f"services-{name}",
            policy_type="TargetTrackingScaling",
            service_namespace=target.service_namespace,
            resource_id=target.resource_id,
            scalable_dimension=target.scalable_dimension,
            target_tracking_scaling_policy_configuration=configuration(
                target_value=value,
                predefined_metric_specification=watched,
                scale_in_cooldown=300,
                scale_out_cooldown=60,
            ),
        )


def services() -> dict[str, list[Any]]:
    """Of each service that lives: how many tasks, of which revision, and how many deployments."""
    ecs = client("ecs")
    arns = ecs.list_services(cluster="services")["serviceArns"]
    found = ecs.describe_services(cluster="services", services=arns)["services"] if arns else []
    return {
        s["serviceName"]: [s["runningCount"], s["taskDefinition"].rpartition(":")[2], len(s["deployments"])]
        for s in found
    }


def left() -> dict[str, list[Any]]:
    """What there still is, of everything that the program made."""
    discovery, scaling = client("servicediscovery"), client("application-autoscaling")
    return {
        "services": list(services()),
        "definitions": client("ecs").list_task_definitions(status="ACTIVE")["taskDefinitionArns"],
        "registries": discovery.list_services()["Services"],
        "namespaces": discovery.list_namespaces()["Namespaces"],
        "zones": client("route53").list_hosted_zones()["HostedZones"],
        "targets": scaling.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"],
        "policies": scaling.describe_scaling_policies(ServiceNamespace="ecs")["ScalingPolicies"],
        "alarms": client("cloudwatch").describe_alarms()["MetricAlarms"],
    }


def main(result: Path) -> None:
    """Up, up again, scaled by another, a new image, down."""
    made, told = stack("services", program("1")), dict[str, Any]()
    told["preview"] = made.preview().change_summary
    told["up"] = {"changes": made.up().summary.resource_changes, "services": services()}
    told["again"] = made.up().summary.resource_changes
    client("ecs").update_service(cluster="services", service="services-api", desiredCount=3)
    made.refresh()
    told["scaled"] = {"changes": made.up().summary.resource_changes, "services": services()}
    made.workspace.program = program("2")
    told["deployed"] = {"changes": made.up().summary.resource_changes, "services": services()}
    told["deployed again"] = made.up().summary.resource_changes
    made.destroy()
    told["left"] = left()
    result.write_text(json.dumps(told, default=str))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
