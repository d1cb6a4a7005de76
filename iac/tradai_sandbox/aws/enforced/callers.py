"""Who calls, and what its policies say, as moto keeps both; what a policy's keys ask of a resource, likewise.

Must never remember a policy longer than its text stays the same.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final, Protocol
from urllib.parse import unquote

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.iam.models import iam_backends
from moto.sts.models import sts_backends

from tradai_iac.iam.policies import Statement, statements
from tradai_sandbox.workloads.identity import SESSIONS

_PARTITION: Final = "aws"


@dataclass(frozen=True)
class Caller:
    """An assumed role: the ARN of its session, the statements of all its policies, and what its calls come with."""

    arn: str
    policies: tuple[Statement, ...]
    context: Mapping[str, Sequence[str]] = field(default_factory=dict)


class Callers(Protocol):
    """What the door asks about identities."""

    account: str

    def caller(self, access_key: str) -> Caller | None:
        """The assumed role with that key; None for everybody else."""

    def bound(self, access_key: str) -> bool:
        """Whether the key is a workload's, which is judged whatever else is; also once its session is over."""

    def trust(self, role_arn: str) -> tuple[Statement, ...] | None:
        """Whom a role lets in; None for a role that is not there."""


class MotoCallers:
    """The roles of the running endpoint."""

    account = DEFAULT_ACCOUNT_ID

    def caller(self, access_key: str) -> Caller | None:
        """As the protocol says; a role that has gone since has no policies."""
        backend = sts_backends[self.account][_PARTITION]
        assumed = next((role for role in reversed(backend.assumed_roles) if role.access_key_id == access_key), None)
        if assumed is None:
            return None
        role = _role(assumed.role_arn)
        return Caller(assumed.arn, _policies(role) if role else (), SESSIONS.context(access_key))

    def bound(self, access_key: str) -> bool:
        """As the protocol says."""
        return SESSIONS.has(access_key)

    def trust(self, role_arn: str) -> tuple[Statement, ...] | None:
        """As the protocol says."""
        role = _role(role_arn)
        return _read(_text(role.assume_role_policy_document), f"the trust of {role.name}") if role else None


def _role(arn: str) -> Any:
    roles = list(iam_backends[arn.split(":")[4]][_PARTITION].roles.values())
    return next((role for role in roles if role.arn == arn), None)


def _policies(role: Any) -> tuple[Statement, ...]:
    inline = [(name, _text(document)) for name, document in list(role.policies.items())]
    managed = [(policy.name, _text(_document(policy))) for policy in list(role.managed_policies.values())]
    return tuple(statement for name, text in (*inline, *managed) for statement in _read(text, name))


def _document(policy: Any) -> Any:
    return next(version.document for version in policy.versions if version.is_default)


def _text(document: str | Mapping[str, Any]) -> str:
    text = document if isinstance(document, str) else json.dumps(document)
    return unquote(text) if text.startswith("%7B") else text


@lru_cache(maxsize=512)
def _read(text: str, of: str) -> tuple[Statement, ...]:
    return statements(json.loads(text), of)
