"""How AWS spells the ARN of a resource, by its type: what mocks answer, and what a name becomes.

Must never be asked for a resource that stands: its own output says what its ARN is.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final

#: Type → template; `here` is region and account, `name` the resource's own, `id` what AWS chooses, the rest are inputs.
_TEMPLATES: Final = {
    "aws:apigatewayv2/api:Api": "apigateway:{region}::/apis/{id}",
    "aws:apigatewayv2/stage:Stage": "apigateway:{region}::/apis/{apiId}/stages/{name}",
    "aws:apigatewayv2/vpcLink:VpcLink": "apigateway:{region}::/vpclinks/{id}",
    "aws:autoscaling/group:Group": "autoscaling:{here}:autoScalingGroup:{id}:autoScalingGroupName/{name}",
    "aws:cloudtrail/trail:Trail": "cloudtrail:{here}:trail/{name}",
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": "cloudwatch:{here}:alarm:{alarmName}",
    "aws:cloudwatch/dashboard:Dashboard": "cloudwatch::{account}:dashboard/{dashboardName}",
    "aws:cloudwatch/eventRule:EventRule": "events:{here}:rule/{name}",
    "aws:cloudwatch/logGroup:LogGroup": "logs:{here}:log-group:{name}",
    "aws:cloudwatch/metricAlarm:MetricAlarm": "cloudwatch:{here}:alarm:{name}",
    "aws:codeartifact/domain:Domain": "codeartifact:{here}:domain/{domain}",
    "aws:codeartifact/repository:Repository": "codeartifact:{here}:repository/{domain}/{repository}",
    "aws:cognito/userPool:UserPool": "cognito-idp:{here}:userpool/{id}",
    "aws:dynamodb/table:Table": "dynamodb:{here}:table/{name}",
    "aws:ec2/eip:Eip": "ec2:{here}:elastic-ip/{id}",
    "aws:ec2/flowLog:FlowLog": "ec2:{here}:vpc-flow-log/{id}",
    "aws:ec2/internetGateway:InternetGateway": "ec2:{here}:internet-gateway/{id}",
    "aws:ec2/launchTemplate:LaunchTemplate": "ec2:{here}:launch-template/{id}",
    "aws:ec2/networkAcl:NetworkAcl": "ec2:{here}:network-acl/{id}",
    "aws:ec2/routeTable:RouteTable": "ec2:{here}:route-table/{id}",
    "aws:ec2/securityGroup:SecurityGroup": "ec2:{here}:security-group/{id}",
    "aws:ec2/subnet:Subnet": "ec2:{here}:subnet/{id}",
    "aws:ec2/vpc:Vpc": "ec2:{here}:vpc/{id}",
    "aws:ec2/vpcEndpoint:VpcEndpoint": "ec2:{here}:vpc-endpoint/{id}",
    "aws:ecr/repository:Repository": "ecr:{here}:repository/{name}",
    "aws:ecs/cluster:Cluster": "ecs:{here}:cluster/{name}",
    "aws:ecs/service:Service": "ecs:{here}:service/{cluster}/{name}",
    "aws:ecs/taskDefinition:TaskDefinition": "ecs:{here}:task-definition/{family}:1",
    "aws:iam/instanceProfile:InstanceProfile": "iam::{account}:instance-profile/{name}",
    "aws:iam/role:Role": "iam::{account}:role/{name}",
    "aws:lambda/eventSourceMapping:EventSourceMapping": "lambda:{here}:event-source-mapping:{id}",
    "aws:lambda/function:Function": "lambda:{here}:function:{name}",
    "aws:lb/listener:Listener": "elasticloadbalancing:{here}:listener/app/{name}/{id}/{id}",
    "aws:lb/listenerRule:ListenerRule": "elasticloadbalancing:{here}:listener-rule/app/{name}/{id}/{id}/{id}",
    "aws:lb/loadBalancer:LoadBalancer": "elasticloadbalancing:{here}:loadbalancer/app/{name}/{id}",
    "aws:lb/targetGroup:TargetGroup": "elasticloadbalancing:{here}:targetgroup/{name}/{id}",
    "aws:rds/instance:Instance": "rds:{here}:db:{identifier}",
    "aws:rds/parameterGroup:ParameterGroup": "rds:{here}:pg:{name}",
    "aws:rds/subnetGroup:SubnetGroup": "rds:{here}:subgrp:{name}",
    "aws:s3/bucket:Bucket": "s3:::{bucket}",
    "aws:secretsmanager/secret:Secret": "secretsmanager:{here}:secret:{name}-AbCdEf",
    "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace": "servicediscovery:{here}:namespace/{id}",
    "aws:servicediscovery/service:Service": "servicediscovery:{here}:service/{id}",
    "aws:sfn/stateMachine:StateMachine": "states:{here}:stateMachine:{name}",
    "aws:sns/topic:Topic": "sns:{here}:{name}",
    "aws:sqs/queue:Queue": "sqs:{here}:{name}",
    "aws:wafv2/webAcl:WebAcl": "wafv2:{here}:regional/webacl/{name}/{id}",
}  # fmt: skip

#: The types that have an ARN here.
TYPES: Final = frozenset(_TEMPLATES)


def arn(type_: str, inputs: Mapping[str, Any], name: str, id_: str, account: str, region: str) -> str:
    """The ARN of a resource with these inputs, called `name` where they say nothing or it is not known yet."""
    module = type_.split(":")[1].split("/")[0]
    template = _TEMPLATES.get(type_, f"{module}:{{here}}:{{name}}")
    told = {key: str(value).rsplit("/", 1)[-1] for key, value in inputs.items() if isinstance(value, str)}
    ours = {"id": id_, "account": account, "region": region, "here": f"{region}:{account}"}
    fields = defaultdict(lambda: name, {**told, "name": inputs.get("name") or name, **ours})
    return "arn:aws:" + template.format_map(fields)
