"""What operator and runner may do as themselves: open the states with their key, and step into the deploy role.

Pure. Must never give them anything that the layers are made of: that is the deploy role's.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

#: What the key of the states is used for: the engine wraps a new data key in each run, and unwraps that of the state.
KEY_ACTIONS: Final = ("kms:Decrypt", "kms:Encrypt")
#: How the statements of ours in a bucket's own policy begin to be called.
SID: Final = "TradaiOperator"
#: Bucket and objects apart, as IAM does.
_OF_BUCKET: Final = ("s3:GetBucketVersioning", "s3:ListBucket")
_OF_OBJECTS: Final = ("s3:DeleteObject", "s3:GetObject", "s3:PutObject")
_PRINCIPAL: Final = re.compile(
    r"arn:aws:(?:iam|sts)::(?P<account>\d{12}):(?P<kind>role|user|assumed-role)/(?P<path>.+)"
)

Statement = dict[str, Any]


class Holder(NamedTuple):
    """Whoever takes policies in IAM: `kind` is `role` or `user`, as the command's words have it."""

    kind: str
    name: str


def own_statements(bucket: str, deploy_role_arn: str) -> list[Statement]:
    """The rights on the state bucket, and the step into the role that the layers are deployed with."""
    return [*_on_bucket(bucket), {"Effect": "Allow", "Action": ["sts:AssumeRole"], "Resource": [deploy_role_arn]}]


def bucket_statements(bucket: str, principals: Sequence[str]) -> list[Statement]:
    """The same rights on the bucket, as the bucket's own policy gives them to identities of other accounts."""
    who = {"Principal": {"AWS": list(principals)}}
    named = zip(("Bucket", "Objects"), _on_bucket(bucket), strict=True)
    return [{"Sid": f"{SID}{part}", **statement, **who} for part, statement in named]


def key_statement(key_arn: str) -> Statement:
    """The right to use one key."""
    return {"Effect": "Allow", "Action": list(KEY_ACTIONS), "Resource": [key_arn]}


def holders(arns: Sequence[str], account_id: str) -> tuple[Holder, ...]:
    """Who of them takes policies in that account, each once."""
    return tuple(dict.fromkeys(_holders(arns, account_id)))


def foreigners(arns: Sequence[str], account_id: str) -> tuple[str, ...]:
    """Those of other accounts, which their own account has to let as well."""
    return tuple(arn for arn in dict.fromkeys(arns) if arn.split(":")[4] != account_id)


def _holders(arns: Sequence[str], account_id: str) -> Iterator[Holder]:
    for arn in arns:
        found = _PRINCIPAL.fullmatch(arn)
        if found and found["account"] == account_id:
            yield _holder(found.groupdict())


def _holder(told: Mapping[str, str]) -> Holder:
    """A session's role is the first part of what it is called; others end in their name, after a path."""
    if told["kind"] == "assumed-role":
        return Holder("role", told["path"].split("/")[0])
    return Holder(told["kind"], told["path"].rsplit("/", 1)[-1])


def _on_bucket(bucket: str) -> list[Statement]:
    arn = f"arn:aws:s3:::{bucket}"
    return [
        {"Effect": "Allow", "Action": list(_OF_BUCKET), "Resource": [arn]},
        {"Effect": "Allow", "Action": list(_OF_OBJECTS), "Resource": [f"{arn}/*"]},
    ]
