"""The operator's own identity in a local account: a role with the policies that `tradai bootstrap account` gives it.

Must never give it anything that the account's script does not.
"""

import json
from collections.abc import Callable
from typing import Any, Final

from tests.deploy_role import ACCOUNT, REGION
from tradai_iac.accounts import Account, key_policy, own_policy

NAME: Final = "tradai-operator"


def make_key(clients: Callable[[str], Any]) -> str:
    """The key of an environment's states; its ARN."""
    return str(clients("kms").create_key(Description="Secrets of the Pulumi state")["KeyMetadata"]["Arn"])


def make_own_identity(clients: Callable[[str], Any], environment: str, key: str) -> dict[str, str]:
    """Makes the role, and begins a session of it; the variables by which a process has that."""
    account = Account(account_id=ACCOUNT, region=REGION, environment=environment)
    trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"}
    iam = clients("iam")
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = iam.create_role(RoleName=NAME, AssumeRolePolicyDocument=document)["Role"]["Arn"]
    for name, policy in (("state", own_policy(account)), ("state-key", key_policy(key))):
        iam.put_role_policy(RoleName=NAME, PolicyName=name, PolicyDocument=json.dumps(policy))
    session = clients("sts").assume_role(RoleArn=role, RoleSessionName="operator")["Credentials"]
    return {
        "AWS_ACCESS_KEY_ID": session["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": session["SecretAccessKey"],
        "AWS_SESSION_TOKEN": session["SessionToken"],
    }
