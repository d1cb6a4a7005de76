"""What the stacks' states say there is: kind of the inventory → names or ids, out of the bucket of each environment.

One row a kind. What AWS makes on its own account (a group's instances) is in no state.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from tests.e2e.inventory import Clients

LAYERS: Final = ("persistent", "foundation", "compute", "edge")
#: Kind → (type, the property by which the inventory knows it).
TYPES: Final[Mapping[str, tuple[str, str]]] = {
    "buckets": ("aws:s3/bucket:Bucket", "id"),
    "tables": ("aws:dynamodb/table:Table", "name"),
    "repositories": ("aws:ecr/repository:Repository", "name"),
    "package domains": ("aws:codeartifact/domain:Domain", "domain"),
    "pools": ("aws:cognito/userPool:UserPool", "name"),
    "pool clients": ("aws:cognito/userPoolClient:UserPoolClient", "id"),
    "vpcs": ("aws:ec2/vpc:Vpc", "id"),
    "subnets": ("aws:ec2/subnet:Subnet", "id"),
    "route tables": ("aws:ec2/routeTable:RouteTable", "id"),
    "network acls": ("aws:ec2/networkAcl:NetworkAcl", "id"),
    "security groups": ("aws:ec2/securityGroup:SecurityGroup", "id"),
    "endpoints": ("aws:ec2/vpcEndpoint:VpcEndpoint", "id"),
    "addresses": ("aws:ec2/eip:Eip", "id"),
    "launch templates": ("aws:ec2/launchTemplate:LaunchTemplate", "id"),
    "groups": ("aws:autoscaling/group:Group", "name"),
    "databases": ("aws:rds/instance:Instance", "identifier"),
    "queues": ("aws:sqs/queue:Queue", "id"),
    "topics": ("aws:sns/topic:Topic", "id"),
    "secrets": ("aws:secretsmanager/secret:Secret", "name"),
    "functions": ("aws:lambda/function:Function", "name"),
    "mappings": ("aws:lambda/eventSourceMapping:EventSourceMapping", "id"),
    "rules": ("aws:cloudwatch/eventRule:EventRule", "name"),
    "clusters": ("aws:ecs/cluster:Cluster", "name"),
    "services": ("aws:ecs/service:Service", "id"),
    "definitions": ("aws:ecs/taskDefinition:TaskDefinition", "arn"),
    "namespaces": ("aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace", "name"),
    "names": ("aws:servicediscovery/service:Service", "id"),
    "scaled": ("aws:appautoscaling/target:Target", "id"),
    "scaling policies": ("aws:appautoscaling/policy:Policy", "name"),
    "workflows": ("aws:sfn/stateMachine:StateMachine", "name"),
    "balancers": ("aws:lb/loadBalancer:LoadBalancer", "name"),
    "listeners": ("aws:lb/listener:Listener", "id"),
    "balancer rules": ("aws:lb/listenerRule:ListenerRule", "id"),
    "target groups": ("aws:lb/targetGroup:TargetGroup", "id"),
    "apis": ("aws:apigatewayv2/api:Api", "name"),
    "routes": ("aws:apigatewayv2/route:Route", "id"),
    "integrations": ("aws:apigatewayv2/integration:Integration", "id"),
    "links": ("aws:apigatewayv2/vpcLink:VpcLink", "id"),
    "web acls": ("aws:wafv2/webAcl:WebAcl", "name"),
    "alarms": ("aws:cloudwatch/metricAlarm:MetricAlarm", "name"),
    "composite alarms": ("aws:cloudwatch/compositeAlarm:CompositeAlarm", "alarmName"),
    "dashboards": ("aws:cloudwatch/dashboard:Dashboard", "dashboardName"),
    "log groups": ("aws:cloudwatch/logGroup:LogGroup", "name"),
    "trails": ("aws:cloudtrail/trail:Trail", "name"),
    "roles": ("aws:iam/role:Role", "name"),
    "profiles": ("aws:iam/instanceProfile:InstanceProfile", "name"),
}


def resources(clients: Clients, environment: str, layers: Iterable[str] = LAYERS) -> Iterator[Mapping[str, Any]]:
    """Every resource in the states of an environment's stacks; each of them has to be there."""
    for layer in layers:
        key = f".pulumi/stacks/tradai-{layer}/{environment}.json"
        body = clients("s3").get_object(Bucket=f"tradai-pulumi-state-{environment}", Key=key)["Body"].read()
        yield from json.loads(body)["checkpoint"]["latest"]["resources"]


def recorded(clients: Clients, environments: Iterable[str], layers: Sequence[str] = LAYERS) -> dict[str, set[str]]:
    """Everything of every kind, over those environments."""
    known = [resource for environment in environments for resource in resources(clients, environment, layers)]
    return {kind: {_by(r, key) for r in known if r["type"] == type_} for kind, (type_, key) in TYPES.items()}


def _by(resource: Mapping[str, Any], key: str) -> str:
    return str(resource["id"] if key == "id" else resource["outputs"][key])


def differences(there: Mapping[str, set[str]], known: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """By kind, what only one of the two has."""
    return {kind: there[kind] ^ known[kind] for kind in known if there[kind] != known[kind]}
