"""Where Pulumi's properties have their places in CloudFormation's schemas, where the names alone do not tell.

Data. Must never have a property whose place its name tells, nor one that no program sets.
"""

from collections.abc import Mapping
from typing import Final

#: Type and, beneath it, `property place`: steps by `/`, `[]` for an item of a list, `.` for the object that it is in.
_PLACES: Final = """
aws:apigatewayv2/stage:Stage
    name StageName
aws:appautoscaling/policy:Policy
    name PolicyName
aws:autoscaling/group:Group
    name AutoScalingGroupName
    launchTemplate/id LaunchTemplateId
    initialLifecycleHooks LifecycleHookSpecificationList
    initialLifecycleHooks/name LifecycleHookName
aws:autoscaling/lifecycleHook:LifecycleHook
    name LifecycleHookName
aws:cloudtrail/trail:Trail
    name TrailName
    enableLogging IsLogging
    cloudWatchLogsGroupArn CloudWatchLogsLogGroupArn
aws:cloudwatch/eventTarget:EventTarget
    rule Name
    targetId Targets/[]/Id
    arn Targets/[]/Arn
    inputTransformer Targets/[]/InputTransformer
    inputTransformer/inputPaths InputPathsMap
    retryPolicy Targets/[]/RetryPolicy
aws:cloudwatch/logGroup:LogGroup
    name LogGroupName
aws:cloudwatch/metricAlarm:MetricAlarm
    name AlarmName
    metricQueries Metrics
    metricQueries/metric MetricStat
    metricQueries/metric/metricName Metric/MetricName
    metricQueries/metric/namespace Metric/Namespace
aws:codeartifact/domain:Domain
    domain DomainName
aws:codeartifact/repository:Repository
    repository RepositoryName
    domain DomainName
aws:cognito/userPool:UserPool
    name UserPoolName
    tags UserPoolTags
    passwordPolicy Policies/PasswordPolicy
aws:cognito/userPoolClient:UserPoolClient
    name ClientName
aws:dynamodb/table:Table
    name TableName
    attributes AttributeDefinitions
    attributes/name AttributeName
    attributes/type AttributeType
    globalSecondaryIndexes/name IndexName
    globalSecondaryIndexes/projectionType Projection/ProjectionType
    globalSecondaryIndexes/nonKeyAttributes Projection/NonKeyAttributes
    pointInTimeRecovery PointInTimeRecoverySpecification
    pointInTimeRecovery/enabled PointInTimeRecoveryEnabled
    serverSideEncryption SSESpecification
    serverSideEncryption/enabled SSEEnabled
    ttl TimeToLiveSpecification
aws:ec2/flowLog:FlowLog
    vpcId ResourceId
    iamRoleArn DeliverLogsPermissionArn
aws:ec2/launchTemplate:LaunchTemplate
    name LaunchTemplateName
    description VersionDescription
    imageId LaunchTemplateData/ImageId
    instanceType LaunchTemplateData/InstanceType
    userData LaunchTemplateData/UserData
    iamInstanceProfile LaunchTemplateData/IamInstanceProfile
    metadataOptions LaunchTemplateData/MetadataOptions
    networkInterfaces LaunchTemplateData/NetworkInterfaces
    networkInterfaces/securityGroups Groups
    blockDeviceMappings LaunchTemplateData/BlockDeviceMappings
    tagSpecifications LaunchTemplateData/TagSpecifications
aws:ec2/networkAclRule:NetworkAclRule
    fromPort PortRange/From
    toPort PortRange/To
aws:ec2/securityGroup:SecurityGroup
    name GroupName
    description GroupDescription
aws:ecr/lifecyclePolicy:LifecyclePolicy
    repository RepositoryName
    policy LifecyclePolicy/LifecyclePolicyText
aws:ecr/repository:Repository
    name RepositoryName
aws:ecs/cluster:Cluster
    name ClusterName
    settings ClusterSettings
aws:ecs/clusterCapacityProviders:ClusterCapacityProviders
    clusterName Cluster
aws:ecs/service:Service
    name ServiceName
    deploymentMaximumPercent DeploymentConfiguration/MaximumPercent
    deploymentMinimumHealthyPercent DeploymentConfiguration/MinimumHealthyPercent
    deploymentCircuitBreaker DeploymentConfiguration/DeploymentCircuitBreaker
    networkConfiguration NetworkConfiguration/AwsvpcConfiguration
    serviceRegistries ServiceRegistries/[]
aws:iam/instanceProfile:InstanceProfile
    name InstanceProfileName
    role Roles/[]
aws:iam/role:Role
    name RoleName
    assumeRolePolicy AssumeRolePolicyDocument
aws:iam/rolePolicy:RolePolicy
    name PolicyName
    role RoleName
    policy PolicyDocument
aws:lambda/function:Function
    name FunctionName
    imageUri Code/ImageUri
aws:lambda/permission:Permission
    function FunctionName
aws:lb/listener:Listener
    defaultActions/fixedResponse FixedResponseConfig
    defaultActions/redirect RedirectConfig
    certificateArn Certificates/[]/CertificateArn
aws:lb/listenerRule:ListenerRule
    conditions/pathPattern PathPatternConfig
aws:lb/loadBalancer:LoadBalancer
    loadBalancerType Type
aws:lb/targetGroup:TargetGroup
    healthCheck .
    healthCheck/interval HealthCheckIntervalSeconds
    healthCheck/path HealthCheckPath
    healthCheck/protocol HealthCheckProtocol
    healthCheck/timeout HealthCheckTimeoutSeconds
    healthCheck/healthyThreshold HealthyThresholdCount
    healthCheck/unhealthyThreshold UnhealthyThresholdCount
aws:rds/instance:Instance
    identifier DBInstanceIdentifier
    instanceClass DBInstanceClass
    parameterGroupName DBParameterGroupName
    username MasterUsername
    vpcSecurityGroupIds VPCSecurityGroups
aws:rds/parameterGroup:ParameterGroup
    name DBParameterGroupName
aws:rds/subnetGroup:SubnetGroup
    name DBSubnetGroupName
    description DBSubnetGroupDescription
aws:s3/bucket:Bucket
    bucket BucketName
aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration
    bucket BucketName
    rules LifecycleConfiguration/Rules
    rules/expiration .
    rules/expiration/days ExpirationInDays
    rules/transitions/days TransitionInDays
    rules/filter .
aws:s3/bucketPolicy:BucketPolicy
    policy PolicyDocument
aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock
    bucket BucketName
    blockPublicAcls PublicAccessBlockConfiguration/BlockPublicAcls
    blockPublicPolicy PublicAccessBlockConfiguration/BlockPublicPolicy
    ignorePublicAcls PublicAccessBlockConfiguration/IgnorePublicAcls
    restrictPublicBuckets PublicAccessBlockConfiguration/RestrictPublicBuckets
aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration
    bucket BucketName
    rules BucketEncryption/ServerSideEncryptionConfiguration
    rules/applyServerSideEncryptionByDefault ServerSideEncryptionByDefault
aws:s3/bucketVersioning:BucketVersioning
    bucket BucketName
aws:secretsmanager/secretRotation:SecretRotation
    rotateImmediately RotateImmediatelyOnUpdate
aws:sfn/stateMachine:StateMachine
    name StateMachineName
    type StateMachineType
    definition DefinitionString
    loggingConfiguration/logDestination Destinations/[]/CloudWatchLogsLogGroup/LogGroupArn
aws:sns/topic:Topic
    name TopicName
aws:sns/topicPolicy:TopicPolicy
    arn TopicArn
    policy PolicyDocument
aws:sns/topicSubscription:TopicSubscription
    topic TopicArn
aws:sqs/queue:Queue
    name QueueName
    messageRetentionSeconds MessageRetentionPeriod
    receiveWaitTimeSeconds ReceiveMessageWaitTimeSeconds
    visibilityTimeoutSeconds VisibilityTimeout
aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule
    securityGroupId GroupId
    referencedSecurityGroupId DestinationSecurityGroupId
    cidrIpv4 CidrIp
aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule
    securityGroupId GroupId
    referencedSecurityGroupId SourceSecurityGroupId
    cidrIpv4 CidrIp
"""

