"""The real bucket: requests signed anew with the run's own credentials, over kept connections.

The way there is boto3's: through the environment's proxy, believing the environment's authorities.

Must never follow the engine's own signature, nor log a header.
"""

import os
import threading
from typing import Any, Final
from urllib.parse import quote

import urllib3
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import BotoCoreError
from botocore.httpsession import ProxyConfiguration, get_cert_path
from botocore.utils import get_environ_proxies

from tradai_iac.sessions import new_session
from tradai_runner.stateport.asked import Asked
from tradai_runner.stateport.sending import UnreachableError
from tradai_runner.stateport.wire import Answer

#: What concerns one connection alone, and the signature that the engine made for the port.
_DROPPED: Final = frozenset(
    {
        *("connection", "keep-alive", "transfer-encoding", "te", "upgrade", "expect", "host", "authorization"),
        *("content-length", "accept-encoding", "user-agent", "x-amz-date", "x-amz-content-sha256"),
        *("x-amz-security-token", "amz-sdk-invocation-id", "amz-sdk-request"),
    }
)
#: By what name the bucket's logs know a port.
CALLER: Final = "tradai-stateport"
_TIMEOUT: Final = urllib3.Timeout(connect=5.0, read=30.0)


def connections(url: str, session: Any) -> urllib3.PoolManager:
    """To that URL, as boto3 would make them; `session` is botocore's."""
    authorities = session.get_config_variable("ca_bundle") or os.environ.get("REQUESTS_CA_BUNDLE")
    words: dict[str, Any] = {"ca_certs": authorities or get_cert_path(verify=True)}
    found = ProxyConfiguration(get_environ_proxies(url))
    if proxy := found.proxy_url_for(url):
        told = found.proxy_headers_for(proxy)
        return urllib3.ProxyManager(proxy, maxsize=8, timeout=_TIMEOUT, retries=False, proxy_headers=told, **words)
    return urllib3.PoolManager(maxsize=8, timeout=_TIMEOUT, retries=False, **words)


class SignedBucket:
    """One bucket, at `endpoint` or where AWS has it."""

    def __init__(self, bucket: str, region: str, endpoint: str | None) -> None:
        session = new_session(region)
        # the client is never called: it knows where AWS has the region's buckets
        client: Any = session.create_client("s3", endpoint_url=endpoint)
        self._base = f"{client.meta.endpoint_url}/{bucket}"
        self._region = region
        self._credentials: Any = session.get_credentials()
        self._pool = connections(self._base, session)
        self._signing = threading.Lock()

    def ask(self, asked: Asked) -> Answer:
        """The bucket's answer; raises UnreachableError where none came, or nobody can sign just now."""
        url = f"{self._base}/{quote(asked.key, safe='/~')}" + (f"?{asked.query}" if asked.query else "")
        headers = {name: value for name, value in asked.headers.items() if name not in _DROPPED}
        headers["user-agent"] = CALLER
        request = AWSRequest(asked.method, url, headers, asked.body or None)
        try:
            with self._signing:
                S3SigV4Auth(self._credentials, "s3", self._region).add_auth(request)
            answer = self._pool.request(
                asked.method,
                url,
                body=asked.body or None,
                headers=dict(request.headers.items()),
                redirect=False,
                decode_content=False,
            )
        except (urllib3.exceptions.HTTPError, BotoCoreError) as error:
            raise UnreachableError(type(error).__name__) from error
        given = {name.lower(): value for name, value in answer.headers.items()}
        return Answer(answer.status, given, answer.data)
