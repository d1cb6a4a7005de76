"""What the local AWS refuses about services, names and scaling, as AWS does: no program may come to rely on less."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.integration.provider_server import moto_server

Clients = Callable[[str], Any]


@dataclass(frozen=True)
class Estate:
    """A cluster with one service, a target group with a listener and one without, a namespace with a service."""

    aws: Clients
    network: Mapping[str, Any]
    groups: Mapping[str, str]
    registry: str
    namespace: str


@pytest.fixture(scope="module")
def aws() -> Iterator[Clients]:
    with moto_server() as url:
        make: Any = boto3.client
        keys = {"aws_access_key_id": "sandbox", "aws_secret_access_key": "sandbox"}
        yield lambda service: make(service, region_name="eu-central-1", endpoint_url=url, **keys)


@pytest.fixture(scope="module")
def estate(aws: Clients) -> Estate:
    ec2, elb, ecs = aws("ec2"), aws("elbv2"), aws("ecs")
    vpc = ec2.create_vpc(CidrBlock="10.6.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.6.{n}.0/24", AvailabilityZone=f"eu-central-1{z}")["Subnet"]
        for n, z in enumerate("ab")
    ]
    ids = [subnet["SubnetId"] for subnet in subnets]
    group = ec2.create_security_group(GroupName="tasks", Description="tasks", VpcId=vpc)["GroupId"]
    balancer = elb.create_load_balancer(Name="services", Subnets=ids)["LoadBalancers"][0]["LoadBalancerArn"]
    groups = {
        name: elb.create_target_group(Name=name, Protocol="HTTP", Port=80, VpcId=vpc, TargetType="ip")
        for name in ("heard", "unheard")
    }
    arns = {name: made["TargetGroups"][0]["TargetGroupArn"] for name, made in groups.items()}
    forward = [{"Type": "forward", "TargetGroupArn": arns["heard"]}]
    elb.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=forward)
    ecs.create_cluster(clusterName="home", capacityProviders=["FARGATE"])
    _register(aws)
    found = Estate(
        aws,
        {"awsvpcConfiguration": {"subnets": ids, "securityGroups": [group]}},
        arns,
        *_registry(aws, vpc),
    )
    _create(found, serviceName="standing", capacityProviderStrategy=[{"capacityProvider": "FARGATE"}])
    return found


def _register(aws: Clients, **more: Any) -> str:
    container = {"name": "app", "image": "app:1", "portMappings": [{"containerPort": 80}]}
    size = {"requiresCompatibilities": ["FARGATE"], "networkMode": "awsvpc", "cpu": "256", "memory": "512"}
    asked = {"family": "app", "containerDefinitions": [container], **size, **more}
    asked = {name: value for name, value in asked.items() if value is not None}
    return str(aws("ecs").register_task_definition(**asked)["taskDefinition"]["taskDefinitionArn"])


def _registry(aws: Clients, vpc: str) -> tuple[str, str]:
    discovery = aws("servicediscovery")
    operation = discovery.create_private_dns_namespace(Name="home.local", Vpc=vpc)["OperationId"]
    namespace = discovery.get_operation(OperationId=operation)["Operation"]["Targets"]["NAMESPACE"]
    records = {"NamespaceId": namespace, "DnsRecords": [{"Type": "SRV", "TTL": 10}]}
    service = discovery.create_service(Name="app", DnsConfig=records)["Service"]
    discovery.register_instance(ServiceId=service["Id"], InstanceId="task", Attributes={"AWS_INSTANCE_PORT": "80"})
    return service["Arn"], namespace


def _create(estate: Estate, **more: Any) -> Any:
    asked = {
        "cluster": "home",
        "serviceName": "new",
        "taskDefinition": "app",
        "desiredCount": 1,
        "networkConfiguration": estate.network,
        **more,
    }
    return estate.aws("ecs").create_service(**{name: value for name, value in asked.items() if value is not None})


def _said(call: Callable[[], Any]) -> str:
    with pytest.raises(ClientError) as caught:
        call()
    error = caught.value.response["Error"]
    return f"{error['Code']}: {error['Message']}"


def _behind(estate: Estate, name: str, container: str = "app", port: int = 80) -> list[dict[str, Any]]:
    return [{"targetGroupArn": estate.groups[name], "containerName": container, "containerPort": port}]


SERVICES: Mapping[str, tuple[Callable[[Estate], Mapping[str, Any]], str]] = {
    "of a name that is taken": (lambda _: {"serviceName": "standing"}, "not idempotent"),
    "in no network": (lambda _: {"networkConfiguration": None}, "Network Configuration must be provided"),
    "with both a launch type and a strategy": (
        lambda _: {"launchType": "FARGATE", "capacityProviderStrategy": [{"capacityProvider": "FARGATE"}]},
        "not both",
    ),
    "on capacity that its cluster does not have": (
        lambda _: {"capacityProviderStrategy": [{"capacityProvider": "FARGATE_SPOT"}]},
        "'FARGATE_SPOT' is not associated with the cluster",
    ),
    "behind a target group without listener": (
        lambda estate: {"loadBalancers": _behind(estate, "unheard")},
        "does not have an associated load balancer",
    ),
    "with a container that is not there": (
        lambda estate: {"loadBalancers": _behind(estate, "heard", container="other")},
        "The container other does not exist in the task definition",
    ),
    "with a port that is not there": (
        lambda estate: {"loadBalancers": _behind(estate, "heard", port=81)},
        "did not have a container port 81 defined",
    ),
    "with a grace period for nothing": (
        lambda _: {"healthCheckGracePeriodSeconds": 60},
        "only valid for services configured to use load balancers",
    ),
    "found by port, without saying which": (
        lambda estate: {"serviceRegistries": [{"registryArn": estate.registry}]},
        "When specifying an SRV service registry",
    ),
    "found by a name that is not there": (
        lambda estate: {"serviceRegistries": [{"registryArn": estate.registry + "x", "port": 80}]},
        "does not exist",
    ),
}


@pytest.mark.parametrize(("asked", "said"), SERVICES.values(), ids=SERVICES)
def test_a_service_is_refused(estate: Estate, asked: Callable[[Estate], Mapping[str, Any]], said: str) -> None:
    answer = _said(lambda: _create(estate, **asked(estate)))
    assert answer.startswith("InvalidParameterException")
    assert said in answer


def test_a_service_of_a_deregistered_revision_is_refused(estate: Estate) -> None:
    arn = _register(estate.aws, family="gone")
    estate.aws("ecs").deregister_task_definition(taskDefinition=arn)
    assert _said(lambda: _create(estate, taskDefinition=arn)) == "ClientException: TaskDefinition is inactive"


DEFINITIONS: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "without a size": ({"cpu": None}, "requires that 'cpu' be defined"),
    "of a size that there is not": ({"memory": "3072"}, "No Fargate configuration exists for given values"),
    "in another network mode": ({"networkMode": "bridge"}, "only supports network mode 'awsvpc'"),
    "with logs and nobody to write them": (
        {
            "containerDefinitions": [
                {"name": "app", "image": "app:1", "logConfiguration": {"logDriver": "awslogs", "options": {}}}
            ]
        },
        "execution role ARN to support log driver awslogs",
    ),
}


@pytest.mark.parametrize(("asked", "said"), DEFINITIONS.values(), ids=DEFINITIONS)
def test_a_task_definition_for_fargate_is_refused(aws: Clients, asked: Mapping[str, Any], said: str) -> None:
    assert said in _said(lambda: _register(aws, **asked))


def test_a_cluster_with_services_cannot_be_deleted(estate: Estate) -> None:
    assert _said(lambda: estate.aws("ecs").delete_cluster(cluster="home")).startswith("ClusterContainsServices")


def test_capacity_that_tasks_run_on_cannot_be_taken_away(estate: Estate) -> None:
    nothing: dict[str, Any] = {"capacityProviders": [], "defaultCapacityProviderStrategy": []}
    answer = _said(lambda: estate.aws("ecs").put_cluster_capacity_providers(cluster="home", **nothing))
    assert answer.startswith("ResourceInUseException")


def test_a_namespace_with_services_and_a_service_with_instances_cannot_be_deleted(estate: Estate) -> None:
    discovery = estate.aws("servicediscovery")
    assert _said(lambda: discovery.delete_namespace(Id=estate.namespace)).startswith("ResourceInUse")
    service = estate.registry.rpartition("/")[2]
    assert _said(lambda: discovery.delete_service(Id=service)).startswith("ResourceInUse")


PLACE = {
    "ServiceNamespace": "ecs",
    "ResourceId": "service/home/standing",
    "ScalableDimension": "ecs:service:DesiredCount",
}


def _put(scaling: Any, **metric: str) -> Any:
    configuration = {"TargetValue": 70, "PredefinedMetricSpecification": metric}
    return scaling.put_scaling_policy(
        PolicyName="load",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration=configuration,
        **PLACE,
    )


def test_a_policy_needs_its_target_and_goes_with_it(estate: Estate) -> None:
    scaling, cpu = estate.aws("application-autoscaling"), "ECSServiceAverageCPUUtilization"
    assert _said(lambda: _put(scaling, PredefinedMetricType=cpu)).startswith("ObjectNotFoundException")
    scaling.register_scalable_target(**PLACE, MinCapacity=1, MaxCapacity=2)
    first, second = (_put(scaling, PredefinedMetricType=cpu) for _ in range(2))
    assert first["PolicyARN"] == second["PolicyARN"]
    alarms = estate.aws("cloudwatch").describe_alarms()["MetricAlarms"]
    assert {a["AlarmName"] for a in alarms} == {a["AlarmName"] for a in second["Alarms"]}
    assert {json.dumps(a["AlarmActions"]) for a in alarms} == {json.dumps([second["PolicyARN"]])}
    scaling.deregister_scalable_target(**PLACE)
    assert scaling.describe_scaling_policies(ServiceNamespace="ecs")["ScalingPolicies"] == []
    assert estate.aws("cloudwatch").describe_alarms()["MetricAlarms"] == []


def test_requests_are_counted_for_a_target_group_only(estate: Estate) -> None:
    scaling = estate.aws("application-autoscaling")
    scaling.register_scalable_target(**PLACE, MinCapacity=1, MaxCapacity=2)
    assert "A resource label" in _said(lambda: _put(scaling, PredefinedMetricType="ALBRequestCountPerTarget"))


def test_policies_of_a_service_are_not_those_of_one_whose_name_begins_alike(estate: Estate) -> None:
    _create(estate, serviceName="standing-by", capacityProviderStrategy=[{"capacityProvider": "FARGATE"}])
    scaling = estate.aws("application-autoscaling")
    other = {**PLACE, "ResourceId": "service/home/standing-by"}
    for place in (PLACE, other):
        scaling.register_scalable_target(**place, MinCapacity=1, MaxCapacity=2)
    _put(scaling, PredefinedMetricType="ECSServiceAverageCPUUtilization")
    found = scaling.describe_scaling_policies(ServiceNamespace="ecs", ResourceId=other["ResourceId"])
    assert found["ScalingPolicies"] == []
