"""What runs: containers, functions, fleets, balancers, workflows.

Data. Must never find a resource by anything that another could share.
"""

from typing import Final

from tradai_runner.repair.find import Find, Tags

_BALANCER_TAGS: Final = Tags("describe_tags", {"ResourceArns": ["$id"]}, "TagDescriptions[0].Tags")

ROWS: Final = (
    Find(
        "aws:autoscaling/group:Group",
        "autoscaling",
        "describe_auto_scaling_groups",
        {"AutoScalingGroupNames": ["$name"]},
        "AutoScalingGroups[].{id: AutoScalingGroupName, arn: AutoScalingGroupARN, tags: Tags, made: CreatedTime}",
    ),
    Find(
        "aws:lb/loadBalancer:LoadBalancer",
        "elbv2",
        "describe_load_balancers",
        {"Names": ["$name"]},
        "LoadBalancers[].{id: LoadBalancerArn, arn: LoadBalancerArn, made: CreatedTime, ready: State.Code=='active'}",
        _BALANCER_TAGS,
        own_ids=True,
    ),
    Find(
        "aws:lb/targetGroup:TargetGroup",
        "elbv2",
        "describe_target_groups",
        {"Names": ["$name"]},
        "TargetGroups[].{id: TargetGroupArn, arn: TargetGroupArn}",
        _BALANCER_TAGS,
        own_ids=True,
    ),
    Find(
        "aws:lb/listener:Listener",
        "elbv2",
        "describe_listeners",
        {"LoadBalancerArn": "$loadBalancerArn"},
        "Listeners[?Port==`$port`].{id: ListenerArn, arn: ListenerArn}",
        _BALANCER_TAGS,
        own_ids=True,
    ),
    Find(
        "aws:lb/listenerRule:ListenerRule",
        "elbv2",
        "describe_rules",
        {"ListenerArn": "$listenerArn"},
        "Rules[?Priority=='$priority'].{id: RuleArn, arn: RuleArn}",
        _BALANCER_TAGS,
        own_ids=True,
    ),
    Find(
        "aws:ecs/cluster:Cluster",
        "ecs",
        "describe_clusters",
        {"clusters": ["$name"], "include": ["TAGS"]},
        "clusters[?status!='INACTIVE'].{id: clusterArn, arn: clusterArn, tags: tags}",
    ),
    Find(
        "aws:ecs/service:Service",
        "ecs",
        "describe_services",
        {"cluster": "$cluster", "services": ["$name"], "include": ["TAGS"]},
        "services[?status=='ACTIVE'].{id: serviceArn, arn: serviceArn, tags: tags, made: createdAt}",
    ),
    Find(
        "aws:ecs/taskDefinition:TaskDefinition",
        "ecs",
        "list_task_definitions",
        {"familyPrefix": "$family", "status": "ACTIVE"},
        "taskDefinitionArns[].{id: '$family', arn: @}",
        Tags("list_tags_for_resource", {"resourceArn": "$arn"}, "tags"),
        own_ids=True,
    ),
    Find(
        "aws:lambda/function:Function",
        "lambda",
        "get_function",
        {"FunctionName": "$name"},
        "[@][?Configuration].{id: Configuration.FunctionName, arn: Configuration.FunctionArn, tags: Tags,"
        " ready: Configuration.State!='Pending'}",
    ),
    Find(
        "aws:lambda/eventSourceMapping:EventSourceMapping",
        "lambda",
        "list_event_source_mappings",
        {"FunctionName": "$functionName", "EventSourceArn": "$eventSourceArn"},
        "EventSourceMappings[].{id: UUID, ready: State!='Creating'}",
        own_ids=True,
    ),
    Find(
        "aws:lambda/permission:Permission",
        "lambda",
        "get_policy",
        {"FunctionName": "$function"},
        "Policy.Statement[?Sid=='$statementId'].{id: Sid}",
        parsed="Policy",
    ),
    Find(
        "aws:sfn/stateMachine:StateMachine",
        "stepfunctions",
        "list_state_machines",
        {},
        "stateMachines[?name=='$name'].{id: stateMachineArn, arn: stateMachineArn, made: creationDate}",
        Tags("list_tags_for_resource", {"resourceArn": "$id"}, "tags"),
    ),
    Find(
        "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace",
        "servicediscovery",
        "list_namespaces",
        {},
        "Namespaces[?Name=='$name'].{id: Id, arn: Arn}",
        Tags("list_tags_for_resource", {"ResourceARN": "$arn"}, "Tags"),
        own_ids=True,
    ),
    Find(
        "aws:servicediscovery/service:Service",
        "servicediscovery",
        "list_services",
        {},
        "Services[?Name=='$name'].{id: Id, arn: Arn}",
        Tags("list_tags_for_resource", {"ResourceARN": "$arn"}, "Tags"),
        own_ids=True,
    ),
)
