"""How a mock answers for the ids that AWS chooses: readable, or in the form that AWS gives them.

Must never be asked for a resource that stands: its own id says what it is.
"""

import hashlib
import string
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any, Final

#: Type, Pulumi name, inputs, account, region → the id.
Ids = Callable[[str, str, Mapping[str, Any], str, str], str]

#: Type → template; `hex` and `word` are digits and letters by their number, `arn_of` is how the ARNs of the type's
#: service begin in account and region, the rest are inputs. A type that is not named here is known by its name.
_TEMPLATES: Final = {
    "aws:apigatewayv2/api:Api": "{word10}",
    "aws:apigatewayv2/apiMapping:ApiMapping": "{word6}",
    "aws:apigatewayv2/authorizer:Authorizer": "{word6}",
    "aws:apigatewayv2/domainName:DomainName": "{domainName}",
    "aws:apigatewayv2/integration:Integration": "{word7}",
    "aws:apigatewayv2/route:Route": "{word7}",
    "aws:apigatewayv2/vpcLink:VpcLink": "{word6}",
    "aws:codeartifact/domain:Domain": "{arn_of}:domain/{domain}",
    "aws:codeartifact/repository:Repository": "{arn_of}:repository/{domain}/{repository}",
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": "{alarmName}",
    "aws:cloudwatch/dashboard:Dashboard": "{dashboardName}",
    "aws:cognito/resourceServer:ResourceServer": "{userPoolId}|{identifier}",
    "aws:cognito/userPool:UserPool": "{region}_{word9}",
    "aws:cognito/userPoolClient:UserPoolClient": "{word26}",
    "aws:cognito/userPoolDomain:UserPoolDomain": "{domain}",
    "aws:ec2/eip:Eip": "eipalloc-{hex17}",
    "aws:ec2/flowLog:FlowLog": "fl-{hex17}",
    "aws:ec2/internetGateway:InternetGateway": "igw-{hex17}",
    "aws:ec2/launchTemplate:LaunchTemplate": "lt-{hex17}",
    "aws:ec2/networkAcl:NetworkAcl": "acl-{hex17}",
    "aws:ec2/routeTable:RouteTable": "rtb-{hex17}",
    "aws:ec2/routeTableAssociation:RouteTableAssociation": "rtbassoc-{hex17}",
    "aws:ec2/securityGroup:SecurityGroup": "sg-{hex17}",
    "aws:ec2/subnet:Subnet": "subnet-{hex17}",
    "aws:ec2/vpc:Vpc": "vpc-{hex17}",
    "aws:ec2/vpcEndpoint:VpcEndpoint": "vpce-{hex17}",
    "aws:ecs/cluster:Cluster": "arn:aws:ecs:{region}:{account}:cluster/{name}",
    "aws:ecs/taskDefinition:TaskDefinition": "{family}",
    "aws:rds/instance:Instance": "db-{hex17}",
    "aws:s3/bucket:Bucket": "{bucket}",
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": "{bucket}",
    "aws:s3/bucketPolicy:BucketPolicy": "{bucket}",
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": "{bucket}",
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": "{bucket}",
    "aws:s3/bucketVersioning:BucketVersioning": "{bucket}",
    "aws:secretsmanager/secret:Secret": "arn:aws:secretsmanager:{region}:{account}:secret:{name}-AbCdEf",
    "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace": "ns-{word16}",
    "aws:servicediscovery/service:Service": "srv-{word16}",
    "aws:sfn/stateMachine:StateMachine": "arn:aws:states:{region}:{account}:stateMachine:{name}",
    "aws:sns/topic:Topic": "arn:aws:sns:{region}:{account}:{name}",
    "aws:sqs/queue:Queue": "https://sqs.{region}.amazonaws.com/{account}/{name}",
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": "sgr-{hex17}",
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": "sgr-{hex17}",
    # parts of their ARNs
    "aws:lb/listener:Listener": "{hex16}",
    "aws:lb/listenerRule:ListenerRule": "{hex16}",
    "aws:lb/loadBalancer:LoadBalancer": "{hex16}",
    "aws:lb/targetGroup:TargetGroup": "{hex16}",
    "aws:wafv2/webAcl:WebAcl": "{uuid}",
    "aws:autoscaling/group:Group": "{uuid}",
    "aws:lambda/eventSourceMapping:EventSourceMapping": "{uuid}",
}  # fmt: skip
_LETTERS: Final = string.ascii_lowercase + string.digits


def readable(_type: str, name: str, _inputs: Mapping[str, Any], _account: str, _region: str) -> str:
    """The Pulumi name and `-id`, whatever the type: whose an id is can be read from it."""
    return f"{name}-id"


def as_aws(type_: str, name: str, inputs: Mapping[str, Any], account: str, region: str) -> str:
    """An id in AWS's form, the same for the same type and name."""
    digest = hashlib.sha256(f"{type_} {name}".encode()).hexdigest()
    told = {key: value for key, value in inputs.items() if isinstance(value, str)}
    service = f"arn:aws:{type_.split(':')[1].split('/')[0]}:{region}:{account}"
    ours = {"name": told.get("name") or name, "account": account, "region": region, "uuid": _uuid(digest)}
    forms = {f"hex{count}": digest[:count] for count in (16, 17)}
    words = {f"word{count}": _word(digest, count) for count in (6, 7, 9, 10, 16, 26)}
    template = _TEMPLATES.get(type_, "{name}")
    return template.format_map(defaultdict(lambda: name, {**told, **ours, "arn_of": service, **forms, **words}))


def _word(digest: str, length: int) -> str:
    return "".join(_LETTERS[int(digest[at : at + 2], 16) % len(_LETTERS)] for at in range(length))


def _uuid(digest: str) -> str:
    return "-".join((digest[:8], digest[8:12], digest[12:16], digest[16:20], digest[20:32]))
