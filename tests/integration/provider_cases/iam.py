"""Roles, policies and instance profiles."""

import json
from typing import Any, Final

from tests.integration.provider_cases.case import Aws, Case, Props, Ref


def _trust(service: str) -> str:
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": f"{service}.amazonaws.com"}}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _allow(action: str) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]})


def _role(aws: Aws, state: Props) -> Any:
    role = aws("iam").get_role(RoleName=state["id"])["Role"]
    trusted = role["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]["Service"]
    return {"trusts": trusted, "says": role["Description"], "tags": {t["Key"]: t["Value"] for t in role["Tags"]}}


def _inline(aws: Aws, state: Props) -> Any:
    found = aws("iam").get_role_policy(RoleName=state["role"], PolicyName=state["name"])
    return found["PolicyDocument"]["Statement"][0]["Action"]


def _managed(aws: Aws, state: Props) -> Any:
    version = aws("iam").get_policy(PolicyArn=state["id"])["Policy"]["DefaultVersionId"]
    found = aws("iam").get_policy_version(PolicyArn=state["id"], VersionId=version)
    return found["PolicyVersion"]["Document"]["Statement"][0]["Action"]


def _attached(aws: Aws, state: Props) -> Any:
    return [p["PolicyName"] for p in aws("iam").list_attached_role_policies(RoleName=state["role"])["AttachedPolicies"]]


def _profile(aws: Aws, state: Props) -> Any:
    found = aws("iam").get_instance_profile(InstanceProfileName=state["id"])["InstanceProfile"]
    return [role["RoleName"] for role in found["Roles"]]


def _issuer(aws: Aws, state: Props) -> Any:
    found = aws("iam").get_open_id_connect_provider(OpenIDConnectProviderArn=state["id"])
    tags = {t["Key"]: t["Value"] for t in found["Tags"]}
    return [sorted(found["ClientIDList"]), [t[0] for t in found["ThumbprintList"]], tags]


CASES: Final = (
    Case(
        "iam.role",
        "aws:iam/role:Role",
        {"name": "case-role", "assume_role_policy": _trust("ecs"), "description": "one", "tags": {"a": "1"}},
        _role,
        {"trusts": "ecs.amazonaws.com", "says": "one", "tags": {"a": "1"}},
        update={"assume_role_policy": _trust("lambda"), "description": "two", "tags": {"b": "2"}},
        updated={"trusts": "lambda.amazonaws.com", "says": "two", "tags": {"b": "2"}},
        meddle=lambda aws, state: aws("iam").update_assume_role_policy(
            RoleName=state["id"], PolicyDocument=_trust("ec2")
        ),
        drifted=frozenset({"assumeRolePolicy"}),
        replace={"name": "case-role-2"},
    ),
    Case(
        "iam.inline",
        "aws:iam/rolePolicy:RolePolicy",
        {"name": "case-inline", "role": Ref("iam.role", "name"), "policy": _allow("s3:GetObject")},
        _inline,
        "s3:GetObject",
        update={"policy": _allow("s3:PutObject")},
        updated="s3:PutObject",
        meddle=lambda aws, state: aws("iam").put_role_policy(
            RoleName=state["role"], PolicyName=state["name"], PolicyDocument=_allow("s3:ListBucket")
        ),
        drifted=frozenset({"policy"}),
        replace={"name": "case-inline-2"},
    ),
    Case(
        "iam.policy",
        "aws:iam/policy:Policy",
        {"name": "case-policy", "policy": _allow("sqs:SendMessage"), "description": "managed"},
        _managed,
        "sqs:SendMessage",
        update={"policy": _allow("sqs:DeleteMessage")},
        updated="sqs:DeleteMessage",
        meddle=lambda aws, state: aws("iam").create_policy_version(
            PolicyArn=state["id"], PolicyDocument=_allow("sqs:PurgeQueue"), SetAsDefault=True
        ),
        drifted=frozenset({"policy"}),
        replace={"description": "managed anew"},
    ),
    Case(
        "iam.attachment",
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        {"role": Ref("iam.role", "name"), "policy_arn": Ref("iam.policy", "arn")},
        _attached,
        ["case-policy"],
        import_id=lambda state: f"{state['role']}/{state['policyArn']}",
    ),
    Case(
        "iam.profile",
        "aws:iam/instanceProfile:InstanceProfile",
        {"name": "case-profile", "role": Ref("iam.role", "name")},
        _profile,
        ["case-role"],
        replace={"name": "case-profile-2"},
    ),
    Case(
        "iam.issuer",
        "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
        {
            "url": "https://issuer.case.example",
            "client_id_lists": ["sts.amazonaws.com", "other"],
            "thumbprint_lists": ["a" * 40],
            "tags": {"a": "1"},
        },
        _issuer,
        [["other", "sts.amazonaws.com"], ["a"], {"a": "1"}],
        update={
            "client_id_lists": ["sts.amazonaws.com", "third"],
            "thumbprint_lists": ["b" * 40],
            "tags": {"a": "2"},
        },
        updated=[["sts.amazonaws.com", "third"], ["b"], {"a": "2"}],
        meddle=lambda aws, state: aws("iam").add_client_id_to_open_id_connect_provider(
            OpenIDConnectProviderArn=state["id"], ClientID="theirs"
        ),
        drifted=frozenset({"clientIdLists"}),
        replace={"url": "https://issuer-2.case.example"},
    ),
)
