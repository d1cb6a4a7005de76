"""The one door to AWS: clients made once and lazily, calls with their errors told properly.

botocore validates every request against its service model, and retries throttling and server errors. Must
never retry what the endpoint does not implement, and must never talk to anything that is not loopback.
"""

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cached_property
from typing import Any, Final

import botocore.session
from botocore import xform_name
from botocore.client import BaseClient
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.model import OperationModel, Shape

from tradai_sandbox.aws.calls import CALLER_HEADER, PROVIDER
from tradai_sandbox.provider.failures import ApiError, CallError, NotImplementedByEndpointError, ProviderError
from tradai_sandbox.provider.settings import Settings

_POOL: Final = 32
#: A proxy on loopback that records calls (tools/recording); a person's own is for other ways, and never asked.
_HEARD_BY: Final = "TRADAI_AWS_PROXY"
_DOING: Final = ContextVar("doing", default="")


@contextmanager
def doing(what: str) -> Iterator[None]:
    """Lets the endpoint know for what the calls of this thread are made: `create aws:sqs/queue:Queue`."""
    token = _DOING.set(what)
    try:
        yield
    finally:
        _DOING.reset(token)


class Cloud:
    """AWS as one provider configuration sees it. Safe to use from many threads."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._session = botocore.session.Session()
        self._clients: dict[tuple[str, str], BaseClient] = {}
        self._lock = threading.RLock()
        self._cancelled = threading.Event()
        self._keys = (
            settings.access_key or os.environ.get("AWS_ACCESS_KEY_ID", "sandbox"),
            settings.secret_key or os.environ.get("AWS_SECRET_ACCESS_KEY", "sandbox"),
            settings.token or os.environ.get("AWS_SESSION_TOKEN"),
        )
        for role in settings.assume_roles:
            self._assume(role.model_dump(exclude_none=True))

    def call(self, service: str, operation: str, region: str = "", /, **params: Any) -> dict[str, Any]:
        """One API call by its AWS name (`CreateQueue`); raises a ProviderError that says what AWS said."""
        client = self.client(service, region)
        shown = str(client.meta.service_model.metadata.get("serviceId", service))
        try:
            answer: dict[str, Any] = getattr(client, xform_name(operation))(**params)
        except ClientError as error:
            raise ApiError(shown, operation, error) from error
        except BotoCoreError as error:
            raise CallError(shown, operation, error) from error
        return answer

    def pages(self, service: str, operation: str, region: str = "", **params: Any) -> Iterator[dict[str, Any]]:
        """All pages of a listing call; raises as `call` does."""
        client = self.client(service, region)
        try:
            yield from client.get_paginator(xform_name(operation)).paginate(**params)
        except ClientError as error:
            raise ApiError(service, operation, error) from error

    def wait(self, service: str, waiter: str, region: str = "", **params: Any) -> None:
        """Waits by botocore's own waiter (`db_instance_available`) until a resource is ready."""
        limits = {"Delay": 1, "MaxAttempts": 3600}
        try:
            self.client(service, region).get_waiter(waiter).wait(WaiterConfig=limits, **params)
        except BotoCoreError as error:
            raise CallError(service, waiter, error) from error

    def pause(self, seconds: float) -> None:
        """Waits a little between two questions; raises ProviderError once the engine has called everything off."""
        if self._cancelled.wait(seconds):
            raise ProviderError("called off by the engine")

    def cancel(self) -> None:
        """Ends all waiting, now and later."""
        self._cancelled.set()

    def model(self, service: str, operation: str) -> OperationModel:
        """botocore's model of an operation."""
        found: OperationModel = self.client(service).meta.service_model.operation_model(operation)
        return found

    def input_shape(self, service: str, operation: str) -> Shape:
        """The shape of a request."""
        shape = self.model(service, operation).input_shape
        if shape is None:
            raise ProviderError(f"{service} {operation} takes no parameters")
        return shape

    def client(self, service: str, region: str = "") -> BaseClient:
        """The client of a service, made at first use."""
        key = (service, region or self.settings.region)
        found = self._clients.get(key)
        if found is None:
            with self._lock:
                found = self._clients.get(key) or self._make(*key)
                self._clients[key] = found
        return found

    @cached_property
    def account_id(self) -> str:
        """The account that the credentials belong to."""
        return str(self.call("sts", "GetCallerIdentity")["Account"])

    def check_account(self) -> None:
        """Raises ProviderError where the credentials belong to an account that is not allowed."""
        allowed, forbidden = self.settings.allowed_account_ids, self.settings.forbidden_account_ids
        if (allowed and self.account_id not in allowed) or self.account_id in forbidden:
            raise ProviderError(
                f"AWS account ID not allowed: {self.account_id}, account ids not allowed by the provider"
            )

    def _make(self, service: str, region: str) -> BaseClient:
        key, secret, token = self._keys
        client: BaseClient = self._session.create_client(
            service,
            region_name=region,
            endpoint_url=self.settings.endpoint(service),
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            aws_session_token=token,
            config=self._config(),
        )
        client.meta.events.register_first("needs-retry", _refuse_to_retry_the_unimplemented)
        client.meta.events.register("before-call", _say_for_what)
        return client

    def _config(self) -> Config:
        return Config(
            retries={"mode": self.settings.retry_mode, "total_max_attempts": self.settings.max_retries},
            max_pool_connections=_POOL,
            s3={"addressing_style": "path" if self.settings.s3_use_path_style else "auto"},
            proxies={"http": heard_by} if (heard_by := os.environ.get(_HEARD_BY)) else {},
            connect_timeout=10,
            read_timeout=120,
        )

    def _assume(self, role: Mapping[str, Any]) -> None:
        wanted = {"RoleArn": role["role_arn"], "RoleSessionName": role["session_name"]}
        if "external_id" in role:
            wanted["ExternalId"] = role["external_id"]
        given = self.call("sts", "AssumeRole", **wanted)["Credentials"]
        self._keys = (given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
        self._clients.clear()


def _say_for_what(params: dict[str, Any], **_: Any) -> None:
    params["headers"][CALLER_HEADER] = f"{PROVIDER} {_DOING.get()}".rstrip()


def _refuse_to_retry_the_unimplemented(response: Any, operation: OperationModel, **_: Any) -> None:
    """A page or plain text instead of an API answer means a hole in the local endpoint, which no retry fills."""
    if response is None:
        return
    http, _parsed = response
    kind = http.headers.get("content-type", "")
    if http.status_code == 501 or (http.status_code == 500 and kind.startswith(("text/html", "text/plain"))):
        raise NotImplementedByEndpointError(
            f"operation error {operation.service_model.service_id}: {operation.name}, api error "
            "NotImplemented: the local endpoint does not implement it, or broke in it"
        )
