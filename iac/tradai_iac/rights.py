"""One right of the role that deploys an environment, and the ARN templates that rights share.

Must never name an account, a region or an environment: `accounts` fills those in.
"""

from dataclasses import dataclass
from typing import Final

#: Condition key → templates of the values, one of which it must equal.
Conditions = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Right:
    """Actions of one AWS service on ARN templates; a bare `*` only where the action knows no resource.

    Templates, those of the conditions too, take the fields of `accounts.values_of`. `unless_protected` drops the
    row where the environment protects its data (002 §10), unless the account is told to allow it.
    """

    modules: tuple[str, ...]
    service: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: Conditions = ()
    unless_protected: bool = False


def right(
    modules: str,
    service: str,
    actions: str,
    *resources: str,
    conditions: Conditions = (),
    unless_protected: bool = False,
) -> Right:
    """A row; several modules or actions are separated by spaces."""
    return Right(tuple(modules.split()), service, tuple(actions.split()), resources, conditions, unless_protected)


def services(key: str, names: str) -> Conditions:
    """The condition that a key is one of these AWS services."""
    return ((key, tuple(f"{name}.amazonaws.com" for name in names.split())),)


ANY: Final = "*"
EC2: Final = "arn:aws:ec2:{region}:{account}:*"
ELB: Final = "arn:aws:elasticloadbalancing:{region}:{account}:"
RDS: Final = "arn:aws:rds:{region}:{account}:"
KEYS: Final = "arn:aws:kms:{region}:{account}:key/*"
API: Final = "arn:aws:apigateway:{region}::"
TAGS: Final = "TagResource UntagResource"
OURS: Final = (
    ("aws:ResourceTag/Application", ("{application}",)),
    ("aws:ResourceTag/Environment", ("{environment}",)),
)
TO_BE_OURS: Final = (
    ("aws:RequestTag/Application", ("{application}",)),
    ("aws:RequestTag/Environment", ("{environment}",)),
)
