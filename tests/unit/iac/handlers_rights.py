"""Rights that AWS's own handlers of a type ask for and that the deploy role goes without, each with its reason.

Must never hold a right that the role has, or that no handler of a used type asks for.
"""

from typing import Final

_ANOTHER_FEATURE: Final = "a feature of the type that no program of ours switches on"
_ANOTHER_KIND: Final = "for kinds of resources that no program of ours makes"
_LISTS: Final = "CloudFormation lists all resources of the account; the engine reads those that it knows"
_AWS_OWN_KEY: Final = "for a key of the customer's own; ours are AWS's"
_ITS_OWN_SERVICE: Final = "the service itself does it"
_PATTERN: Final = "a pattern for all that may be read; what is really read has a right by its name"
_NO_ACTION: Final = "no action that the reference knows: a call's or an event's name"

#: Reason → the rights, separated by spaces.
_UNWANTED: Final = {
    _ANOTHER_FEATURE: """
        CloudTrail:GetEventConfiguration CloudTrail:GetInsightSelectors CloudTrail:PutEventConfiguration
        CloudTrail:PutEventSelectors CloudTrail:PutInsightSelectors organizations:DescribeOrganization
        organizations:ListAWSServiceAccessForOrganization iam:DescribeOrganization payments:GetConnectedAccount
        apigateway:AddCertificateToDomain apigateway:RemoveCertificateFromDomain cloudfront:updateDistribution
        application-autoscaling:DeleteScheduledAction application-autoscaling:DescribeScheduledActions
        application-autoscaling:PutScheduledAction cloudwatch:GetMetricData
        lambda:DeleteProvisionedConcurrencyConfig lambda:GetProvisionedConcurrencyConfig
        lambda:PutProvisionedConcurrencyConfig
        autoscaling:AttachLoadBalancers autoscaling:AttachTrafficSources autoscaling:DetachLoadBalancers
        autoscaling:DetachTrafficSources autoscaling:DeleteNotificationConfiguration
        autoscaling:PutNotificationConfiguration autoscaling:DisableMetricsCollection
        autoscaling:EnableMetricsCollection autoscaling:ResumeProcesses autoscaling:SuspendProcesses
        codeartifact:AssociateExternalConnection codeartifact:AssociateWithDownstreamRepository
        codeartifact:DisassociateExternalConnection codeartifact:DeleteDomainPermissionsPolicy
        codeartifact:GetDomainPermissionsPolicy codeartifact:PutDomainPermissionsPolicy
        codeartifact:DeleteRepositoryPermissionsPolicy codeartifact:GetRepositoryPermissionsPolicy
        codeartifact:PutRepositoryPermissionsPolicy
        cognito-idp:AddCustomAttributes cognito-idp:ListUserPoolClientSecrets
        dynamodb:AssociateTableReplica dynamodb:CreateTableReplica dynamodb:BatchWriteItem dynamodb:DeleteItem
        dynamodb:GetItem dynamodb:Query dynamodb:Scan dynamodb:UpdateItem
        dynamodb:DeleteResourcePolicy dynamodb:GetResourcePolicy dynamodb:PutResourcePolicy
        dynamodb:DescribeContributorInsights dynamodb:UpdateContributorInsights dynamodb:DescribeImport
        dynamodb:ImportTable dynamodb:DescribeKinesisStreamingDestination
        dynamodb:DisableKinesisStreamingDestination dynamodb:EnableKinesisStreamingDestination
        dynamodb:UpdateKinesisStreamingDestination kinesis:DescribeStream kinesis:PutRecords logs:CreateLogStream
        logs:DescribeLogStreams logs:PutLogEvents
        ec2:AcceptAddressTransfer ec2:AssociateAddress ec2:AssociateSubnetCidrBlock
        ec2:DisassociateSubnetCidrBlock ec2:CreateVpcEncryptionControl ec2:DescribeVpcEncryptionControls
        ec2:DescribeIpamPools ec2:ModifyVpcTenancy
        ec2:UpdateSecurityGroupRuleDescriptionsEgress ec2:UpdateSecurityGroupRuleDescriptionsIngress
        ecs:DescribeCapacityProviders ecs:PutAccountSetting ecs:PutAccountSettingDefault
        ecs:StopServiceDeployment ecs:UpdateClusterSettings
        elasticfilesystem:DescribeMountTargets s3files:ListMountTargets
        elasticloadbalancing:DeregisterTargets elasticloadbalancing:RegisterTargets
        elasticloadbalancing:ModifyCapacityReservation elasticloadbalancing:ModifyIpPools
        elasticloadbalancing:SetIpAddressType
        firehose:ListDeliveryStreams firehose:TagDeliveryStream
        iam:AttachRolePolicy iam:DetachRolePolicy iam:DeleteRolePermissionsBoundary iam:PutRolePermissionsBoundary
        lambda:AssociateRuntimeAlias lambda:DeleteFunctionCodeSigningConfig lambda:GetCodeSigningConfig
        lambda:PutFunctionCodeSigningConfig lambda:DeleteFunctionConcurrency lambda:PutFunctionConcurrency
        lambda:GetLayerVersion lambda:GetRuntimeManagementConfig lambda:PutRuntimeManagementConfig
        lambda:PassCapacityProvider lambda:PublishVersion lambda:PutFunctionRecursionConfig
        lambda:PutFunctionScalingConfig
        logs:DeleteDataProtectionPolicy logs:GetDataProtectionPolicy logs:PutDataProtectionPolicy
        logs:DeleteIndexPolicy logs:DescribeIndexPolicies logs:PutIndexPolicy logs:PutBearerTokenAuthentication
        logs:PutLogGroupDeletionProtection logs:DeleteResourcePolicy
        rds:AddRoleToDBInstance rds:RemoveRoleFromDBInstance rds:CreateDBInstanceReadReplica rds:PromoteReadReplica
        rds:DescribeDBClusterSnapshots rds:DescribeDBClusters rds:DescribeDBSnapshots
        rds:DescribeDBInstanceAutomatedBackups rds:RestoreDBInstanceFromDBSnapshot
        rds:RestoreDBInstanceToPointInTime rds:StartDBInstanceAutomatedBackupsReplication
        rds:StopDBInstanceAutomatedBackupsReplication rds:DescribeDBEngineVersions
        rds:DescribeEngineDefaultParameters rds:DescribeEvents
        s3:CreateBucketMetadataTableConfiguration s3:DeleteBucketMetadataTableConfiguration
        s3:UpdateBucketMetadataAnnotationTableConfiguration s3:UpdateBucketMetadataInventoryTableConfiguration
        s3:UpdateBucketMetadataJournalTableConfiguration s3:DeleteBucketWebsite s3:GetObjectVersion s3:PutObjectAcl
        s3tables:CreateNamespace s3tables:CreateTable s3tables:CreateTableBucket s3tables:GetTable
        s3tables:GetTableMetadataLocation s3tables:PutTableBucketPolicy s3tables:PutTableEncryption
        s3tables:PutTablePolicy s3tables:UpdateTableMetadataLocation
        ecr:DeleteRepositoryPolicy secretsmanager:GetRandomPassword secretsmanager:RemoveRegionsFromReplication
        secretsmanager:ReplicateSecretToRegions lambda:InvokeFunction
        servicediscovery:DeleteServiceAttributes servicediscovery:GetServiceAttributes
        servicediscovery:UpdateServiceAttributes sns:GetDataProtectionPolicy sns:PutDataProtectionPolicy
        wafv2:GetPermissionPolicy wafv2:PutPermissionPolicy
        """,
    _ANOTHER_KIND: """
        amplify:AssociateWebACL amplify:DisassociateWebACL amplify:GetWebACLForResource apigateway:SetWebACL
        apprunner:AssociateWebAcl apprunner:DescribeWebAclForService apprunner:DisassociateWebAcl
        appsync:AssociateWebACL appsync:DisassociateWebACL appsync:GetWebACLForResource appsync:SetWebACL
        bedrock-agentcore:GatewayAssociateWebACL bedrock-agentcore:GatewayDisassociateWebACL
        bedrock-agentcore:GatewayGetWebACLForResource cognito-idp:AssociateWebACL
        cognito-idp:DisassociateWebACL cognito-idp:GetWebACLForResource
        ec2:AssociateVerifiedAccessInstanceWebAcl ec2:DescribeVerifiedAccessInstanceWebAclAssociations
        ec2:DisassociateVerifiedAccessInstanceWebAcl ec2:GetVerifiedAccessInstanceWebAcl
        vpc-lattice:CreateServiceNetworkVpcEndpointAssociation vpc-lattice:DeregisterTargets
        vpc-lattice:DescribeServiceNetworkVpcEndpointAssociation vpc-lattice:GetTargetGroup
        vpc-lattice:ListTargets vpc-lattice:RegisterTargets vpce:AllowMultiRegion
        managed-fleets:CreateAutoScalingGroup managed-fleets:DeleteAutoScalingGroup
        managed-fleets:DeregisterAutoScalingGroup managed-fleets:Get* managed-fleets:RegisterAutoScalingGroup
        managed-fleets:UpdateAutoScalingGroup
        """,
    _LISTS: """
        CloudTrail:ListTrails cloudwatch:ListDashboards codeartifact:ListDomains codeartifact:ListRepositories
        cognito-idp:ListResourceServers dynamodb:ListTables ecs:ListClusters ecs:ListServices events:ListRules
        iam:ListInstanceProfiles iam:ListRoles lambda:ListFunctions secretsmanager:ListSecrets
        sns:ListSubscriptions sqs:ListQueues wafv2:ListLoggingConfigurations
        """,
    _AWS_OWN_KEY: """
        kms:CreateGrant kms:Decrypt kms:Encrypt kms:GenerateDataKey kms:GenerateDataKeyWithoutPlaintext kms:ListAliases
        kms:ReEncryptFrom kms:ReEncryptTo kms:RetireGrant kms:RevokeGrant logs:AssociateKmsKey logs:DisassociateKmsKey
        """,
    _ITS_OWN_SERVICE: "iam:DeleteServiceLinkedRole iam:GetServiceLinkedRoleDeletionStatus",
    _PATTERN: "autoscaling:Describe* ec2:Describe* ec2:Get* elasticloadbalancing:Describe* ssm:Get*",
    _NO_ACTION: """
        s3:DeleteBucketAnalyticsConfiguration s3:DeleteBucketCors s3:DeleteBucketEncryption s3:DeleteBucketLifecycle
        s3:DeleteBucketMetricsConfiguration s3:DeleteBucketReplication s3:GetObjectMetadata s3:REST.PUT.OBJECT
        """,
}

#: Right → why the role goes without it.
UNWANTED: Final = {right: reason for reason, rights in _UNWANTED.items() for right in rights.split()}
