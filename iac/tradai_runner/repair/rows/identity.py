"""Roles, policies and users (IAM, Cognito).

Data. Must never find a resource by anything that another could share.
"""

from typing import Final

from tradai_runner.repair.find import Find, Tags

_POOL: Final = {"UserPoolId": "$userPoolId"}

ROWS: Final = (
    Find(
        "aws:iam/role:Role",
        "iam",
        "get_role",
        {"RoleName": "$name"},
        "[Role.{id: RoleName, arn: Arn, tags: Tags, made: CreateDate}]",
    ),
    Find(  # as long as a role has one of these two, AWS does not let it go
        "aws:iam/rolePolicy:RolePolicy",
        "iam",
        "get_role_policy",
        {"RoleName": "$role", "PolicyName": "$name"},
        "[@][?PolicyName].{id: join(':', ['$role', PolicyName])}",
    ),
    Find(
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        "iam",
        "list_attached_role_policies",
        {"RoleName": "$role"},
        "AttachedPolicies[?PolicyArn=='$policyArn'].{id: join('/', ['$role', PolicyArn])}",
    ),
    Find(
        "aws:iam/policy:Policy",
        "iam",
        "list_policies",
        {"Scope": "Local"},
        "Policies[?PolicyName=='$name'].{id: Arn, arn: Arn, made: CreateDate}",
        Tags("list_policy_tags", {"PolicyArn": "$id"}, "Tags"),
    ),
    Find(
        "aws:iam/instanceProfile:InstanceProfile",
        "iam",
        "get_instance_profile",
        {"InstanceProfileName": "$name"},
        "[InstanceProfile.{id: InstanceProfileName, arn: Arn, tags: Tags, made: CreateDate}]",
    ),
    Find(
        "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
        "iam",
        "list_open_id_connect_providers",
        {},
        "OpenIDConnectProviderList[].{id: Arn, arn: Arn}",
        Tags("list_open_id_connect_provider_tags", {"OpenIDConnectProviderArn": "$id"}, "Tags"),
    ),
    Find(
        "aws:cognito/userPool:UserPool",
        "cognito-idp",
        "list_user_pools",
        {"MaxResults": 60},
        "UserPools[?Name=='$name'].{id: Id, made: CreationDate}",
        Tags("describe_user_pool", {"UserPoolId": "$id"}, "UserPool.UserPoolTags"),
        own_ids=True,
    ),
    Find(
        "aws:cognito/userPoolClient:UserPoolClient",
        "cognito-idp",
        "list_user_pool_clients",
        _POOL,
        "UserPoolClients[?ClientName=='$name'].{id: ClientId}",
        own_ids=True,
    ),
    Find(
        "aws:cognito/userPoolDomain:UserPoolDomain",
        "cognito-idp",
        "describe_user_pool_domain",
        {"Domain": "$domain"},
        "[DomainDescription][?UserPoolId=='$userPoolId'].{id: Domain}",
    ),
    Find(
        "aws:cognito/resourceServer:ResourceServer",
        "cognito-idp",
        "describe_resource_server",
        {**_POOL, "Identifier": "$identifier"},
        "[ResourceServer][?Identifier].{id: join('|', [UserPoolId, Identifier])}",
    ),
)
