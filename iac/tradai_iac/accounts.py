"""How a real account is prepared for an environment: state bucket, key, deploy role (001 §9 prerequisites).

Names, rights and trust. Must never touch an account: `account_script` prints what people run.
"""

import itertools
import string
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

from pydantic import Field, field_validator

from tradai_iac.base import Frozen
from tradai_iac.blueprint import Blueprint
from tradai_iac.blueprints import BUILDABLE, DEFAULT
from tradai_iac.naming import RESERVED_SUFFIX, SUFFIX_PATTERN, Naming
from tradai_iac.own_rights import key_statement, own_statements
from tradai_iac.rights import Right
from tradai_iac.settings import Settings
from tradai_iac.state_bucket import COMPONENT

_VERSION: Final = "2012-10-17"

#: What the role may never do to itself, or to the state bucket, although their names fit the patterns.
_SELF_ACTIONS: Final = (
    "iam:DeleteRole",
    "iam:DeleteRolePolicy",
    "iam:PassRole",
    "iam:PutRolePolicy",
    "iam:UpdateAssumeRolePolicy",
)
_STATE_ACTIONS: Final = (
    "s3:DeleteBucket",
    "s3:DeleteBucketPolicy",
    "s3:DeleteObjectVersion",
)

#: A field of an ARN template → its values in one environment.
Values = Mapping[str, Sequence[str]]


class Account(Frozen):
    """The account, region and environment that are prepared, and for which system.

    `allow_destroy` gives the role also what a protected environment's data can be deleted with; `bucket_suffix` is what
    the names of the environment's buckets end with, as its manifest says.
    """

    account_id: str = Field(pattern=r"^[0-9]{12}$")
    region: str = Field(pattern=r"^[a-z]{2}(-[a-z]+)+-[0-9]$")
    environment: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    blueprint: str = DEFAULT
    allow_destroy: bool = False
    bucket_suffix: str = Field(default="", pattern=rf"^({SUFFIX_PATTERN})?$")

    @field_validator("bucket_suffix")
    @classmethod
    def _is_free(cls, suffix: str) -> str:
        if suffix == RESERVED_SUFFIX:
            raise ValueError(f"S3 keeps names that end with -{RESERVED_SUFFIX} for itself")
        return suffix

    @property
    def declared(self) -> Blueprint:
        """What the system declares; raises ValueError for one that is not installed, or says nothing of its rights."""
        if self.blueprint not in BUILDABLE:
            raise ValueError(f"no blueprint is called {self.blueprint!r}: there are {', '.join(BUILDABLE)}")
        found = BUILDABLE[self.blueprint]
        if not found.rights:
            raise ValueError(f"blueprint {found.name} declares no rights: it is not for a real account")
        return found

    @property
    def naming(self) -> Naming:
        """Names of the environment."""
        return Naming(self.declared.project, self.environment, self.bucket_suffix)

    @property
    def settings(self) -> Settings:
        """Values of the environment; raises ValueError for a name that is none."""
        return self.declared.settings(self.environment)

    @property
    def state_bucket(self) -> str:
        """The bucket of the state backend."""
        return self.naming.name(COMPONENT, kind="s3-bucket")

    @property
    def deploy_role(self) -> str:
        """The role that the operator assumes."""
        return self.naming.name("deploy", kind="iam-role")

    @property
    def deploy_role_arn(self) -> str:
        """Its ARN."""
        return f"arn:aws:iam::{self.account_id}:role/{self.deploy_role}"


class Trust(Frozen):
    """The identities of operator and runners, and the external id that they must present (in IAM's own spelling)."""

    operator_arns: tuple[Annotated[str, Field(pattern=r"^arn:aws:(iam|sts)::[0-9]{12}:[A-Za-z0-9+=,.@_/-]+$")], ...]
    external_id: str = Field(min_length=2, max_length=1224, pattern=r"^[A-Za-z0-9+=,.@:/_-]+$")


