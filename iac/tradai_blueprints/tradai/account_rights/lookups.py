"""What the runner itself asks, beside what the other topics read: a repair for what a dead run made, the look ahead for
quotas.

Must never grant anything that writes.
"""

from typing import Final

from tradai_iac.rights import ANY, right

RIGHTS: Final = (
    right("cognito", "cognito-idp", "ListUserPools", ANY),
    right("cognito", "cognito-idp", "ListUserPoolClients", "arn:aws:cognito-idp:{region}:{account}:userpool/*"),
    right("ecs", "ecs", "ListTaskDefinitions", ANY),
    right("iam", "iam", "ListPolicies ListOpenIDConnectProviders", ANY),
    right("iam", "iam", "ListPolicyTags", "arn:aws:iam::{account}:policy/{name}"),
    right("iam", "iam", "ListOpenIDConnectProviderTags", "arn:aws:iam::{account}:oidc-provider/*"),
    right("lambda", "lambda", "ListEventSourceMappings", ANY),
    right("s3", "s3", "ListAllMyBuckets", ANY),
    right("sns", "sns", "ListTopics", ANY),
    right("sfn", "states", "ListStateMachines", ANY),
    right("wafv2", "wafv2", "ListWebACLs", ANY),
    right("ec2 ecs lambda", "servicequotas", "GetServiceQuota", ANY),
)
