"""What runs on demand and finds each other: tasks, workflows, service discovery, scaling.

Must never grant a wildcard action on every resource.
"""

from typing import Final

from tradai_iac.rights import ANY, TAGS, right

RIGHTS: Final = (
    right(
        "ecs",
        "ecs",
        f"CreateService UpdateService DeleteService DescribeServices ListTagsForResource {TAGS}",
        "arn:aws:ecs:{region}:{account}:service/{name}/{name}",
        "arn:aws:ecs:{region}:{account}:task-definition/{name}:*",
    ),
    right("ecs", "ecs", "DescribeTasks StopTask", "arn:aws:ecs:{region}:{account}:task/{name}/*"),
    right("ecs", "ecs", "ListTasks", ANY),
    # whether a service has become steady is asked of its deployments
    right(
        "ecs",
        "ecs",
        "ListServiceDeployments DescribeServiceDeployments",
        "arn:aws:ecs:{region}:{account}:service/{name}/{name}",
        "arn:aws:ecs:{region}:{account}:service-deployment/{name}/{name}/*",
    ),
    right("ecs", "ecs", "RegisterTaskDefinition DeregisterTaskDefinition DescribeTaskDefinition", ANY),
    right(
        "sfn",
        "states",
        "CreateStateMachine UpdateStateMachine DeleteStateMachine DescribeStateMachine ListStateMachineVersions"
        f" ListTagsForResource {TAGS}",
        "arn:aws:states:{region}:{account}:stateMachine:{name}",
        "arn:aws:states:{region}:{account}:stateMachine:{name}:*",
    ),
    right("sfn", "states", "ValidateStateMachineDefinition", ANY),
    right(
        "servicediscovery",
        "servicediscovery",
        "CreatePrivateDnsNamespace CreateService GetNamespace GetOperation ListNamespaces ListServices"
        f" ListTagsForResource {TAGS}",
        ANY,
    ),
    right(
        "servicediscovery",
        "servicediscovery",
        "DeleteNamespace UpdatePrivateDnsNamespace GetService UpdateService DeleteService ListInstances"
        " DeregisterInstance",
        "arn:aws:servicediscovery:{region}:{account}:namespace/*",
        "arn:aws:servicediscovery:{region}:{account}:service/*",
    ),
    right(
        "servicediscovery",
        "route53",
        "CreateHostedZone DeleteHostedZone GetHostedZone ListHostedZonesByName ChangeResourceRecordSets"
        " AssociateVPCWithHostedZone",
        ANY,
    ),
    right(
        "appautoscaling",
        "application-autoscaling",
        "RegisterScalableTarget DeregisterScalableTarget PutScalingPolicy DeleteScalingPolicy ListTagsForResource"
        f" {TAGS}",
        "arn:aws:application-autoscaling:{region}:{account}:scalable-target/*",
    ),
    right(
        "appautoscaling",
        "application-autoscaling",
        "DescribeScalableTargets DescribeScalingPolicies",
        ANY,
    ),
)