_STEERS: Final = "tells the provider how to go about it; AWS never hears of it"
_OTHERWISE: Final = (
    "CloudFormation spells it in another form: as a list of pairs, the schema of a key, a word for a flag"
)
_ITS_OWN: Final = "CloudFormation has it as a type of its own, or not at all"

#: Reason → type and, beneath it, its properties.
_NOWHERE: Final = {
    _STEERS: """
aws:autoscaling/group:Group
    instanceRefresh waitForCapacityTimeout
aws:ec2/launchTemplate:LaunchTemplate
    updateDefaultVersion
aws:ec2/securityGroup:SecurityGroup
    revokeRulesOnDelete
aws:ecr/repository:Repository
    forceDelete
aws:ecs/service:Service
    waitForSteadyState
aws:rds/instance:Instance
    skipFinalSnapshot finalSnapshotIdentifier
aws:s3/bucket:Bucket
    forceDestroy
aws:secretsmanager/secret:Secret
    recoveryWindowInDays
aws:servicediscovery/service:Service
    forceDestroy
""",
    _OTHERWISE: """
aws:cloudwatch/metricAlarm:MetricAlarm
    dimensions metricQueries/metric/dimensions
aws:cognito/userPool:UserPool
    softwareTokenMfaConfiguration
aws:dynamodb/table:Table
    hashKey rangeKey
aws:ecs/service:Service
    networkConfiguration/assignPublicIp
aws:lb/loadBalancer:LoadBalancer
    internal dropInvalidHeaderFields accessLogs
aws:lb/targetGroup:TargetGroup
    deregistrationDelay
""",
    _ITS_OWN: """
aws:ec2/internetGateway:InternetGateway
    vpcId
aws:ec2/launchTemplate:LaunchTemplate
    tags
aws:ec2/networkAcl:NetworkAcl
    subnetIds
aws:iam/instanceProfile:InstanceProfile
    tags
aws:lambda/permission:Permission
    statementId
aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule
    tags
aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule
    tags
""",
}


def _blocks(text: str) -> dict[str, list[str]]:
    """Lines that begin at the margin → the lines beneath them."""
    found: dict[str, list[str]] = {}
    for line in filter(None, text.splitlines()):
        if not line.startswith(" "):
            found[line] = []
        else:
            found[list(found)[-1]].append(line.strip())
    return found


def _nowhere() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for reason, text in _NOWHERE.items():
        for type_, lines in _blocks(text).items():
            found.setdefault(type_, {}).update({name: reason for line in lines for name in line.split()})
    return found


#: Type → property → its place.
NAMES: Final[Mapping[str, Mapping[str, str]]] = {
    type_: {name: place for name, _, place in (line.partition(" ") for line in lines)}
    for type_, lines in _blocks(_PLACES).items()
}
#: Type → property → why it has no place.
NOWHERE: Final[Mapping[str, Mapping[str, str]]] = _nowhere()
