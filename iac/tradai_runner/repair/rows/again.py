"""The types whose creation is a setting: a second one overwrites the first with the same, so nothing is looked up.

Must never list a type of which there can be two, nor one whose second creation AWS refuses, nor one that nothing takes
along when it goes, or that keeps from going what it belongs to: a destroy would leave behind what the state has
forgotten, or stop at it.
"""

from typing import Final

AGAIN: Final = frozenset(
    {
        "aws:autoscaling/lifecycleHook:LifecycleHook",
        "aws:cloudwatch/logMetricFilter:LogMetricFilter",
        "aws:ecr/lifecyclePolicy:LifecyclePolicy",
        "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders",
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        "aws:s3/bucketPolicy:BucketPolicy",
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        "aws:s3/bucketVersioning:BucketVersioning",
        "aws:secretsmanager/secretRotation:SecretRotation",
        "aws:secretsmanager/secretVersion:SecretVersion",  # the version before it loses its label and expires
        "aws:sns/topicPolicy:TopicPolicy",
        "aws:sqs/queuePolicy:QueuePolicy",
    }
)
