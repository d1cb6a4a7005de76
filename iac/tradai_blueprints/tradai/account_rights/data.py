"""Stores: buckets, tables, repositories, packages, the database, secrets.

Must never grant a wildcard action on every resource.
"""

from typing import Final

from tradai_iac.rights import ANY, KEYS, RDS, TAGS, right

RIGHTS: Final = (
    right(
        "s3",
        "s3",
        "CreateBucket DeleteBucket ListBucket ListBucketVersions GetBucket* PutBucket* DeleteBucketPolicy"
        f" Get*Configuration Put*Configuration ListTagsForResource {TAGS}",
        "arn:aws:s3:::{bucket}",
    ),
    right("s3", "s3", "GetObject PutObject DeleteObject", "arn:aws:s3:::{state_bucket}/*"),
    right("s3", "s3", "DeleteObject DeleteObjectVersion", "arn:aws:s3:::{bucket}/*", unless_protected=True),
    right(
        "dynamodb",
        "dynamodb",
        "CreateTable DeleteTable UpdateTable DescribeTable DescribeContinuousBackups DescribeTimeToLive"
        f" UpdateContinuousBackups UpdateTimeToLive ListTagsOfResource {TAGS}",
        "arn:aws:dynamodb:{region}:{account}:table/{name}",
    ),
    # a look for drift leaves a row there
    right("dynamodb", "dynamodb", "PutItem", "arn:aws:dynamodb:{region}:{account}:table/{drift_table}"),
    right(
        "ecr",
        "ecr",
        "CreateRepository DeleteRepository DescribeRepositories DescribeImages BatchGetImage GetDownloadUrlForLayer"
        " GetRepositoryPolicy SetRepositoryPolicy PutImageScanningConfiguration"
        " PutImageTagMutability PutLifecyclePolicy GetLifecyclePolicy DeleteLifecyclePolicy"
        f" ListTagsForResource {TAGS}",
        "arn:aws:ecr:{region}:{account}:repository/{path}",
    ),
    right("ecr", "ecr", "BatchDeleteImage", "arn:aws:ecr:{region}:{account}:repository/{path}", unless_protected=True),
    # who names a key, or lets a service choose one, has to be able to look at it; AWS's own say no more than that
    right("ecr rds", "kms", "DescribeKey", KEYS),
    right("codeartifact", "codeartifact", "CreateDomain CreateRepository", ANY),
    right(
        "codeartifact",
        "codeartifact",
        "DeleteDomain DescribeDomain DeleteRepository DescribeRepository"
        f" UpdateRepository GetRepositoryEndpoint ListTagsForResource {TAGS}",
        "arn:aws:codeartifact:{region}:{account}:domain/{name}",
        "arn:aws:codeartifact:{region}:{account}:repository/{name}/{name}",
    ),
    right(
        "rds",
        "rds",
        "CreateDBInstance DeleteDBInstance ModifyDBInstance RebootDBInstance CreateDBSnapshot"
        " CreateDBSubnetGroup ModifyDBSubnetGroup DeleteDBSubnetGroup CreateDBParameterGroup"
        " ModifyDBParameterGroup ResetDBParameterGroup DeleteDBParameterGroup AddTagsToResource"
        " RemoveTagsFromResource ListTagsForResource",
        *(RDS + kind for kind in ("db:{name}", "subgrp:{name}", "pg:{name}", "snapshot:{name}*")),
    ),
    # an instance names an option group at its creation, and a change of it names it again: that of its engine
    right("rds", "rds", "CreateDBInstance ModifyDBInstance", RDS + "og:default*"),
    right(
        "rds",
        "rds",
        "DescribeDBInstances DescribeDBSubnetGroups DescribeDBParameterGroups DescribeDBParameters",
        RDS + "*",
    ),
    right(
        "secretsmanager",
        "secretsmanager",
        "CreateSecret DeleteSecret DescribeSecret GetSecretValue PutSecretValue UpdateSecret"
        f" UpdateSecretVersionStage GetResourcePolicy {TAGS}",
        "arn:aws:secretsmanager:{region}:{account}:secret:{path}-*",
    ),
    right(
        "rds secretsmanager",
        "secretsmanager",
        "CreateSecret DescribeSecret RotateSecret CancelRotateSecret TagResource",
        "arn:aws:secretsmanager:{region}:{account}:secret:rds!db-*",
    ),
)
