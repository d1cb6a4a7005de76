"""What runs and what carries messages: tasks, functions, workflows, balancers, queues, topics, the API.

Must never grant a wildcard action on every resource.
"""

from typing import Final

from tradai_iac.rights import ANY, API, ELB, TAGS, right

RIGHTS: Final = (
    right("ecs", "ecs", "CreateCluster", ANY),
    right(
        "ecs",
        "ecs",
        f"DeleteCluster DescribeClusters PutClusterCapacityProviders UpdateCluster ListTagsForResource {TAGS}",
        "arn:aws:ecs:{region}:{account}:cluster/{name}",
    ),
    right(
        "lambda",
        "lambda",
        "CreateFunction DeleteFunction GetFunction* ListVersionsByFunction UpdateFunctionCode"
        f" UpdateFunctionConfiguration AddPermission RemovePermission GetPolicy ListTags {TAGS}",
        "arn:aws:lambda:{region}:{account}:function:{name}",
    ),
    right("lambda", "lambda", "CreateEventSourceMapping", ANY),
    right(
        "lambda",
        "lambda",
        "GetEventSourceMapping UpdateEventSourceMapping DeleteEventSourceMapping ListTags TagResource UntagResource",
        "arn:aws:lambda:{region}:{account}:event-source-mapping:*",
    ),
    right(
        "lb",
        "elasticloadbalancing",
        "CreateLoadBalancer DeleteLoadBalancer ModifyLoadBalancerAttributes SetSecurityGroups SetSubnets"
        " CreateTargetGroup DeleteTargetGroup ModifyTargetGroup ModifyTargetGroupAttributes CreateListener"
        " DeleteListener ModifyListener ModifyListenerAttributes CreateRule DeleteRule ModifyRule"
        " SetRulePriorities AddTags RemoveTags",
        *(ELB + kind for kind in ("loadbalancer/app/{name}/*", "targetgroup/{target_group}/*")),
        *(ELB + kind for kind in ("listener/app/{name}/*", "listener-rule/app/{name}/*")),
    ),
    right(
        "lb",
        "elasticloadbalancing",
        "DescribeLoadBalancers DescribeLoadBalancerAttributes DescribeTargetGroups DescribeTags"
        " DescribeTargetGroupAttributes DescribeListeners DescribeListenerAttributes DescribeRules"
        " DescribeCapacityReservation",
        ANY,
    ),
    right(
        "sqs",
        "sqs",
        "CreateQueue DeleteQueue GetQueueAttributes GetQueueUrl SetQueueAttributes ListQueueTags TagQueue UntagQueue",
        "arn:aws:sqs:{region}:{account}:{fifo}",
    ),
    right(
        "sns",
        "sns",
        "CreateTopic DeleteTopic Publish GetTopicAttributes SetTopicAttributes Subscribe ListSubscriptionsByTopic"
        f" ListTagsForResource {TAGS}",
        "arn:aws:sns:{region}:{account}:{name}",
    ),
    right("sns", "sns", "GetSubscriptionAttributes SetSubscriptionAttributes Unsubscribe", ANY),
    right(
        "apigatewayv2",
        "apigateway",
        "GET POST PUT PATCH DELETE TagResource UntagResource",
        *(
            API + path
            for path in ("/apis", "/apis/*", "/vpclinks", "/vpclinks/*", "/domainnames", "/domainnames/*", "/tags/*")
        ),
    ),
)
