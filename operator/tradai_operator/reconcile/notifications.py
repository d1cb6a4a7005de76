"""Tells people, beside the loop of an environment, of what waits for them or needs them.

What was told stands in the status, so that another operator does not tell it again; told at least once, since a crash
between the two tells it once more, under the same id. Must never keep the loop waiting, nor fail it, and lets no value
of a Secret out.
"""

import asyncio
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from tradai_iac.secret_refs import SecretKeyRef
from tradai_operator.decide.requests import external_id
from tradai_operator.model import Environment, EnvironmentStatus
from tradai_operator.model.allowlist import NAME, Allowlist, Kind
from tradai_operator.ports import Clock, Cluster, ClusterError, NotDeliveredError, Notifier, Target
from tradai_operator.reconcile.secrets import SecretValues
from tradai_operator.status.delivery import delivered, failed, next_due
from tradai_operator.status.notices import Notice

_PREFIX: Final = "whsec_"
#: Bytes of a signing key.
_SHORTEST: Final = 24


@dataclass(frozen=True)
class _Outcome:
    notice: Notice
    error: str | None


class Notifications:
    """The deliveries of one environment, one at a time; `wake` is called when one is over."""

    def __init__(
        self,
        notifier: Notifier,
        cluster: Cluster,
        clock: Clock,
        allowlist: Callable[[], Allowlist],
        wake: Callable[[], None],
    ) -> None:
        self._notifier = notifier
        self._allowlist = allowlist
        self._cluster = cluster
        self._clock = clock
        self._wake = wake
        self._under_way: asyncio.Task[None] | None = None
        self._over: _Outcome | None = None
        self._taken: _Outcome | None = None

    def take(self, env: Environment, status: EnvironmentStatus) -> EnvironmentStatus:
        """The status with what became of the last delivery."""
        over = self._taken = self._over
        if over is None:
            return status
        now = self._clock.now()
        if over.error:
            return failed(env, status, over.notice, over.error, now)
        return delivered(env, status, over.notice, now)

    def look(
        self, env: Environment, status: EnvironmentStatus, secrets: SecretValues, endpoint_url: str | None
    ) -> float | None:
        """Begins what is due by a status that is written; gives when to look again, seconds since the epoch."""
        if self._over is self._taken:  # it is in the status now
            self._over = self._taken = None
        if env.spec.notify is None or self._under_way or self._over:
            return None
        due = next_due(env, status)
        if due is None:
            return None
        at, notice = due
        if at > self._clock.now():
            return at
        self._under_way = asyncio.create_task(self._tell(env, notice, secrets, endpoint_url))
        return None

    def close(self) -> None:
        """Waits for no answer any more."""
        if self._under_way:
            self._under_way.cancel()
            self._under_way = None

    async def _tell(self, env: Environment, notice: Notice, secrets: SecretValues, endpoint_url: str | None) -> None:
        error: str | None = None
        try:
            target, mask = await self._target(env, endpoint_url), secrets.mask()
            clean = replace(notice, subject=mask(notice.subject), text=mask(notice.text))
            await self._notifier.notify(target, clean)
        except (NotDeliveredError, ClusterError) as refusal:
            error = str(refusal)
        except Exception as bug:  # an adapter's bug is a failure of this delivery, never the end of the loop
            error = type(bug).__name__
        self._under_way, self._over = None, _Outcome(notice, error)
        self._wake()

    async def _target(self, env: Environment, endpoint_url: str | None) -> Target:
        notify, aws = env.spec.notify, env.spec.aws
        if notify is None:
            raise NotDeliveredError("spec.notify is gone")
        url = notify.webhook_url
        if ref := notify.webhook_secret_ref:
            url = await self._value(env.namespace, ref)
        self._check(env, notify.topic_arn, url or "", endpoint_url)
        key = notify.signing_secret_ref
        return Target(
            topic_arn=notify.topic_arn,
            webhook_url=url,
            inside=self._allowlist().names(env.namespace, url or "", endpoint_url),
            signing_key=_signing(await self._value(env.namespace, key), key) if key else None,
            endpoint_url=aws.endpoint_url or endpoint_url,
            assume_role_arn=aws.assume_role_arn,
            external_id=external_id(env),
        )

    async def _value(self, namespace: str, ref: SecretKeyRef) -> str:
        found = await self._cluster.secret(namespace, ref.name)
        value = (found or {}).get(ref.key, "").strip()
        if not value:
            raise NotDeliveredError(f"Secret {ref.name} in namespace {namespace} has no key {ref.key}")
        return value

    def _check(self, env: Environment, topic_arn: str | None, url: str, own: str | None) -> None:
        """Raises NotDeliveredError for a target that the operator's rules do not permit; it does not tell which."""
        kind: Kind = "topic" if topic_arn else "webhook"
        account = env.spec.aws.account_id
        if not self._allowlist().permits(env.namespace, kind, topic_arn or url, account=account, own=own):
            raise NotDeliveredError(
                f"the {kind} of spec.notify is not permitted for namespace {env.namespace}: ask the people who run "
                f"the operator to add it to the ConfigMap {NAME}"
            )


def _signing(text: str, ref: SecretKeyRef) -> bytes:
    """The key as Standard Webhooks write it: base64 after `whsec_`; what has no such beginning is the key itself."""
    if not text.startswith(_PREFIX):
        key = text.encode()
    else:
        try:
            key = b64decode(text.removeprefix(_PREFIX), validate=True)
        except ValueError:
            raise NotDeliveredError(f"key {ref.key} of Secret {ref.name} is not valid base64 after {_PREFIX}") from None
    if len(key) < _SHORTEST:
        raise NotDeliveredError(f"key {ref.key} of Secret {ref.name} is too short: take at least {_SHORTEST} bytes")
    return key
