"""Sessions of deployed roles for workloads, made inside moto, whose calls are always judged by the role's policies.

Must never let a workload be anybody else: nothing of the endpoint's own credentials reaches it, and a key of a session
that is over opens nothing.
"""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from moto.iam.models import iam_backends
from moto.sts.models import sts_backends

#: A key that policies ask for → its values.
Context = Mapping[str, Sequence[str]]

_NOTHING: Final[Context] = {}
_PARTITION: Final = "aws"
_SECONDS: Final = 12 * 3600


class NoRoleError(Exception):
    """The role that a workload was deployed with is not there."""


@dataclass(frozen=True)
class Session:
    """One session of one role."""

    key: str
    assumed: Any
    account: str

    @property
    def variables(self) -> Mapping[str, str]:
        """What a process needs to be the session."""
        return {
            "AWS_ACCESS_KEY_ID": self.key,
            "AWS_SECRET_ACCESS_KEY": self.assumed.secret_access_key,
            "AWS_SESSION_TOKEN": self.assumed.session_token,
        }


class Sessions:
    """The sessions that were made here, those that are over too."""

    def __init__(self) -> None:
        self._keys: dict[str, Context] = {}
        self._turn = threading.Lock()

    def begin(self, role_arn: str, name: str, region: str, context: Context = _NOTHING) -> Session:
        """A session of the role, whose calls come with `context`; raises NoRoleError where the role is gone."""
        account = role_arn.split(":")[4]
        if not any(role.arn == role_arn for role in list(iam_backends[account][_PARTITION].roles.values())):
            raise NoRoleError(f"the role {role_arn} does not exist")
        assumed = sts_backends[account][_PARTITION].assume_role(
            region_name=region,
            role_session_name=name,
            role_arn=role_arn,
            policy="",
            duration=_SECONDS,
            external_id="",
        )
        with self._turn:
            self._keys[assumed.access_key_id] = context
        return Session(assumed.access_key_id, assumed, account)

    def end(self, session: Session) -> None:
        """Its key stays known, and opens nothing any more."""
        with self._turn:
            known = sts_backends[session.account][_PARTITION].assumed_roles
            if session.assumed in known:
                known.remove(session.assumed)

    def has(self, key: str) -> bool:
        """Whether the key is one of these."""
        return key in self._keys

    def context(self, key: str) -> Context:
        """What policies may ask about every call with the key."""
        return self._keys.get(key, _NOTHING)


SESSIONS: Final = Sessions()
