"""The `Notifier` port for real: an SNS topic over boto3, a webhook over HTTP.

Must never show an address in an error (a webhook's may be secret), never call an address that was not looked at, and
never follow a redirect to another one.
"""

import asyncio
import json
import time
from typing import Any, Final

import aiohttp
from yarl import URL

from tradai_operator.adapters.web.addresses import Checked, InsideError, Lookup, system_lookup
from tradai_operator.adapters.web.signing import signed
from tradai_operator.ports import NotDeliveredError, Target
from tradai_operator.status.notices import Notice

_TIMEOUT_SECONDS: Final = 10.0
_WELL: Final = range(200, 300)
_INSIDE: Final = (
    "the webhook's host leads to an address inside the operator's network: use a public one, or ask the people who run "
    "the operator to name that host in full in the allowlist"
)
#: What SNS takes for a subject.
_SUBJECT_LIMIT: Final = 100


class PeopleNotifier:
    """Tells people by what `spec.notify` names."""

    def __init__(self, lookup: Lookup = system_lookup) -> None:
        self._lookup = lookup

    async def notify(self, target: Target, notice: Notice) -> None:
        """Delivers it; raises NotDeliveredError."""
        if target.topic_arn:
            await asyncio.to_thread(_publish, target, target.topic_arn, notice)
        elif target.webhook_url:
            await self._post(target, target.webhook_url, notice)

    async def _post(self, target: Target, address: str, notice: Notice) -> None:
        try:
            url = URL(address)
            async with asyncio.timeout(_TIMEOUT_SECONDS):
                found = await Checked.look(self._lookup, url.raw_host or "", url.port or 0, inside=target.inside)
                status = await _send(url, found, *_message(target, notice))
        except InsideError:
            raise NotDeliveredError(_INSIDE) from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise NotDeliveredError(f"the webhook was not reached: {type(error).__name__}") from None
        if status not in _WELL:
            raise NotDeliveredError(f"the webhook answered {status}")


def _message(target: Target, notice: Notice) -> tuple[bytes, dict[str, str]]:
    """`text` is what chat systems show; the id in header and body lets whoever receives it twice know it."""
    body = json.dumps({**vars(notice), "text": f"{notice.subject}\n{notice.text}"}).encode()
    headers = {"Content-Type": "application/json", "Idempotency-Key": notice.digest}
    if target.signing_key:
        headers |= signed(target.signing_key, notice.digest, int(time.time()), body)
    return body, headers


async def _send(url: URL, addresses: Checked, body: bytes, headers: dict[str, str]) -> int:
    """Calls one of the addresses that were looked at, under the host's own name, and gives its status."""
    connector = aiohttp.TCPConnector(resolver=addresses, use_dns_cache=False)
    async with (
        aiohttp.ClientSession(connector=connector, trust_env=False) as session,
        session.post(url, data=body, headers=headers, allow_redirects=False) as answer,
    ):
        return answer.status


def _publish(target: Target, topic: str, notice: Notice) -> None:
    from botocore.exceptions import BotoCoreError, ClientError  # boto3 takes memory that not every operator needs

    attributes = {name: getattr(notice, name) for name in ("environment", "resource", "kind", "digest")}
    try:
        _client(target, topic).publish(
            TopicArn=topic,
            Subject=notice.subject[:_SUBJECT_LIMIT],
            Message=notice.text,
            MessageAttributes={
                name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
            },
        )
    except (ClientError, BotoCoreError) as error:
        raise NotDeliveredError(f"the topic refused: {error}") from None


def _client(target: Target, topic: str) -> Any:
    """A client of the topic's own region, as the role that the environment is deployed with."""
    import boto3
    from botocore.config import Config

    region = topic.split(":")[3]
    config = Config(connect_timeout=5, read_timeout=_TIMEOUT_SECONDS, retries={"mode": "standard", "max_attempts": 2})
    session: Any = boto3.Session(region_name=region)
    key: dict[str, str] = {}
    if target.assume_role_arn:
        sts = session.client("sts", endpoint_url=target.endpoint_url, config=config)
        extra = {"ExternalId": target.external_id} if target.external_id else {}
        found = sts.assume_role(RoleArn=target.assume_role_arn, RoleSessionName="tradai-notify", **extra)["Credentials"]
        key = {
            "aws_access_key_id": found["AccessKeyId"],
            "aws_secret_access_key": found["SecretAccessKey"],
            "aws_session_token": found["SessionToken"],
        }
    return session.client("sns", endpoint_url=target.endpoint_url, config=config, **key)