def bootstrap_policy(account: Account) -> dict[str, Any]:
    """The deploy role's IAM policy over what the blueprint's layers use in that environment, as one document."""
    pieces = managed_policies(account).values()
    return document([statement for piece in pieces for statement in piece["Statement"]])


def managed_policies(account: Account) -> dict[str, dict[str, Any]]:
    """The same in pieces that IAM takes: name of a managed policy → its document."""
    values = values_of(account)
    protected = account.environment in account.declared.protected and not account.allow_destroy
    documents = {
        account.naming.name(f"deploy-{topic}"): [
            _statement(right, values) for right in rights if not (protected and right.unless_protected)
        ]
        for topic, rights in account.declared.rights.items()
    }
    documents[account.naming.name("deploy-never")] = _never(account)
    return {name: document(statements) for name, statements in documents.items()}


def own_policy(account: Account) -> dict[str, Any]:
    """What operator and runner may do there as themselves; the states' key aside, which has no name before it is."""
    return document(own_statements(account.state_bucket, account.deploy_role_arn))


def key_policy(key_arn: str) -> dict[str, Any]:
    """The right to use the key of the states, and no other."""
    return document([key_statement(key_arn)])


def trust_policy(operator_arns: Sequence[str], external_id: str) -> dict[str, Any]:
    """Who may assume the deploy role: operator and runners, and only with the external id that was agreed on.

    Raises ValueError for an ARN or an external id that AWS would not take.
    """
    trust = Trust(operator_arns=tuple(operator_arns), external_id=external_id)
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": list(trust.operator_arns)},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": trust.external_id}},
    }
    return document([statement])


def values_of(account: Account) -> Values:
    """What the templates of a right may name; a pattern stands for every name of its kind in the environment."""
    naming = account.naming
    return {
        "account": [account.account_id],
        "region": [account.region],
        "application": [account.settings.tags.application],
        "environment": [account.environment],
        "state_bucket": [account.state_bucket],
        "name": [naming.name("*")],
        "bucket": [naming.name("*", kind="s3-bucket")],
        "path": [naming.path("*")],
        "fifo": [naming.fifo("*")],
        # Some services want the names of their log groups to begin in their own way.
        "log_group": [naming.name("*"), naming.waf_log_group, naming.vended_log_group("states", "*")],
        "drift_table": [naming.name(account.declared.drift_table, kind="dynamodb-table")]
        if account.declared.drift_table
        else [],
        **account.declared.names_in_rights(naming),
    }


def _statement(right: Right, values: Values) -> dict[str, Any]:
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Action": [f"{right.service}:{action}" for action in right.actions],
        "Resource": _all(right.resources, values),
    }
    conditions = {key: _all(templates, values) for key, templates in right.conditions}
    return {**statement, "Condition": {"StringEquals": conditions}} if conditions else statement


def _all(templates: Sequence[str], values: Values) -> list[str]:
    return [text for template in templates for text in _expand(template, values)]


def _expand(template: str, values: Values) -> list[str]:
    """One text for each combination of the values that the template names."""
    fields = sorted({field for _, field, _, _ in string.Formatter().parse(template) if field})
    combinations = itertools.product(*(values[field] for field in fields))
    return [template.format(**dict(zip(fields, chosen, strict=True))) for chosen in combinations]


def _never(account: Account) -> list[dict[str, Any]]:
    """The role's own name and the state bucket's fit the patterns above, so that both need a denial."""
    bucket = f"arn:aws:s3:::{account.state_bucket}"
    return [
        {"Effect": "Deny", "Action": list(_SELF_ACTIONS), "Resource": [account.deploy_role_arn]},
        {"Effect": "Deny", "Action": list(_STATE_ACTIONS), "Resource": [bucket, f"{bucket}/*"]},
    ]


def document(statements: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """An IAM policy of these statements."""
    return {"Version": _VERSION, "Statement": list(statements)}
