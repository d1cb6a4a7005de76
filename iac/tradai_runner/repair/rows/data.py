"""What keeps data, messages, secrets, logs, images and packages.

Data. Must never find a resource by anything that another could share.
"""

from typing import Final

from tradai_runner.repair.find import Find, Tags

_RDS_TAGS: Final = Tags("list_tags_for_resource", {"ResourceName": "$arn"}, "TagList")
_BY_ARN: Final = {"resourceArn": "$arn"}

ROWS: Final = (
    Find(
        "aws:s3/bucket:Bucket",
        "s3",
        "list_buckets",
        {},
        "Buckets[?Name=='$bucket'].{id: Name, made: CreationDate}",
        Tags("get_bucket_tagging", {"Bucket": "$id"}, "TagSet"),
        tagged_later=True,
    ),
    Find(
        "aws:dynamodb/table:Table",
        "dynamodb",
        "describe_table",
        {"TableName": "$name"},
        "[Table.{id: TableName, arn: TableArn, made: CreationDateTime, ready: TableStatus=='ACTIVE'}]",
        Tags("list_tags_of_resource", {"ResourceArn": "$arn"}, "Tags"),
        agrees=60.0,
    ),
    Find(
        "aws:rds/instance:Instance",
        "rds",
        "describe_db_instances",
        {"DBInstanceIdentifier": "$identifier"},
        "DBInstances[].{id: DbiResourceId, arn: DBInstanceArn, tags: TagList, made: InstanceCreateTime,"
        " ready: DBInstanceStatus=='available'}",
        own_ids=True,
    ),
    Find(
        "aws:rds/parameterGroup:ParameterGroup",
        "rds",
        "describe_db_parameter_groups",
        {"DBParameterGroupName": "$name"},
        "DBParameterGroups[].{id: DBParameterGroupName, arn: DBParameterGroupArn}",
        _RDS_TAGS,
    ),
    Find(
        "aws:rds/subnetGroup:SubnetGroup",
        "rds",
        "describe_db_subnet_groups",
        {"DBSubnetGroupName": "$name"},
        "DBSubnetGroups[].{id: DBSubnetGroupName, arn: DBSubnetGroupArn}",
        _RDS_TAGS,
    ),
    Find(
        "aws:secretsmanager/secret:Secret",
        "secretsmanager",
        "describe_secret",
        {"SecretId": "$name"},
        "[@][?ARN && !DeletedDate].{id: ARN, arn: ARN, tags: Tags, made: CreatedDate}",
        own_ids=True,
    ),
    Find(
        "aws:sqs/queue:Queue",
        "sqs",
        "get_queue_url",
        {"QueueName": "$name"},
        "[{id: QueueUrl}]",
        Tags("list_queue_tags", {"QueueUrl": "$id"}, "Tags"),
        agrees=60.0,
    ),
    Find(
        "aws:sns/topic:Topic",
        "sns",
        "list_topics",
        {},
        "Topics[?ends_with(TopicArn, ':$name')].{id: TopicArn, arn: TopicArn}",
        Tags("list_tags_for_resource", {"ResourceArn": "$id"}, "Tags"),
    ),
    Find(
        "aws:cloudwatch/logGroup:LogGroup",
        "logs",
        "describe_log_groups",
        {"logGroupNamePrefix": "$name"},
        "logGroups[?logGroupName=='$name'].{id: logGroupName, arn: logGroupArn, made: creationTime}",
        Tags("list_tags_for_resource", _BY_ARN, "tags"),
    ),
    Find(
        "aws:cloudtrail/trail:Trail",
        "cloudtrail",
        "get_trail",
        {"Name": "$name"},
        "[Trail.{id: TrailARN, arn: TrailARN}]",
        Tags("list_tags", {"ResourceIdList": ["$id"]}, "ResourceTagList[].TagsList[]"),
    ),
    Find(
        "aws:ecr/repository:Repository",
        "ecr",
        "describe_repositories",
        {"repositoryNames": ["$name"]},
        "repositories[].{id: repositoryName, arn: repositoryArn, made: createdAt}",
        Tags("list_tags_for_resource", _BY_ARN, "tags"),
    ),
    Find(
        "aws:codeartifact/domain:Domain",
        "codeartifact",
        "describe_domain",
        {"domain": "$domain"},
        "[domain.{id: arn, arn: arn, made: createdTime}]",
        Tags("list_tags_for_resource", _BY_ARN, "tags"),
    ),
    Find(
        "aws:codeartifact/repository:Repository",
        "codeartifact",
        "describe_repository",
        {"domain": "$domain", "repository": "$repository"},
        "[repository.{id: arn, arn: arn, made: createdTime}]",
        Tags("list_tags_for_resource", _BY_ARN, "tags"),
    ),
)
