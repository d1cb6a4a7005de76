"""What an operation's right is called where it is not called as the operation.

Must never hold an operation whose right has its own name.
"""

from typing import Final

#: Operation → its actions, separated by spaces (AWS: "Actions, resources, and condition keys" of S3, SQS, SNS, Lambda).
ACTIONS: Final = {
    "s3:HeadBucket": "s3:ListBucket",
    "s3:ListObjects": "s3:ListBucket",
    "s3:ListObjectsV2": "s3:ListBucket",
    "s3:ListObjectVersions": "s3:ListBucketVersions",
    "s3:ListBuckets": "s3:ListAllMyBuckets",
    "s3:HeadObject": "s3:GetObject",
    "s3:CopyObject": "s3:GetObject s3:PutObject",
    "s3:CreateMultipartUpload": "s3:PutObject",
    "s3:UploadPart": "s3:PutObject",
    "s3:CompleteMultipartUpload": "s3:PutObject",
    "s3:ListMultipartUploads": "s3:ListBucketMultipartUploads",
    "s3:ListParts": "s3:ListMultipartUploadParts",
    "s3:DeleteObjects": "s3:DeleteObject",
    "s3:DeleteBucketTagging": "s3:PutBucketTagging",
    "s3:DeleteBucketCors": "s3:PutBucketCORS",
    "s3:GetBucketCors": "s3:GetBucketCORS",
    "s3:PutBucketCors": "s3:PutBucketCORS",
    "s3:GetBucketLifecycle": "s3:GetLifecycleConfiguration",
    "s3:GetBucketLifecycleConfiguration": "s3:GetLifecycleConfiguration",
    "s3:PutBucketLifecycle": "s3:PutLifecycleConfiguration",
    "s3:PutBucketLifecycleConfiguration": "s3:PutLifecycleConfiguration",
    "s3:DeleteBucketLifecycle": "s3:PutLifecycleConfiguration",
    "s3:GetBucketEncryption": "s3:GetEncryptionConfiguration",
    "s3:PutBucketEncryption": "s3:PutEncryptionConfiguration",
    "s3:DeleteBucketEncryption": "s3:PutEncryptionConfiguration",
    "s3:GetBucketReplication": "s3:GetReplicationConfiguration",
    "s3:GetBucketNotificationConfiguration": "s3:GetBucketNotification",
    "s3:PutBucketNotificationConfiguration": "s3:PutBucketNotification",
    "s3:GetBucketAccelerateConfiguration": "s3:GetAccelerateConfiguration",
    "s3:GetObjectLockConfiguration": "s3:GetBucketObjectLockConfiguration",
    "s3:GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock",
    "s3:PutPublicAccessBlock": "s3:PutBucketPublicAccessBlock",
    "s3:DeletePublicAccessBlock": "s3:PutBucketPublicAccessBlock",
    "s3:DeleteBucketOwnershipControls": "s3:PutBucketOwnershipControls",
    "lambda:Invoke": "lambda:InvokeFunction",
    "sqs:SendMessageBatch": "sqs:SendMessage",
    "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
    "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
    "sns:PublishBatch": "sns:Publish",
}

#: Operation → the action beside it where its parameters name a version of an object.
VERSIONED: Final = {
    "s3:GetObject": "s3:GetObjectVersion",
    "s3:HeadObject": "s3:GetObjectVersion",
    "s3:DeleteObject": "s3:DeleteObjectVersion",
    "s3:DeleteObjects": "s3:DeleteObjectVersion",
}

#: Operation → parameters that hand a role on, and the service that it is handed to (`iam:PassRole`).
PASSED: Final = {
    "ecs:RegisterTaskDefinition": (("taskRoleArn", "executionRoleArn"), "ecs-tasks"),
    "ecs:RunTask": (("taskRoleArn", "executionRoleArn"), "ecs-tasks"),
    "lambda:CreateFunction": (("Role",), "lambda"),
    "lambda:UpdateFunctionConfiguration": (("Role",), "lambda"),
    "states:CreateStateMachine": (("roleArn",), "states"),
    "states:UpdateStateMachine": (("roleArn",), "states"),
    "ec2:CreateFlowLogs": (("DeliverLogsPermissionArn",), "vpc-flow-logs"),
    "cloudtrail:CreateTrail": (("CloudWatchLogsRoleArn",), "cloudtrail"),
    "cloudtrail:UpdateTrail": (("CloudWatchLogsRoleArn",), "cloudtrail"),
    "events:PutTargets": (("RoleArn",), "events"),
    "apigateway:CreateIntegration": (("CredentialsArn",), "apigateway"),
    "apigateway:UpdateIntegration": (("CredentialsArn",), "apigateway"),
    "iam:AddRoleToInstanceProfile": (("RoleName",), "ec2"),
}

#: Prefix → the right that tags need which come with what is made; elsewhere it is `TagResource`.
TAGGING: Final = {
    "autoscaling": "CreateOrUpdateTags",
    "cloudtrail": "AddTags",
    "ec2": "CreateTags",
    "elasticloadbalancing": "AddTags",
    "rds": "AddTagsToResource",
    "sqs": "TagQueue",
}
#: The same of single operations.
TAGGING_OF: Final = {
    "iam:CreateRole": "TagRole",
    "iam:CreateInstanceProfile": "TagInstanceProfile",
    "iam:CreatePolicy": "TagPolicy",
}
#: Operation → what its tags are put on, where no parameter names that and only AWS knows what it will be called.
UNNAMED: Final = {"lambda:CreateEventSourceMapping": "arn:aws:lambda:{region}:{account}:event-source-mapping:*"}
#: How operations begin that make something.
MAKING: Final = ("Create", "Put", "Register", "Run", "Allocate")
