"""AWS's default quotas that an environment touches, and how much of each a resource graph takes.

Several environments stand in one account (002 §9.1 names them apart). Defaults are AWS's for a new account, with the
code in Service Quotas where it is known. Must never name a resource: rows say which types count, and how.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import ceil
from typing import Any, Final, Literal

from tradai_iac.base import Frozen

#: A resource of a graph: type token, and inputs as the engine has them.
Resource = tuple[str, Mapping[str, Any]]
Measure = Literal["resources", "instance-vcpus", "task-vcpus", "executions"]

#: vCPUs of the instance types in use; AWS counts instances by them.
INSTANCE_VCPUS: Final = {"t3.small": 2, "t4g.nano": 2}

_CPU_UNITS_OF_A_VCPU: Final = 1024


class Quota(Frozen):
    """One quota: `default` is AWS's, in the unit of the measure.

    `types` count where their inputs have what `where` says. With `within`, AWS counts per parent, which those inputs
    name, and the fullest parent is what matters; else all environments of the account and Region count together.
    """

    service: str
    name: str
    code: str | None
    default: int
    types: tuple[str, ...]
    where: tuple[tuple[str, str], ...] = ()
    within: tuple[str, ...] = ()
    measure: Measure = "resources"

    def use(self, graph: Sequence[Resource]) -> int:
        """How much of it one environment takes."""
        return _MEASURES[self.measure](self, graph)

    def together(self, graphs: Iterable[Sequence[Resource]]) -> int:
        """How much of it several environments of one account take."""
        uses = [self.use(graph) for graph in graphs]
        return max(uses) if self.within else sum(uses)


def room_for(quotas: Iterable[Quota], standing: Sequence[Sequence[Resource]], more: Sequence[Resource]) -> int:
    """How many environments like `more` fit beside those that stand, by all quotas that these do not exceed already."""
    left = [
        (quota.default - quota.together(standing)) // quota.use(more)
        for quota in quotas
        if not quota.within and quota.use(more) and quota.together(standing) <= quota.default
    ]
    return min(left)


def _counted(quota: Quota, graph: Sequence[Resource]) -> list[Resource]:
    return [
        (type_, inputs)
        for type_, inputs in graph
        if type_ in quota.types and all(inputs.get(key) == value for key, value in quota.where)
    ]


def _resources(quota: Quota, graph: Sequence[Resource]) -> int:
    """All, or those of the fullest parent; a type within a parent is counted apart from another."""
    counted = _counted(quota, graph)
    if not quota.within:
        return len(counted)
    parents = Counter((type_, *(str(inputs.get(key)) for key in quota.within)) for type_, inputs in counted)
    return max(parents.values(), default=0)


def _instance_vcpus(quota: Quota, graph: Sequence[Resource]) -> int:
    """As many as the groups may launch; raises KeyError for an instance type without a row."""
    templates = {
        str(inputs["name"]): INSTANCE_VCPUS[inputs["instanceType"]]
        for type_, inputs in graph
        if type_ == "aws:ec2/launchTemplate:LaunchTemplate"
    }
    return sum(int(inputs["maxSize"]) * templates[str(inputs["name"])] for _, inputs in _counted(quota, graph))


def _task_vcpus(quota: Quota, graph: Sequence[Resource]) -> int:
    """Of the services on the launch type that `where` says, each as large as auto scaling may make it."""
    sizes = {
        inputs["family"]: int(inputs["cpu"]) / _CPU_UNITS_OF_A_VCPU
        for type_, inputs in graph
        if type_ == "aws:ecs/taskDefinition:TaskDefinition"
    }
    most = {
        inputs["resourceId"].rsplit("/", 1)[-1]: int(inputs["maxCapacity"])
        for type_, inputs in graph
        if type_ == "aws:appautoscaling/target:Target"
    }
    services = [inputs for _, inputs in _counted(quota, graph)]
    return ceil(sum(most.get(each["name"], int(each["desiredCount"])) * sizes[each["name"]] for each in services))


def _executions(quota: Quota, graph: Sequence[Resource]) -> int:
    """One of each function, and as many as a queue may start of its consumer."""
    queued = [
        int(inputs["scalingConfig"]["maximumConcurrency"])
        for type_, inputs in graph
        if type_ == "aws:lambda/eventSourceMapping:EventSourceMapping"
    ]
    return len(_counted(quota, graph)) - len(queued) + sum(queued)


_MEASURES: Final[Mapping[Measure, Callable[[Quota, Sequence[Resource]], int]]] = {
    "resources": _resources,
    "instance-vcpus": _instance_vcpus,
    "task-vcpus": _task_vcpus,
    "executions": _executions,
}


def _row(service: str, name: str, code: str | None, default: int, *types: str, **more: Any) -> Quota:
    return Quota(service=service, name=name, code=code, default=default, types=types, **more)


_INGRESS: Final = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
_EGRESS: Final = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
_ENDPOINT: Final = "aws:ec2/vpcEndpoint:VpcEndpoint"
_OF_VPC: Final = {"within": ("vpcId",)}

#: The tight ones and those that grow with rows of the configuration; AWS has hundreds that are far away.
QUOTAS: Final = (
    _row("VPC", "VPCs", "L-F678F1CE", 5, "aws:ec2/vpc:Vpc"),
    _row("VPC", "Internet gateways", "L-A4707A72", 5, "aws:ec2/internetGateway:InternetGateway"),
    _row("EC2", "Elastic IP addresses", "L-0263D0A3", 5, "aws:ec2/eip:Eip"),
    _row(
        "EC2", "vCPUs of On-Demand Standard instances", "L-1216C47A", 5,
        "aws:autoscaling/group:Group", measure="instance-vcpus",
    ),
    _row(
        "Fargate", "vCPUs of On-Demand tasks", "L-3032A538", 6,
        "aws:ecs/service:Service", measure="task-vcpus", where=(("launchType", "FARGATE"),),
    ),
    _row("API Gateway", "VPC links", "L-608BDCD4", 10, "aws:apigatewayv2/vpcLink:VpcLink"),
    _row("API Gateway", "Routes of an API", "L-65B5C802", 300, "aws:apigatewayv2/route:Route", within=("apiId",)),
    _row("CodeArtifact", "Domains", None, 10, "aws:codeartifact/domain:Domain"),
    _row("CloudTrail", "Trails", None, 5, "aws:cloudtrail/trail:Trail"),
    _row("Cloud Map", "Namespaces", None, 50, "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace"),
    _row("VPC", "Security groups", "L-E79EC296", 2500, "aws:ec2/securityGroup:SecurityGroup"),
    _row(
        "VPC", "Rules of a security group, each direction", "L-0EA8095F", 60,
        _INGRESS, _EGRESS, within=("securityGroupId",),
    ),
    _row("VPC", "Subnets of a VPC", "L-407747CB", 200, "aws:ec2/subnet:Subnet", **_OF_VPC),
    _row("VPC", "Route tables of a VPC", "L-589F43AA", 200, "aws:ec2/routeTable:RouteTable", **_OF_VPC),
    _row("VPC", "Network ACLs of a VPC", "L-B4A6D682", 200, "aws:ec2/networkAcl:NetworkAcl", **_OF_VPC),
    _row(
        "VPC", "Rules of a network ACL, each direction", "L-2AEEBF1A", 20,
        "aws:ec2/networkAclRule:NetworkAclRule", within=("networkAclId", "egress"),
    ),
    _row("VPC", "Gateway endpoints", "L-1B52E74A", 20, _ENDPOINT, where=(("vpcEndpointType", "Gateway"),)),
    _row(
        "VPC", "Interface endpoints of a VPC", "L-29B6F2EB", 50, _ENDPOINT,
        where=(("vpcEndpointType", "Interface"),), within=("vpcId",),
    ),
    _row("IAM", "Roles", "L-FE177D64", 1000, "aws:iam/role:Role"),
    _row("IAM", "Instance profiles", "L-6E65F664", 1000, "aws:iam/instanceProfile:InstanceProfile"),
    _row("Lambda", "Concurrent executions", "L-B99A9384", 1000, "aws:lambda/function:Function", measure="executions"),
    _row("ECS", "Services of a cluster", "L-9EF96962", 5000, "aws:ecs/service:Service", within=("cluster",)),
    _row("ELB", "Application load balancers", "L-53DA6B97", 50, "aws:lb/loadBalancer:LoadBalancer"),
    _row("ELB", "Listeners of a balancer", "L-B6DF7632", 50, "aws:lb/listener:Listener", within=("loadBalancerArn",)),
    _row("ELB", "Rules of a balancer", None, 100, "aws:lb/listenerRule:ListenerRule", within=("listenerArn",)),
    _row("ELB", "Target groups", "L-B22855CB", 3000, "aws:lb/targetGroup:TargetGroup"),
    _row("RDS", "DB instances", "L-7B6409FD", 40, "aws:rds/instance:Instance"),
    _row("DynamoDB", "Tables", "L-F98FE922", 2500, "aws:dynamodb/table:Table"),
    _row("S3", "Buckets", "L-DC2B2D3D", 10000, "aws:s3/bucket:Bucket"),
    _row("ECR", "Repositories", "L-CFEB8E8D", 100000, "aws:ecr/repository:Repository"),
    _row("EventBridge", "Rules of a bus", "L-244521F2", 300, "aws:cloudwatch/eventRule:EventRule"),
    _row("CloudWatch", "Metric alarms", None, 5000, "aws:cloudwatch/metricAlarm:MetricAlarm"),
)  # fmt: skip
