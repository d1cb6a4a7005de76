"""The deploy role of an environment in a local account, with the policies that `tradai bootstrap account` prints.

Must never give it anything that the account's script does not.
"""

import json
from collections.abc import Callable
from typing import Any, Final

from tradai_iac.accounts import Account, managed_policies, trust_policy

ACCOUNT: Final = "123456789012"
REGION: Final = "eu-central-1"
#: What an operator presents for the examples' dev: namespace and name of the resource.
EXTERNAL_ID: Final = "tradai/dev"


def make_deploy_role(clients: Callable[[str], Any], environment: str) -> str:
    """Makes it by the account's own credentials; its ARN."""
    account = Account(account_id=ACCOUNT, region=REGION, environment=environment)
    trust = trust_policy([f"arn:aws:iam::{ACCOUNT}:root"], EXTERNAL_ID)
    iam = clients("iam")
    iam.create_role(RoleName=account.deploy_role, AssumeRolePolicyDocument=json.dumps(trust))
    for name, document in managed_policies(account).items():
        made = iam.create_policy(PolicyName=name, PolicyDocument=json.dumps(document, separators=(",", ":")))
        iam.attach_role_policy(RoleName=account.deploy_role, PolicyArn=made["Policy"]["Arn"])
    return account.deploy_role_arn
